package cherrypick

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
)

// State is how far a pick has come, as the status comment says it.
type State string

// The states.
const (
	Waiting    State = "waiting"    // for the merge of its source
	Withdrawn  State = "withdrawn"  // nobody asks for it any more
	Ignored    State = "ignored"    // only somebody asked who may not
	Unmerged   State = "unmerged"   // the source was closed
	Open       State = "open"       // there is a pull request
	Clashed    State = "conflict"   // there is a draft, or an issue
	Merged     State = "merged"     // the pick is on the branch
	Closed     State = "closed"     // its pull request was closed
	Contained  State = "contained"  // the branch has the change already
	Taken      State = "taken"      // somebody's own branch has the pick's name
	Refused    State = "refused"    // GitHub didn't take the push
	Impossible State = "impossible" // there is nothing to pick, or nowhere to pick it to
	LeftOut    State = "left out"   // the policy leaves out all that it changes
	Queued     State = "queued"     // it waits for the pick onto a newer branch
	Stopped    State = "stopped"    // that one was closed
	ByHand     State = "by hand"    // somebody has opened a pull request that is the pick
	Retargeted State = "retargeted" // the base of its pull request was changed to another branch
)

// fails reports a state that whoever asked has to do something about.
func (s State) fails() bool {
	switch s {
	case Clashed, Taken, Refused, Impossible, Retargeted, LeftOut, Stopped:
		return true
	}
	return false
}

// Record is what Slipway remembers of one pick, sealed in its part of the status
// comment.
type Record struct {
	State State `json:"state"`
	// The newest request by a command; that of a label has no record.
	By    string    `json:"by,omitempty"`
	ByID  int64     `json:"by_id,omitempty"`
	At    time.Time `json:"at,omitzero"`
	Asked string    `json:"asked,omitempty"`
	// Forced is the request that doesn't wait for its turn.
	Forced string `json:"forced,omitempty"`
	// Done is the request whose outcome State is: Asked, or label/ID of the event
	// that set the label.
	Done string `json:"done,omitempty"`
	PR   int    `json:"pr,omitempty"`
	// Extras is the pull request or issue that labels and the like were put on,
	// Checked the one of which it was seen what they lack.
	Extras  int      `json:"extras,omitempty"`
	Checked int      `json:"checked,omitempty"`
	Lacks   []string `json:"lacks,omitempty"`
	Issue   int      `json:"issue,omitempty"`
	// Needed is that the command asked for what the pick needs, too; For is the source that
	// needs this one, which was asked for so.
	Needed *Needed `json:"needed,omitempty"`
	For    int     `json:"for,omitempty"`
	// Told is what whoever asked was last told in a comment of its own: the request, and what
	// became of it.
	Told string `json:"told,omitempty"`
	// StandIn is, ByHand, somebody's pull request in the place of ours.
	StandIn StandIn `json:"stand_in,omitzero"`
	// Commit is the source where that has no pull request, and Base the branch that it is on.
	Commit string `json:"commit,omitempty"`
	Base   string `json:"base,omitempty"`
	// Gone is the pull request whose branch was seen to be gone after it.
	Gone int `json:"gone,omitempty"`
}

// PullRecord is sealed in the text of a pick's pull request.
type PullRecord struct {
	Commit  string             `json:"commit"` // as Slipway pushed it
	Outcome effect.PickOutcome `json:"outcome"`
	Source  string             `json:"source,omitempty"` // the last commit that was picked
	Files   []string           `json:"files,omitempty"`  // in conflict
	Rest    int                `json:"rest,omitempty"`   // how many commits were not tried
	Asked   string             `json:"asked"`            // the request that it was made for
	Onto    string             `json:"onto,omitempty"`   // the target's commit then
	Needs   []NeedRef          `json:"needs,omitempty"`  // what it was found to need
	Anew    bool               `json:"anew,omitempty"`   // it was made anew once that was there
	Left    []string           `json:"left,omitempty"`   // paths that were left out
	Like    Followed           `json:"like,omitzero"`    // whose resolution it proposes
	Tried   []int              `json:"tried,omitempty"`  // the merged picks whose resolutions were compared with it
}

// The marks: of the status comment, of a pick's part in it, of a pick's pull
// request and of its issue.
func statusMark(source int) effect.Mark {
	return effect.Mark{Kind: "picks", ID: fmt.Sprint(source)}
}

func partMark(branch string) effect.Mark { return effect.Mark{Kind: "pick", ID: branch} }

func pullMark(source int, branch string) effect.Mark {
	return effect.Mark{Kind: "pick-pull", ID: fmt.Sprintf("%d/%s", source, branch)}
}

// toldMark is that of the comment that tells whoever asked what has become of it.
func toldMark(source int, branch, told string) effect.Mark {
	return effect.Mark{Kind: "picks", ID: fmt.Sprintf("%d/%s/%s", source, branch, told)}
}

func issueMark(source int, branch string) effect.Mark {
	return effect.Mark{Kind: "pick-issue", ID: fmt.Sprintf("%d/%s", source, branch)}
}

// unseal reads a record that carries a mark; ok is false for anything else.
func unseal[T any](s effect.Sealer, at effect.Place, m effect.Mark, text string) (record T, ok bool) {
	r := s.Unseal(at, text)
	if r.Authenticity == effect.Tampered || r.Mark != m {
		return record, false
	}
	return record, json.Unmarshal(r.JSON, &record) == nil
}

func marshal(record any) json.RawMessage {
	raw, err := json.Marshal(record)
	if err != nil {
		panic(err) // texts, numbers and times always have a JSON
	}
	return raw
}
