package releasebranch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/gate"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/provenance"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The facts that the tests begin with: #20, by bob, picks #7 exactly. #7 changed
// pilot/ and was approved by nan, a networking expert.
const (
	theHead    = "2222222222222222222222222222222222222222"
	before     = "1111111111111111111111111111111111111111"
	sourceHead = "6666666666666666666666666666666666666666"
	theSource  = "7777777777777777777777777777777777777777"
	pilotFile  = "pilot/pkg/xds/ads.go"
)

var (
	repo  = github.Repo{Owner: "istio", Name: "istio"}
	alice = github.User{ID: 1, Login: "alice"} // a release manager
	bob   = github.User{ID: 2, Login: "bob"}
	nan   = github.User{ID: 3, Login: "nan"} // networking
	sam   = github.User{ID: 4, Login: "sam"} // security
	robot = github.User{ID: 50, Login: "robot", Bot: true}
	now   = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
)

const codeOwnersText = "* @istio/wg-networking\n/security/ @istio/wg-security\n/odd/\n/gone/ @istio/wg-gone\n/mail/ docs@example.org\n/other/ @elsewhere/team\n/nan/ @nan\n"

const basePolicy = `branches: ["release-*"]
release_managers: ["release-managers"]
`

const baseSection = `releasebranch:
  codeowners: true
  tests: ["**/*_test.go"]
  notes: ["releasenotes/notes/**"]
  note_labels: ["release-notes-none"]
  generated: ["**/*.gen.go"]
  blocker_labels: ["release-blocker"]
`

func loaded(t *testing.T, section string) (config.Loaded, Settings) {
	t.Helper()
	p, err := config.ParsePolicy("policy", []byte(basePolicy+section), config.Declare[Settings](Name))
	if err != nil {
		t.Fatal(err)
	}
	s, err := config.Section[Settings](p, Name)
	if err != nil {
		t.Fatal(err)
	}
	return config.Loaded{Policy: p, URL: "https://github.com/istio/.github/blob/main/.github/slipway.yml"}, s
}

// change alters facts.
type change = func(*known)

func factsOf(t *testing.T, more string, changes ...change) known {
	t.Helper()
	f := known{Now: now, Repo: repo, Base: "release-1.30", Source: "master", Origins: map[string]origin{}}
	f.Policy, f.Settings = loaded(t, baseSection+more)
	f.PR = github.PullDetail{PullRequest: github.PullRequest{
		RepoID: 99, Number: 20, Title: "[release-1.30] Fix a leak", State: github.Open, Base: "release-1.30", Head: theHead, Author: bob,
		HeadRef: "fix", HeadRepo: repo, URL: "https://github.com/istio/istio/pull/20",
	}, Files: 1, Commits: 1}
	f.Owners = readOwners(github.File{Found: true, Text: codeOwnersText})
	f.Teams = map[string]github.Team{
		"wg-networking": {Exists: true, Members: []github.User{nan}},
		"wg-security":   {Exists: true, Members: []github.User{sam}},

		"release-managers": {Exists: true, Members: []github.User{alice}},
	}
	f.Managers, f.Writers = []string{"release-managers"}, map[int64]github.Permission{nan.ID: github.Write}
	f.Commits = github.Comparison{MergeBase: before, Total: 1, Commits: []github.ComparedCommit{{ID: theHead, Author: bob, Committer: bob}}}
	claim := provenance.Claim{Commit: theSource, By: provenance.ByReference, Number: 7, Title: "Fix a leak"}
	seven := github.PullDetail{PullRequest: github.PullRequest{Number: 7, Title: "Fix a leak", Author: bob, Merged: true, State: github.Closed, Base: "master", Head: sourceHead, HeadRef: "leak", HeadRepo: repo}}
	f.Named = []named{{By: provenance.ByReference, Number: 7, PR: &seven, Claim: &claim}}
	f.Found = provenance.Finding{Verdict: provenance.Exact, Sources: []provenance.Claim{claim}, Files: files(pilotFile)}
	f.Pushes.Moves = []github.HeadMove{{After: theHead, By: bob}}
	f.Origins[theSource] = origin{submission: submission{PR: seven, Reviews: []github.Review{review(nan, github.Approved, sourceHead, 7)}}}
	for _, c := range changes {
		c(&f)
	}
	return f
}

