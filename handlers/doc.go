// Package handlers is the table of contents: which capabilities Slipway has,
// in which order, and which sections of the policy they declare.
package handlers
