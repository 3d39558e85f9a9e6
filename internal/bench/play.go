package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// Play is a release from its start to its end, as data: what people do, one
// after another. It can be played to any Slipway that the stand-in reaches.
type Play struct {
	Name    string
	Tracker string // the title of its tracking issue
	Acts    []Act
}

// Act is what one person does. Slipway is left to come to rest after it.
type Act struct {
	Who  string
	Does verb
	// On is a repository, or where somebody writes: plan or tracker.
	On string
	// Text is what is written, ticked or tagged. In it {+7} is the day in a week.
	Text string
	At   string // the branch of a tag or a push
}

// verb is what a person may do in a play.
type verb string

const (
	says     verb = "says"     // comments Text on On
	ticks    verb = "ticks"    // clicks the box of the step Text
	writes   verb = "writes"   // puts Text below the heading of the checklist
	approves verb = "approves" // the open pull requests of On
	merges   verb = "merges"   // the open pull requests of On
	pushes   verb = "pushes"   // the file Text to the branch At of On
	tags     verb = "tags"     // the branch At of On as Text
	releases verb = "releases" // the tag Text of On
	reports  verb = "reports"  // Text of the job that runs for the head of At of On
	opens    verb = "opens"    // an issue called Text that blocks the release, in On
	fixes    verb = "fixes"    // closes the issue called Text of On
	closes   verb = "closes"   // the tracking issue
)

// Where somebody writes.
const (
	plan    = "plan"    // an issue that is there before the release
	tracker = "tracker" // that of the play
)

// The repositories of a play.
const (
	playHome    = "istio/istio"
	playAPI     = "istio/api"
	playBuilder = "istio/release-builder"
	playPolicy  = "istio/.github"
)

var playRepos = []string{playHome, playAPI, playBuilder}

const wholePolicy = `branches: ["release-*"]
release_managers: ["release-managers-{major}-{minor}"]
freeze: {label: code-freeze}
checklist:
  home: istio
  look_every: 0s
  product: Istio
  repositories: [istio, api, release-builder]
  blockers: {label: release-blocker, milestone: "{major}.{minor}"}
  templates:
    - kind: minor
      schedule: [{name: cut, at: cut, phase: open}, {name: code-freeze, at: release-7d, phase: frozen}, {name: release, at: release, phase: released}]
      steps:
        - {phase: Before the cut, id: announce, title: "Announce the dates of {release}"}
        - {phase: Before the cut, id: team, title: Make the team, probe: {team: "release-managers-{major}-{minor}"}}
        - phase: Before the cut
          id: label
          title: Make the label and the milestone
          action: {label: "cherrypick/{branch}", milestone: "{major}.{next}", in: [istio]}
          probe: {label: "cherrypick/{branch}", milestone: "{major}.{next}", in: [istio]}
        - {phase: Branch cut, id: cut, title: "Create {branch} everywhere", needs: [announce], action: {branch: "{branch}"}, probe: {branch: "{branch}"}}
        - phase: Branch cut
          id: pin
          title: "Pin {branch}"
          probe: {file: Makefile, match: "UPDATE_BRANCH \\?= {branch}", in: [istio, api]}
          action: {in: [istio, api], edits: [{file: Makefile, match: "UPDATE_BRANCH \\?= master", replace: "UPDATE_BRANCH ?= {branch}"}]}
        - phase: Branch cut
          id: next
          title: "VERSION on master is {major}.{next}"
          probe: {merged: true, in: [istio]}
          action: {in: [istio], base: master, edits: [{file: VERSION, match: ".*", replace: "{major}.{next}"}]}
        - {phase: Release, id: beta, title: "Publish {version}-beta.0", needs: [cut], probe: {tag: "{version}-beta.0", in: [istio]}}
        - {phase: Release, id: blockers, title: No blocker is open, probe: {no_blockers: true}}
        - {phase: Release, id: publish, title: "Publish {version}", probe: {tag: "{version}", in: [istio]}}
        - {phase: Release, id: out, title: "Release {version}", probe: {release: "{version}", in: [istio]}}
    - kind: patch
      schedule: [{name: code-complete, at: release-3d}, {name: release, at: release}]
      steps:
        - {phase: Release, id: deps, title: Update the dependencies, probe: {merged: true, in: [istio]}}
        - {phase: Release, id: tested, title: "Test {version}"}
        - {phase: Release, id: publish, title: "Publish {version}", probe: {tag: "{version}", in: [istio]}}
release:
  triggers: {repository: release-builder, unbuilt: refuse}
`

// built is a build or a publish, from the command until its job is green.
func built(command, branch string) []Act {
	return []Act{
		{"alice", says, tracker, command, ""},
		{"dave", approves, playBuilder, "", ""},
		{"alice", merges, playBuilder, "", ""},
		{"dave", reports, playBuilder, "success", branch},
	}
}

