package checklist

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/release"
)

type factsGitHub struct{ facts.GitHub } // deeper than GitHub, which says what both could

// shelf is a GitHub with our issues in one repository, and nothing else.
type shelf struct {
	GitHub
	factsGitHub // what isn't overridden must not be asked
	policy      config.Loaded
	issues      []github.Issue
	fails       error
}

func (s shelf) Policy(context.Context, github.Repo) (config.Loaded, error) { return s.policy, nil }

func (s shelf) OwnIssues(_ context.Context, of github.Repo, since time.Time) ([]github.Issue, error) {
	if of != repo {
		return nil, errors.New("asked for another repository's")
	}
	return s.issues, s.fails
}

func (shelf) RepoID(context.Context, github.Repo) (int64, error) { return 9, nil }

// sealedIssue is a tracking issue with a record.
func sealedIssue(t *testing.T, s effect.Sealer, number int, r Record) github.Issue {
	t.Helper()
	line, err := s.Seal(effect.Place{Repo: 9, Number: number}, effect.Mark{Kind: markKind, ID: r.Asked}, r.marshal())
	if err != nil {
		t.Fatal(err)
	}
	state := github.Open
	if r.End != nil {
		state = github.Closed
	}
	return github.Issue{Number: number, State: state, Body: line + "\n\nx", URL: "https://github.com/istio/istio/issues/7"}
}

