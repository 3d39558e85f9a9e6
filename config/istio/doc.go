// Package istio is Istio's policy as it ships, for what plays releases on it.
//
//	policy.go    slipway.yml, whole, and cut for a stand-in with fewer repositories
//	slipway.yml  the policy
package istio