// MinorPlay is a whole minor release: opened, cut, published, closed.
func MinorPlay() Play {
	p := Play{Name: "a minor release", Tracker: "Istio 1.31", Acts: []Act{
		{"alice", says, plan, "/release start 1.31 cut={+1} release={+35} managers=alice,dave", ""},
		{"alice", says, tracker, "/release date code-freeze {+30}", ""},
		{"alice", ticks, tracker, "announce", ""},
		{"bob", ticks, tracker, "publish", ""}, // who may not
		{"alice", says, tracker, "/release step label run", ""},
		{"alice", says, tracker, "/release step cut run", ""},
		{"alice", says, tracker, "/release step pin run", ""},
		{"dave", approves, playHome, "", ""},
		{"alice", merges, playHome, "", ""},
		{"dave", approves, playAPI, "", ""},
		{"alice", merges, playAPI, "", ""},
		{"bob", writes, tracker, "bob was here.", ""},
		{"alice", says, tracker, "/release step next run", ""},
		{"alice", merges, playHome, "", ""},
		{"bob", opens, playHome, "It crashes", ""},
		{"alice", fixes, playHome, "It crashes", ""},
	}}
	p.Acts = append(p.Acts, built("/release build 1.31.0-beta.0", "release-1.31")...)
	p.Acts = append(p.Acts, built("/release publish 1.31.0-beta.0", "release-1.31")...)
	p.Acts = append(p.Acts, Act{"alice", tags, playHome, "1.31.0-beta.0", "release-1.31"})
	p.Acts = append(p.Acts, built("/release build 1.31.0", "release-1.31")...)
	p.Acts = append(p.Acts, built("/release publish 1.31.0", "release-1.31")...)
	p.Acts = append(p.Acts,
		Act{"alice", tags, playHome, "1.31.0", "release-1.31"},
		Act{"alice", releases, playHome, "1.31.0", ""},
		Act{"alice", closes, tracker, "", ""},
	)
	return p
}

// PatchPlay is a whole patch release, by its own shorter template.
func PatchPlay() Play {
	p := Play{Name: "a patch release", Tracker: "Istio 1.30.3", Acts: []Act{
		{"alice", says, plan, "/release start 1.30.3 release={+7}", ""},
		{"alice", says, tracker, "/release date release {+8}", ""},
		{"bob", pushes, playHome, "deps", "release-1.30"}, // proposed, with the step's name
		{"dave", approves, playHome, "", ""},
		{"alice", merges, playHome, "", ""},
	}}
	p.Acts = append(p.Acts, built("/release build 1.30.3", "release-1.30")...)
	p.Acts = append(p.Acts, Act{"alice", says, tracker, "/release step tested done", ""})
	p.Acts = append(p.Acts, built("/release publish 1.30.3", "release-1.30")...)
	p.Acts = append(p.Acts,
		Act{"alice", tags, playHome, "1.30.3", "release-1.30"},
		Act{"alice", closes, tracker, "", ""},
	)
	return p
}

// NewPlayWorld starts a stand-in with all that a release needs, and nothing of one.
func NewPlayWorld(dir string, change func(*sandbox.Options)) (*sandbox.Server, error) {
	o := sandbox.Options{Dir: filepath.Join(dir, "github")}
	if change != nil {
		change(&o)
	}
	gh, err := sandbox.New(o)
	if err != nil {
		return nil, err
	}
	try := func(e error) { err = errors.Join(err, e) }
	for _, login := range []string{"alice", "bob", "dave"} {
		_, e := gh.CreateUser(login)
		try(e)
	}
	try(gh.CreateOrg("istio", "alice", "bob", "dave"))
	try(gh.CreateRepo("istio", ".github", sandbox.RepoOptions{Files: map[string]string{policyFile: wholePolicy}}))
	files := map[string]string{"Makefile": "UPDATE_BRANCH ?= master\n", "VERSION": "1.31\n"}
	for _, repo := range playRepos {
		_, name, _ := strings.Cut(repo, "/")
		if repo == playBuilder {
			files = map[string]string{"release/trigger-build": "1.30.2\n", "release/trigger-publish": "1.30.2\n"}
		}
		try(gh.CreateRepo("istio", name, sandbox.RepoOptions{Files: files}))
		try(gh.CreateBranch(repo, "release-1.30", "master"))
		for _, login := range []string{"alice", "bob", "dave"} {
			try(gh.AddCollaborator(repo, login, "write"))
		}
	}
	for _, team := range []string{"release-managers-1-30", "release-managers-1-31"} {
		try(gh.CreateTeam("istio", team, "alice", "dave"))
	}
	_, e := gh.Install("istio", sandbox.InstallOptions{Permissions: ghclient.Permissions()})
	try(e)
	_, e = gh.As("alice").CreateMilestone(playHome, "1.31")
	try(e)
	_, e = gh.As("alice").OpenIssue(playHome, "Plan", "")
	try(e)
	if err != nil {
		return nil, errors.Join(err, gh.Close())
	}
	return gh, nil
}