func files(paths ...string) (list []provenance.FileChange) {
	for _, p := range paths {
		list = append(list, provenance.FileChange{Path: p, Added: 3, Deleted: 1})
	}
	return list
}

func review(by github.User, state github.ReviewState, commit string, on int) github.Review {
	return github.Review{ID: by.ID * 100, Author: by, State: state, Commit: commit, URL: fmt.Sprintf("https://github.com/istio/istio/pull/%d#pullrequestreview-%d", on, by.ID*100), At: now}
}

func reviewed(by github.User, state github.ReviewState, commit string) change {
	return func(f *known) { f.Reviews = append(f.Reviews, review(by, state, commit, 20)) }
}

func touching(paths ...string) change {
	return func(f *known) { f.Found.Files = files(paths...) }
}

// unapproved takes away the approvals of the source.
func unapproved(f *known) {
	o := f.Origins[theSource]
	o.Reviews = nil
	f.Origins[theSource] = o
}

// adapted has the change differ in paths.
func adapted(lines int, paths ...string) change {
	return func(f *known) {
		f.Found.Verdict, f.Found.Lines = provenance.Adapted, lines*len(paths)
		for _, p := range paths {
			f.Found.Beyond = append(f.Found.Beyond, provenance.Difference{Path: p, Lines: lines, Line: 7, Text: "-+\tif a {\n++\tif a || b {\n"})
		}
	}
}

// unrelated makes it a change by hand.
func unrelated(lines int, paths ...string) change {
	return func(f *known) {
		adapted(lines, paths...)(f)
		f.Found.Verdict, f.Found.Sources, f.Named, f.Found.Files = provenance.Unrelated, nil, nil, files(paths...)
	}
}

// said is what the check says, and whom it asks.
func said(t *testing.T, f known) (v gate.Verdict, asks string) {
	t.Helper()
	if f.Policy.Policy == nil {
		return gate.Verdict{Verdict: brokenPolicy(f.Policy)}, ""
	}
	v = judge(f)
	for _, e := range v.Effects {
		switch e := e.(type) {
		case effect.Extras:
			asks = strings.Join(append(e.Teams, e.Reviewers...), " ")
		default:
			t.Errorf("unexpected %s", e)
		}
	}
	return v, asks
}

func day(text string) release.Date {
	d, err := release.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// thirty is the schedule of 1.30 with its release on a day.
func thirty(out string) release.Schedule {
	return release.Schedule{Cut: day("2026-07-01"), Release: day(out), Milestones: []release.Milestone{
		{Name: "branch-cut", At: release.Offset{From: release.Cut}, Phase: release.OpenPhase},
		{Name: "features-closed", At: release.Offset{From: release.Cut, Days: 14}, Phase: release.ClosingPhase},
		{Name: "code-freeze", At: release.Offset{From: release.Release, Days: -7}, Phase: release.FrozenPhase},
		{Name: "release", At: release.Offset{From: release.Release}, Phase: release.ReleasedPhase},
	}}
}

// planned has the branch have the tracking issue of 1.30, unless another is named.
func planned(p release.Plan) change {
	return func(f *known) {
		if p.Branch = "release-1.30"; p.Version == (release.Version{}) {
			p.Version = release.Version{Major: 1, Minor: 30, Stage: release.Final}
		}
		p.Title, p.URL = "Istio 1.30", "https://github.com/istio/istio/issues/3"
		f.Calendar.Plans = append(f.Calendar.Plans, p)
	}
}