func TestCalendar(t *testing.T) {
	sealer, err := effect.NewSealer([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	policy, _ := loaded(t)
	minor := Record{Asked: "a", Version: "1.31.0", Cut: day(t, "2026-07-22"), Release: day(t, "2026-08-26"), Candidate: "1.31.0-rc.0"}
	patch := Record{Asked: "b", Version: "1.31.4", Release: day(t, "2026-11-11"), Moved: map[string]release.Date{"release": day(t, "2026-11-12")}}
	over := minor
	over.End = &End{By: "alice"}
	byHand := sealedIssue(t, sealer, 3, minor)
	byHand.State = github.Closed // nobody has looked yet who did it
	torn := sealedIssue(t, sealer, 8, minor)
	torn.Body = strings.Replace(torn.Body, "1.31.0", "1.30.0", 1)
	remembered := torn
	remembered.Intact = sealedIssue(t, sealer, 8, minor).Body
	closedTorn := torn
	closedTorn.State = github.Closed
	later := &reconcile.RetryAfterError{At: time.Unix(1, 0), Err: errors.New("limit")}
	api := github.Repo{Owner: "istio", Name: "api"}
	for _, tt := range []struct {
		name    string
		of      github.Repo
		issues  []github.Issue
		fails   error
		want    string // the plans: version, and whether it is closed
		unclear string
		err     bool
	}{
		{name: "two of one branch", of: repo, issues: []github.Issue{sealedIssue(t, sealer, 7, patch), sealedIssue(t, sealer, 3, over)}, want: "1.31.4 1.31.0-closed"},
		{name: "of another repository of the release", of: api, issues: []github.Issue{sealedIssue(t, sealer, 3, minor)}, want: "1.31.0"},
		{name: "of a repository that isn't part of it", of: github.Repo{Owner: "istio", Name: "docs"}, issues: []github.Issue{sealedIssue(t, sealer, 3, minor)}},
		{name: "given up, and begun again", of: repo, issues: []github.Issue{sealedIssue(t, sealer, 7, minor), sealedIssue(t, sealer, 3, over)}, want: "1.31.0"},
		{name: "the older one goes on", of: repo, issues: []github.Issue{sealedIssue(t, sealer, 7, over), sealedIssue(t, sealer, 3, minor)}, want: "1.31.0"},
		{name: "closed by hand", of: repo, issues: []github.Issue{byHand}, want: "1.31.0"},
		{name: "altered, and remembered", of: repo, issues: []github.Issue{remembered}, want: "1.31.0"},
		{name: "altered", of: api, issues: []github.Issue{torn}, unclear: "the record in [istio/istio#8](https://github.com/istio/istio/issues/7) was changed by hand"},
		{name: "altered and closed", of: api, issues: []github.Issue{closedTorn}},
		{name: "refused", of: api, fails: errors.New("403"), unclear: "the tracking issues in `istio/istio` can't be read"},
		{name: "gone", of: api, fails: reconcile.ErrGone, unclear: "the tracking issues in `istio/istio` can't be read"},
		{name: "a limit", of: api, fails: later, err: true},
	} {
		s := shelf{policy: policy, issues: tt.issues, fails: tt.fails}
		h := &Handler{GitHub: s, From: agreeing(&facts.Sources{GitHub: s, Policies: s}), Sealer: sealer, Now: func() time.Time { return time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC) }}
		c, err := h.Calendar(h.at(t, tt.of))
		var plans []string
		for _, p := range c.Plans {
			name := p.Version.String()
			if p.Closed {
				name += "-closed"
			}
			plans = append(plans, name)
			if p.Branch != "release-1.31" || p.Title != "Istio "+p.Version.Called() || p.Version.Patch == 0 && !p.Candidate {
				t.Errorf("%s: %+v", tt.name, p)
			}
		}
		if strings.Join(plans, " ") != tt.want || (err != nil) != tt.err || !strings.HasPrefix(c.Unclear, tt.unclear) || (c.Unclear == "") != (tt.unclear == "") {
			t.Errorf("%s: %v, %q, %v", tt.name, plans, c.Unclear, err)
		}
		if tt.fails == nil && len(c.Plans) > 0 && c.Plans[0].Version.Patch > 0 && c.Plans[0].Schedule.Day("release") != day(t, "2026-11-12") {
			t.Errorf("%s: the day that was set by itself is %s", tt.name, c.Plans[0].Schedule.Day("release"))
		}
	}
}

// TestMovedDates: what has moved is passed on in each repository, once.
func TestMovedDates(t *testing.T) {
	h := &Handler{Followers: []reconcile.Key{{Handler: "x", ID: "all"}}}
	s := looked(t, "2026-08-01")
	if got := refresh(s).Enqueue; len(got) != 1 || got[0].ID != "moved/7" {
		t.Errorf("a look names %v", got)
	}
	then := h.passOn(moved{s.tracked, []github.Repo{repo, apiRepo}}).Enqueue
	digest := s.Tracker.digest()
	want := "[x istio/istio all gate istio/istio branch/release-1.31 x istio/api all gate istio/api branch/release-1.31 checklist istio/istio told/7/" + digest + "]"
	if got := fmt.Sprint(then); got != want {
		t.Fatalf("it names %s, want %s", got, want)
	}
	plan := told(about[string]{tracked: s.tracked, said: said[string]{what: digest}})
	if len(plan.Effects) != 1 || !strings.Contains(string(plan.Effects[0].(effect.SharedIssue).Record), `"told":"`+digest+`"`) {
		t.Fatalf("%+v", plan)
	}

	s.Tracker.Record = s.Tracker.revised(func(r *Record) { r.Told = digest })
	for id, p := range map[string]reconcile.Plan{
		"moved/7": h.passOn(moved{s.tracked, nil}), "told/7/" + digest: told(about[string]{tracked: s.tracked, said: said[string]{what: digest}}), "told/7/0123": told(about[string]{tracked: s.tracked, said: said[string]{what: "0123"}}),
	} {
		if len(p.Effects)+len(p.Enqueue) != 0 {
			t.Errorf("%s: told already, and yet %+v", id, p)
		}
	}
	if got := refresh(s).Enqueue; len(got) != 0 {
		t.Errorf("a look names %v", got)
	}
	for what, change := range map[string]func(*Record){
		"a day":       func(r *Record) { r.Moved["code-freeze"] = day(t, "2026-08-20") },
		"the release": func(r *Record) { r.Release = day(t, "2026-08-27") },
		"a candidate": func(r *Record) { r.Candidate = "1.31.0-rc.0" },
		"the end":     func(r *Record) { r.End = &End{} },
	} {
		if r := s.Tracker.revised(change); r.Told == r.digest(false) {
			t.Errorf("%s changes nothing", what)
		}
	}
	if r := s.Tracker.revised(func(r *Record) { r.Steps["announce"] = State{Status: StepDone} }); r.Told != r.digest(false) {
		t.Error("a step moves the dates")
	}
}
