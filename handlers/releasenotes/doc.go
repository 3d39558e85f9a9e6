// Package releasenotes holds changes to bringing a release note: the check
// slipway/release-notes on every open pull request of a governed branch, once the
// policy says where notes stand.
package releasenotes
