package freeze

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// markKind is the kind of the mark in a freeze issue's body; its id is the branch.
const markKind = "freeze"

// Record is what Slipway writes into a freeze issue, sealed, and reads back.
type Record struct {
	Branch release.Branch `json:"branch"`
	By     string         `json:"by"` // login, for people
	ByID   int64          `json:"by_id"`
	Since  time.Time      `json:"since"`
	Reason string         `json:"reason,omitempty"`
	Asked  string         `json:"asked"` // the call that asked for it: Call.Ref
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

// read makes a Freeze of an issue that Slipway wrote.
func read(s effect.Sealer, repoID int64, i github.Issue) Freeze {
	f := Freeze{Issue: i.Number, URL: i.URL, Altered: true}
	found, ok := s.Unseal(effect.Place{Repo: repoID, Number: i.Number}, markKind, i.Body)
	if !ok {
		return f
	}
	if found.Valid && json.Unmarshal(found.JSON, &f.Record) == nil && found.ID == string(f.Record.Branch) {
		f.Altered = false
		return f
	}
	// What an altered record says of its branch serves only to find it again
	// for a repair; the gate doesn't believe it.
	f.Record = Record{Branch: release.Branch(found.ID)}
	return f
}

func readAll(s effect.Sealer, repoID int64, issues []github.Issue) []Freeze {
	freezes := make([]Freeze, 0, len(issues))
	for _, i := range issues {
		freezes = append(freezes, read(s, repoID, i))
	}
	return freezes
}

// issue is the freeze as the issue that it is on GitHub.
func (r Record) issue(repo github.Repo, number int, label string) (effect.Issue, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return effect.Issue{}, fmt.Errorf("freeze record of %s: %w", r.Branch, err)
	}
	e := effect.Issue{
		Repo: repo, Number: number, State: github.Open,
		Mark:  effect.Mark{Kind: markKind, ID: string(r.Branch)},
		Title: titlePrefix + string(r.Branch), Text: issueText(r),
		Record: raw, Labels: []string{label},
	}
	if r.Thaw != nil {
		e.State = github.Closed
	}
	return e, nil
}
