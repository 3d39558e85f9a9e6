package freeze

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// markKind is the kind of the mark in a freeze issue's body; its id is the call
// that asked for the freeze, or the window.
const markKind = "freeze"

// Record is what Slipway writes into a freeze issue, sealed, and reads back.
type Record struct {
	// Rev counts the record's versions: an older one that somebody put back, from
	// the history of the issue's edits, is known by it.
	Rev int `json:"rev"`
	// Repo and Number are where the record stands, so that an issue which was
	// moved here from another repository is known as that. Number is 0 in an issue
	// that hadn't got one.
	Repo   int64  `json:"repo"`
	Number int    `json:"number,omitempty"`
	Asked  string `json:"asked"`            // Call.Asked of the command, or "window/NAME", "milestones/VERSION/NAME", "days/DAY/NAME"
	Window string `json:"window,omitempty"` // its name in the policy
	// Of a window that follows milestones: the version whose dates it follows, the
	// tracking issue that has them, and how the policy puts its beginning and end.
	Release string `json:"release,omitempty"`
	Plan    string `json:"plan,omitempty"`
	PlanURL string `json:"plan_url,omitempty"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	Day     string `json:"day,omitempty"` // of a window that comes again: when it begins this time, like 2026-08-21, or of a calendar 2026-08-21T15:00:00Z
	// Of a window that holds only some pull requests: what they change, or carry.
	Paths    []string `json:"paths,omitempty"`
	Labels   []string `json:"labels,omitempty"`
	Owners   []string `json:"owners,omitempty"` // teams that decide about it, in the place of the release managers
	Branches []string `json:"branches"`         // names; of a window by instants, patterns
	// All says that it holds every governed branch, those cut later, too; Branches are then
	// those that upkeep knows of.
	All   bool      `json:"all,omitempty"`
	By    string    `json:"by,omitempty"` // login, for people
	ByID  int64     `json:"by_id,omitempty"`
	Since time.Time `json:"since"`
	// SetAt is when it was asked for, if it was to begin later.
	SetAt      time.Time   `json:"set_at,omitzero"`
	Until      time.Time   `json:"until,omitzero"` // zero: until somebody thaws it
	Reason     string      `json:"reason,omitempty"`
	Opened     time.Time   `json:"opened"` // when the issue was
	Thaws      []Thaw      `json:"thaws,omitempty"`
	End        *Thaw       `json:"end,omitempty"` // all of it is over
	Exemptions []Exemption `json:"exemptions,omitempty"`
	// Former is the issue that this one took the place of, which was deleted or
	// moved away.
	Former int `json:"former,omitempty"`
	// Mends says that the issue's record couldn't be read before, which had held
	// back every branch.
	Mends bool `json:"mends,omitempty"`
	// Noticed is the last edge, and NoticedThaws the number of thaws of single
	// branches, that have reached the pull requests and the people.
	Noticed      Edge `json:"noticed,omitempty"`
	NoticedThaws int  `json:"noticed_thaws,omitempty"`
}

// Thaw is how a freeze ended, for one of its branches or as a whole. Without a
// By it ended by itself.
type Thaw struct {
	Branch release.Branch `json:"branch,omitempty"`
	By     string         `json:"by,omitempty"`
	ByID   int64          `json:"by_id,omitempty"`
	At     time.Time      `json:"at"`
	Asked  string         `json:"asked,omitempty"` // Call.Asked; "" when the issue was closed by hand
	Why    string         `json:"why,omitempty"`   // it ended by itself, and sooner: a phrase
}

// Exemption lets one commit of one pull request through one freeze.
type Exemption struct {
	Number int            `json:"number"` // of the pull request
	Branch release.Branch `json:"branch"` // its base: another has other release managers
	Commit string         `json:"commit"` // its head, which alone is exempt
	By     string         `json:"by"`
	ByID   int64          `json:"by_id"`
	At     time.Time      `json:"at"`
	Until  time.Time      `json:"until"`
	Reason string         `json:"reason"`
	Asked  string         `json:"asked"`
}

// covers reports whether the exemption holds for a pull request as it is now.
func (e Exemption) covers(pr github.PullRequest, now time.Time) bool {
	return e.Number == pr.Number && e.Branch == pr.Base && e.Commit == pr.Head && now.Before(e.Until)
}

// Edge is the beginning or the end of a freeze.
type Edge string

// The edges; the zero Edge is before them.
const (
	Set   Edge = "set" // to begin later
	Began Edge = "began"
	Ended Edge = "ended"
)

// Freeze is one freeze as it stands: an issue's, or a window's that has no
// issue yet.
type Freeze struct {
	Record
	Issue int // 0 while there is none
	URL   string
	Title string // as the issue shows it
	Body  string
	State github.State
	Shown []string // its labels
	// Tampered says that the record isn't as Slipway sealed it and nobody
	// remembers how it was. Nobody knows then what is frozen, so all is, until a
	// release manager says it anew.
	Tampered bool
	// Edited says that somebody changed the body by hand; Record is what Slipway
	// wrote last.
	Edited bool
	// Exceptions are what a window lets through by itself, as the policy says now.
	Exceptions Exceptions
	// Why says why a window ends sooner than its record says, as a phrase.
	Why string
}

// read makes a Freeze of an issue that Slipway wrote; ok is false for one that
// is something else. All that Slipway writes into issues is sealed, so one that
// doesn't verify may have been a freeze, whatever it looks like now.
func read(s effect.Sealer, repoID int64, i github.Issue) (f Freeze, ok bool) {
	is := effect.ReadIssue[Record](s, markKind, repoID, i, false)
	if is.Other {
		return Freeze{}, false
	}
	f = Freeze{
		Record: is.Record, Issue: i.Number, URL: i.URL, Title: i.Title, Body: i.Body, State: i.State, Shown: i.Labels,
		Tampered: is.JSON == nil, Edited: is.Edited,
	}
	if f.Tampered {
		// What its title says serves only to find it again for a repair; the gate
		// doesn't believe it.
		f.Branches = titleBranches(i.Title)
	}
	return f, true
}

// titlePrefix begins every freeze issue's title; titleAll goes on in that of one of all branches.
const (
	titlePrefix = "Code freeze: "
	titleAll    = "all governed branches"
)

// title names the branches, so that people see them in a list of issues, and
// Tide if it is to be stopped.
func (r Record) title(s Settings) string {
	what := strings.Join(r.Branches, ", ")
	switch {
	case r.Release != "":
		what += ", " + r.Window
	case r.Window != "":
		what = r.Window
	case r.All:
		what = titleAll
	}
	told := ""
	for _, name := range r.tideBranches(s) {
		// Never a part of a name, which would be another branch's.
		if word := " branch:" + name; len(titlePrefix)+len(told)+len(word) < maxTitle {
			told += word
		}
	}
	return effect.Cut(titlePrefix+what, maxTitle-len(told)) + told
}

// untold are the branches that didn't fit into the title for Tide.
func (r Record) untold(s Settings) []string {
	title := r.title(s) + " "
	return slices.DeleteFunc(r.tideBranches(s), func(name string) bool { return strings.Contains(title, " branch:"+name+" ") })
}

// maxTitle is the longest title that GitHub takes for an issue.
const maxTitle = 256

// tideBranches are those that Prow's merge robot is told to leave alone. It
// knows no patterns, and an issue that names no branch stops it for all, so
// only plain names count.
func (r Record) tideBranches(s Settings) []string {
	if !s.MergeBlocker || r.partial() { // Tide would stop for all
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.Branches), func(name string) bool {
		thawed := slices.ContainsFunc(r.Thaws, func(t Thaw) bool { return string(t.Branch) == name })
		return thawed || isPattern(name) || s.On(release.Branch(name)) != config.Enforce
	})
}

func isPattern(name string) bool { return strings.ContainsAny(name, `*?[\`) }

// labels are those of the freeze's issue.
func (r Record) labels(s Settings) []string {
	if len(r.tideBranches(s)) > 0 {
		return []string{string(s.Label), tideLabel}
	}
	return []string{string(s.Label)}
}

// titleBranches reads the branches out of a title as Slipway writes them.
func titleBranches(title string) []string {
	list, titled := strings.CutPrefix(title, titlePrefix)
	if !titled {
		return nil
	}
	list, _, _ = strings.Cut(list, " branch:")
	if list == titleAll {
		return []string{everyBranch}
	}
	var names []string
	for name := range strings.SplitSeq(list, ", ") {
		if b, err := release.ParseBranch(name); err == nil {
			names = append(names, string(b))
		}
	}
	return names
}

// about reports whether a freeze is about a governed branch, thawed or not.
func (r Record) about(b release.Branch) bool { return r.All && !b.Ours() || matches(r.Branches, b) }

// patterns are those of the branches that a freeze is about.
func (r Record) patterns() []string {
	if r.All {
		return []string{anyBranch}
	}
	return r.Branches
}

// issue is a freeze as the issue that it is to be on GitHub.
func (s state) issue(f Freeze) effect.Issue {
	f.Repo, f.Number = s.RepoID, f.Issue
	if !f.begun(s.Now) {
		s.Settings.MergeBlocker = false // Tide would stop at once
	}
	raw, err := json.Marshal(f.Record)
	if err != nil {
		panic(err) // texts, numbers and times always have a JSON
	}
	e := effect.Issue{
		Repo: s.Repo, RepoID: s.RepoID, Number: f.Issue,
		Mark:  effect.Mark{Kind: markKind, ID: f.Asked},
		Title: f.title(s.Settings), Text: issueText(f.Record, s.Policy) + modeText(f.Record, s.Policy) + tideText(f.Record, s.Settings),
		Record: raw, Labels: f.labels(s.Settings), Was: f.Body,
	}
	switch {
	case f.End != nil:
		e.State = github.Closed
	case f.Issue == 0:
		e.State = github.Open
	}
	return e
}

// revised is the freeze with a changed record, in its next version.
func (f Freeze) revised(change func(*Record)) Freeze {
	f.Thaws, f.Exemptions = slices.Clone(f.Thaws), slices.Clone(f.Exemptions)
	change(&f.Record)
	f.Rev++
	return f
}
