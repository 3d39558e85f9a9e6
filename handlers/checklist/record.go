package checklist

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// markKind is the kind of the mark in a tracking issue's text; its id is the call
// that started the release.
const markKind = "release"

// Record is what Slipway writes into a tracking issue, sealed, and reads back.
type Record struct {
	// Rev counts the record's versions.
	Rev      int                     `json:"rev"`
	Repo     int64                   `json:"repo"`
	Number   int                     `json:"number,omitempty"` // 0 in an issue that hadn't got one
	Asked    string                  `json:"asked"`            // Call.Asked of the command
	Version  string                  `json:"version"`          // the final one: 1.31.0, 1.31.4
	Cut      release.Date            `json:"cut,omitzero"`
	Release  release.Date            `json:"release"`
	Moved    map[string]release.Date `json:"moved,omitempty"` // days that were set by themselves
	Managers []string                `json:"managers,omitempty"`
	By       string                  `json:"by"`
	ByID     int64                   `json:"by_id"`
	Opened   time.Time               `json:"opened"`
	// Steps are those that aren't open, and those that were opened again by hand.
	Steps map[string]State `json:"steps,omitempty"`
	End   *End             `json:"end,omitempty"`
	// Candidate is the newest release candidate that was seen, and CandidateAt when it
	// was seen first.
	Candidate   string    `json:"candidate,omitempty"`
	CandidateAt time.Time `json:"candidate_at,omitzero"`
	// Out says that the tag of the release itself was seen.
	Out bool `json:"out,omitempty"`
	// Told is the digest of what other capabilities were told of (schedule.go).
	Told string `json:"told,omitempty"`
	// Said is when somebody last set a day, or the release managers, by their names.
	Said map[string]time.Time `json:"said,omitempty"`
	// Blockers are those that were seen, so that one which somebody takes off is missed, and
	// Freed those that a release manager has let go.
	Blockers []Seen        `json:"blockers,omitempty"`
	Freed    []facts.Freed `json:"freed,omitempty"`
	// Calls are the last commands that changed it.
	Calls []Heard `json:"calls,omitempty"`
}

// Heard is a command that did its work, and what was answered: worked again, it is
// answered the same.
type Heard struct {
	Asked string `json:"asked"`
	Reply string `json:"reply"`
}

// Seen is a blocker that was seen.
type Seen struct {
	Repo   string `json:"repo,omitempty"` // its name; "": that of the tracking issue
	Number int    `json:"n"`
	// Told is the event by which it was taken off, of which people were told; 0 for none.
	Told int64 `json:"told,omitempty"`
}

// Status is what has become of a step.
type Status int

// The statuses.
const (
	StepOpen Status = iota
	StepDone
	StepSkipped
	StepDropped // a release manager deleted its line
)

// State is how a step stands, and whose word that is.
type State struct {
	Status `json:"-"`
	By     string    `json:"by,omitempty"` // who said so; "" for evidence, and for what nobody has said anything of
	ByID   int64     `json:"by_id,omitempty"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
	// Evidence is what was found, in a few words, and where.
	Evidence string `json:"evidence,omitempty"`
	URL      string `json:"url,omitempty"`
	// More are the addresses of the same in other repositories, with spaces between.
	More string `json:"more,omitempty"`
	// Candidate is the release candidate for which the step was settled, of a step
	// that each new one opens again.
	Candidate string `json:"candidate,omitempty"`
}

// links are the addresses of the evidence.
func (s State) links() []string { return strings.Fields(s.URL + " " + s.More) }

// settled reports whether nothing is left to do for the step.
func (s Status) settled() bool { return s != StepOpen }

// ticked reports whether the step's box is.
func (s Status) ticked() bool { return s == StepDone || s == StepSkipped }

// byHand reports whether it is somebody's word that the step stands so, which
// evidence doesn't change.
func (s State) byHand() bool { return s.By != "" }

// sealedState is a State as records have it: they were sealed so before a status
// was one thing, and are read by programs of before and after that.
type sealedState struct {
	Done    bool `json:"done,omitempty"`
	Skipped bool `json:"skipped,omitempty"`
	Dropped bool `json:"dropped,omitempty"`
	*plainState
}

type plainState State // without its methods

// MarshalJSON implements json.Marshaler.
func (s State) MarshalJSON() ([]byte, error) {
	return json.Marshal(sealedState{s.Status == StepDone, s.Status == StepSkipped, s.Status == StepDropped, (*plainState)(&s)})
}

// UnmarshalJSON implements json.Unmarshaler. A record that says several things of a
// step, which none of ours does, means the last of them.
func (s *State) UnmarshalJSON(raw []byte) error {
	*s = State{}
	in := sealedState{plainState: (*plainState)(s)}
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	switch {
	case in.Dropped:
		s.Status = StepDropped
	case in.Skipped:
		s.Status = StepSkipped
	case in.Done:
		s.Status = StepDone
	}
	return nil
}

// End is how a release was closed.
type End struct {
	By     string    `json:"by"`
	ByID   int64     `json:"by_id"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
	Asked  string    `json:"asked,omitempty"` // Call.Asked; "" when the issue was closed by hand
}

