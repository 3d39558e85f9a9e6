// Package replay is the past of a project as events: what a clone tells of merges, branches and tags is read, put in the order of
// time, and what the program said of each change is counted and told.
//
//	history.go  a history, and the events that it is made of: pure
//	plans.go    the tracking issues that are assumed to have been: pure
//	read.go     reads a history from a clone
//	outcome.go  what the program said of a change
//	figures.go  what came of all, in sections: pure
//	caught.go   of these: what would have been caught, held back and warned of
//	costs.go    and what it cost: time, freezes, steps, requests
//	text.go     the report for a terminal
//	page.go     the report as a page
//
// Who plays the events to the running program is cmd/slipway.
package replay
