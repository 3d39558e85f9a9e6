package freeze

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// markKind is the kind of the mark in a freeze issue's body; its id is the call
// that asked for the freeze.
const markKind = "freeze"

// Record is what Slipway writes into a freeze issue, sealed, and reads back.
type Record struct {
	Branch release.Branch `json:"branch"`
	By     string         `json:"by"` // login, for people
	ByID   int64          `json:"by_id"`
	Since  time.Time      `json:"since"`
	Opened time.Time      `json:"opened"` // when the issue was
	Reason string         `json:"reason,omitempty"`
	Asked  string         `json:"asked"` // the call that asked for it: Call.Asked
	Thaw   *Thaw          `json:"thaw,omitempty"`
}

// Thaw is how a freeze ended.
type Thaw struct {
	By    string    `json:"by"`
	ByID  int64     `json:"by_id"`
	At    time.Time `json:"at"`
	Asked string    `json:"asked"`
}

// Freeze is one freeze as an issue shows it.
type Freeze struct {
	Record
	Issue int
	URL   string
	// Altered says that the record isn't as Slipway sealed it: it was edited by
	// hand, copied from elsewhere, or not yet written. Nobody knows then what
	// is frozen, so all is, until a release manager says it anew.
	Altered bool
}

// Freezes returns true when the freeze holds for a branch.
func (f Freeze) Freezes(b release.Branch) bool { return f.Altered || f.Branch == b }

// newborn is how soon after its opening an issue gets its number sealed in. A
// record without a number that stands in an older issue was copied there.
const newborn = 10 * time.Minute

// read makes a Freeze of an issue that Slipway wrote; ok is false for one that
// is something else. All that Slipway writes into issues is sealed, so one that
// doesn't verify may have been a freeze, whatever it looks like now.
func read(s effect.Sealer, repoID int64, i github.Issue) (f Freeze, ok bool) {
	f = Freeze{Issue: i.Number, URL: i.URL, Altered: true}
	r := s.Unseal(effect.Place{Repo: repoID, Number: i.Number}, i.Body)
	if r.Standing != effect.Altered && r.Mark.Kind != markKind {
		return Freeze{}, false
	}
	var record Record
	intact := r.Standing != effect.Altered && json.Unmarshal(r.JSON, &record) == nil && r.Mark.ID == record.Asked
	if intact && r.Standing == effect.Unbound {
		age := i.CreatedAt.Sub(record.Opened)
		intact = age > -newborn && age < newborn
	}
	if intact {
		f.Altered, f.Record = false, record
		return f, true
	}
	// What its title says serves only to find it again for a repair; the gate
	// doesn't believe it.
	if branch, titled := strings.CutPrefix(i.Title, titlePrefix); titled {
		f.Record = Record{Branch: release.Branch(branch)}
	}
	return f, true
}

func readAll(s effect.Sealer, repoID int64, issues []github.Issue) []Freeze {
	freezes := make([]Freeze, 0, len(issues))
	for _, i := range issues {
		if f, ok := read(s, repoID, i); ok {
			freezes = append(freezes, f)
		}
	}
	return freezes
}

// issue is the freeze as the issue that it is on GitHub.
func (r Record) issue(c command.Call, number int, labels []string) (effect.Issue, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return effect.Issue{}, fmt.Errorf("freeze record of %s: %w", r.Branch, err)
	}
	e := effect.Issue{
		Repo: c.Repo, RepoID: c.RepoID, Number: number, State: github.Open,
		Mark:  effect.Mark{Kind: markKind, ID: r.Asked},
		Title: titlePrefix + string(r.Branch), Text: issueText(r),
		Record: raw, Labels: labels,
	}
	if r.Thaw != nil {
		e.State = github.Closed
	}
	return e, nil
}