// maxCalls is how many commands a record remembers.
const maxCalls = 5

// Tracker is one tracking issue as it stands.
type Tracker struct {
	Record
	Version release.Version
	Issue   github.Issue
	Sealed  json.RawMessage // the record as it stands in the issue
	Behind  bool            // somebody has put another text in its place, with an older record or none
}

// read makes a Tracker of an issue that Slipway wrote; ok is false for one that
// is something else, or whose record nobody can believe.
func read(s effect.Sealer, scheme release.Scheme, repoID int64, i github.Issue) (t Tracker, ok bool) {
	is := effect.ReadIssue[Record](s, markKind, repoID, i, true)
	if is.JSON == nil {
		return t, false
	}
	v, err := scheme.Recorded(is.Record.Version)
	behind := string(s.Find(effect.Place{Repo: repoID, Number: i.Number}, i.Body).JSON) != string(is.JSON)
	return Tracker{Record: is.Record, Version: v, Issue: i, Sealed: is.JSON, Behind: behind}, err == nil
}

// reached is what the tags of the home repository have shown of the release.
func (r Record) reached() release.Reached {
	return release.Reached{Candidate: r.Candidate != "", Out: r.Out}
}

// schedule is the record's, by a template.
func (r Record) schedule(t Template) release.Schedule {
	return release.Schedule{Milestones: t.milestones(), Cut: r.Cut, Release: r.Release, Moved: r.Moved}
}

// revised is the record with a change, in its next version.
func (r Record) revised(change func(*Record)) Record {
	r.Moved, r.Steps, r.Calls, r.Said = maps.Clone(r.Moved), maps.Clone(r.Steps), slices.Clone(r.Calls), maps.Clone(r.Said)
	if r.Steps == nil {
		r.Steps = map[string]State{}
	}
	if r.Moved == nil {
		r.Moved = map[string]release.Date{}
	}
	change(&r)
	r.Rev++
	return r
}

// heard notes a command, so that it is known when it is worked again.
func (r *Record) heard(asked, reply string) {
	r.Calls = append(r.Calls, Heard{asked, effect.Cut(reply, maxReply)})
	r.Calls = r.Calls[max(len(r.Calls)-maxCalls, 0):]
}

// maxReply is how much of an answer is kept, in characters.
const maxReply = 2000

// answered is what a command was answered, if it did its work in an earlier try.
func (r Record) answered(asked string) (reply string, ok bool) {
	for _, h := range r.Calls {
		if h.Asked == asked {
			return h.Reply, true
		}
	}
	return "", false
}

// maxShort is how much of a reason or an answer is kept where there is no room.
const maxShort = 60

// shortened is the record with its texts cut, for an issue that has no room for
// more: reasons first of all, and what was answered to commands.
func (r Record) shortened() Record {
	r.Steps, r.Calls, r.Freed = maps.Clone(r.Steps), slices.Clone(r.Calls), slices.Clone(r.Freed)
	for i := range r.Freed {
		r.Freed[i].Reason = effect.Cut(r.Freed[i].Reason, maxShort)
	}
	for id, s := range r.Steps {
		s.Reason, s.Evidence = effect.Cut(s.Reason, maxShort), effect.Cut(s.Evidence, maxShort)
		r.Steps[id] = s
	}
	for i := range r.Calls {
		r.Calls[i].Reply = effect.Cut(r.Calls[i].Reply, maxShort)
	}
	return r
}

// marshal is the record's JSON.
func (r Record) marshal() json.RawMessage {
	raw, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts, numbers and times always have a JSON
	}
	return raw
}
