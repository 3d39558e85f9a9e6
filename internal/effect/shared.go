package effect

import (
	"encoding/json"
	"fmt"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// SharedIssue keeps our parts of an issue that people write in, too: blocks
// between two marks, and the lines of a checklist, each with a mark of its own.
// All other text is people's, and stays where and as it is. The parts are laid
// into the text that is there when it is written, whatever the decision saw.
//
// With Number 0 it is the issue whose sealed record carries the mark, and is
// opened if there is none, with Begin as what people find in it.
type SharedIssue struct {
	Repo   github.Repo
	RepoID int64
	Number int
	Mark   Mark
	// Rev is the version of the record that the decision was made on, and Seen that
	// record as it stood there, if it is known. A record that is newer by now, or
	// another one of that version, is left alone, with an error. An older one is
	// somebody's edit.
	Rev    int
	Seen   json.RawMessage
	Record json.RawMessage
	// Short is the record with its texts cut, for an issue that has no room for more.
	Short  json.RawMessage
	State  github.State // as of Issue
	Title  string       // when it is opened; later it is people's
	Labels []string     // added if missing
	Begin  string       // the text of a new issue, with places for the parts
	// Intact is what the issue said when it was last written by us; "" if nobody
	// remembers. A text in which nothing of ours is left is made of it, or of Begin.
	Intact string
	Parts  Parts
	// Lost are people's lines that a write of ours undid, to be put back.
	Lost []Hunk
}

// Parts are what is ours in a text that people write in.
type Parts struct {
	Blocks []TextBlock
	Items  []Item
}

// TextBlock is a part of a text that is all ours.
type TextBlock struct {
	Name string // of small letters and dashes
	Text string
	// Short stands in the block's place where the text would be longer than GitHub
	// takes; "" leaves it whole.
	Short string
}

// Item is one line of a checklist. People may move it, indent it and write
// around it; its box and its text are ours.
type Item struct {
	ID   string // of small letters, digits and dashes
	Text string // on one line
	// Short is the text where there is no room for more; "" leaves it whole.
	Short string
	// Was is the text that people found. What they wrote into it is kept behind the
	// mark; "" keeps nothing.
	Was string
	Box Box
	// After is the item that it comes after, should it be missing; "" for the first.
	After string
	// Gone leaves an item away that somebody has deleted.
	Gone bool
	// Away takes the line of such an item away, too: it stands in a text from before that.
	Away bool
}

// Box is what becomes of an item's box.
type Box int

// What may become of it.
const (
	Keep Box = iota // as it is
	Ticked
	Unticked
)

// Key implements Effect.
func (e SharedIssue) Key() string { return fmt.Sprintf("shared %s#%d %s", e.Repo, e.Number, e.Mark) }

// String implements Effect.
func (e SharedIssue) String() string {
	switch {
	case e.State == github.Closed:
		return fmt.Sprintf("close issue %s#%d: %s", e.Repo, e.Number, e.Title)
	case e.Number != 0:
		return fmt.Sprintf("issue %s#%d: %s", e.Repo, e.Number, e.Title)
	}
	return fmt.Sprintf("open issue in %s: %s", e.Repo, e.Title)
}

func (SharedIssue) sealed() {}

// Issue is the same as an issue of ours alone, for what both have in common.
func (e SharedIssue) Issue() Issue {
	return Issue{Repo: e.Repo, RepoID: e.RepoID, Number: e.Number, Mark: e.Mark, State: e.State, Title: e.Title, Record: e.Record, Labels: e.Labels}
}

// BlockPlace is where a block stands in a new text.
func BlockPlace(name string) string { return beginMark(name) + "\n" + endMark(name) }

// ItemPlace is where an item stands in a new text, unticked.
func ItemPlace(id string) string { return "- [ ] " + itemMark(id) }

func beginMark(name string) string { return "<!-- slipway-part:" + name + " -->" }
func endMark(name string) string   { return "<!-- /slipway-part:" + name + " -->" }
func itemMark(id string) string    { return "<!-- slipway-step:" + id + " -->" }
