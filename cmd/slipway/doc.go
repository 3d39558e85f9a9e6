// Command slipway is the GitHub App that keeps release branches honest, with
// the demo that shows it at work against a stand-in for GitHub.
package main
