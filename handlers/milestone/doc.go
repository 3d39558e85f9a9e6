// Package milestone is the check slipway/milestone: a pull request on a release
// branch names the milestone of its release. It is off unless the policy asks for it.
//
// It is also how a gate is written: CONTRIBUTING.md walks through it.
//
//	milestone.go  the settings, the facts, the judgement, the texts
package milestone