var dayForm = regexp.MustCompile(`\{\+(\d+)\}`)

// days puts days into a text.
func days(text string, today time.Time) string {
	return dayForm.ReplaceAllStringFunc(text, func(form string) string {
		n, _ := strconv.Atoi(form[2 : len(form)-1]) // digits, as the form says
		return today.AddDate(0, 0, n).Format(time.DateOnly)
	})
}

// Run plays it. rest waits until Slipway has nothing left to do; before is called
// with each act's place in the order.
func (p Play) Run(ctx context.Context, gh *sandbox.Server, today time.Time, rest func(context.Context) error, before func(act int) error) error {
	for i, a := range p.Acts {
		if err := before(i); err != nil {
			return err
		}
		a.Text = days(a.Text, today)
		err := p.act(gh, a)
		if err == nil {
			err = rest(ctx)
		}
		if err != nil {
			return fmt.Errorf("%s, act %d: %s %s %s %q: %w", p.Name, i, a.Who, a.Does, a.On, a.Text, err)
		}
	}
	return nil
}

func (p Play) act(gh *sandbox.Server, a Act) error {
	who := gh.As(a.Who)
	switch a.Does {
	case says:
		_, err := who.Comment(playHome, p.number(gh, a.On), a.Text)
		return err
	case ticks:
		return p.edit(gh, a.Who, "- [ ] `"+a.Text+"`", "- [x] `"+a.Text+"`")
	case writes:
		return p.edit(gh, a.Who, "## Checklist\n", "## Checklist\n\n"+a.Text+"\n")
	case approves, merges:
		return eachOpen(gh, a)
	case pushes:
		_, err := who.OpenPR(a.On, sandbox.PROptions{
			Base: a.At, Head: a.Text, Title: "Change " + a.Text, Files: map[string]string{a.Text: a.Text},
			Body: "Release-Step: " + strings.TrimPrefix(p.Tracker, "Istio ") + "/" + a.Text,
		})
		return err
	case tags:
		return who.Tag(a.On, a.Text, a.At)
	case reports:
		return who.SetStatus(a.On, gh.Branch(a.On, a.At), "release_postsubmit", a.Text)
	case releases:
		return who.Release(a.On, a.Text)
	case opens:
		n, err := who.OpenIssue(a.On, a.Text, "", "release-blocker")
		if err == nil {
			err = who.SetMilestone(a.On, n, 1)
		}
		return err
	case fixes:
		return who.Close(a.On, issueCalled(gh, a.On, a.Text))
	case closes:
		return who.Close(playHome, p.number(gh, tracker))
	}
	return fmt.Errorf("unknown act %q", a.Does)
}

// number is the issue that somebody writes on.
func (p Play) number(gh *sandbox.Server, on string) int {
	if on == tracker {
		return issueCalled(gh, playHome, p.Tracker)
	}
	return issueCalled(gh, playHome, "Plan")
}

func issueCalled(gh *sandbox.Server, repo, title string) int {
	for _, i := range gh.Issues(repo) {
		if i.Title == title {
			return i.Number
		}
	}
	return 0 // which no issue has
}

// edit changes the text of the tracking issue by hand, as one sees it.
func (p Play) edit(gh *sandbox.Server, who, from, to string) error {
	n := p.number(gh, tracker)
	body := gh.Issue(playHome, n).Body
	if !strings.Contains(body, from) {
		return fmt.Errorf("#%d doesn't say %q:\n%s", n, from, body)
	}
	return gh.As(who).EditBody(playHome, n, strings.Replace(body, from, to, 1))
}

// eachOpen approves or merges every open pull request of a repository. There has
// to be one, and to merge what the check of triggers refuses is no part of a play.
func eachOpen(gh *sandbox.Server, a Act) error {
	some := false
	for _, pr := range gh.PRs(a.On) {
		if pr.State != "open" {
			continue
		}
		some = true
		var err error
		run, _ := gh.CheckRun(a.On, pr.HeadSHA, "slipway/release")
		switch {
		case a.Does == approves:
			_, err = gh.As(a.Who).Review(a.On, pr.Number, "APPROVE", "")
		case a.On == playBuilder && run.Conclusion != "success":
			err = fmt.Errorf("#%d may not merge: %q, %s", pr.Number, run.Conclusion, run.Title)
		default:
			_, err = gh.As(a.Who).Merge(a.On, pr.Number, "squash")
		}
		if err != nil {
			return err
		}
	}
	if !some {
		return fmt.Errorf("%s has no open pull request", a.On)
	}
	return nil
}
