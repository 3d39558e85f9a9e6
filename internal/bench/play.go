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

	"github.com/istio-ecosystem/slipway/config/istio"
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
	// Text is what is written, ticked or tagged. In it {+7} is the day in a week, and {-7} that a week ago.
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
	reports  verb = "reports"  // the success of the Text, a build or a publish, that runs for the head of At of On
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

// built is a build or a publish, from the command until its job is green.
func built(what, version, branch string) []Act {
	return append(proposed("/release "+what+" "+version, playBuilder), Act{"dave", reports, playBuilder, what, branch})
}

// proposed is what a command proposes in repositories, until it is merged: another manager's approval is all that it takes.
func proposed(command string, in ...string) []Act {
	acts := []Act{{"alice", says, tracker, command, ""}}
	for _, repo := range in {
		acts = append(acts, Act{"dave", approves, repo, "", ""}, Act{"alice", merges, repo, "", ""})
	}
	return acts
}

// MinorPlay is a whole minor release, in its code freeze from the cut on: opened, cut, published, closed.
func MinorPlay() Play {
	p := Play{Name: "a minor release", Tracker: "Istio 1.31", Acts: []Act{
		{"alice", says, plan, "/release start 1.31 cut={-30} release={+14} managers=alice,dave", ""},
		{"alice", ticks, tracker, "wiki", ""},
		{"bob", ticks, tracker, "publish", ""}, // who may not
		{"alice", says, tracker, "/release step label run", ""},
		{"alice", says, tracker, "/release step step-2 run", ""},
		{"alice", says, tracker, "/release date release {+5}", ""}, // which freezes it at once
	}}
	p.Acts = append(p.Acts, proposed("/release step step-4-makefile run", playHome, playBuilder)...)
	p.Acts = append(p.Acts,
		Act{"bob", writes, tracker, "bob was here.", ""},
		Act{"alice", says, tracker, "/release step step-6-version run", ""},
		Act{"alice", merges, playHome, "", ""},
		Act{"bob", opens, playHome, "It crashes", ""},
		Act{"alice", fixes, playHome, "It crashes", ""},
	)
	p.Acts = append(p.Acts, built("build", "1.31.0-rc.0", "release-1.31")...)
	p.Acts = append(p.Acts, built("build", "1.31.0", "release-1.31")...)
	p.Acts = append(p.Acts, built("publish", "1.31.0", "release-1.31")...)
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
	p.Acts = append(p.Acts, built("build", "1.30.3", "release-1.30")...)
	p.Acts = append(p.Acts, Act{"alice", says, tracker, "/release step test done", ""})
	p.Acts = append(p.Acts, built("publish", "1.30.3", "release-1.30")...)
	p.Acts = append(p.Acts,
		Act{"alice", tags, playHome, "1.30.3", "release-1.30"},
		Act{"alice", closes, tracker, "", ""},
	)
	return p
}

// NewPlayWorld starts a stand-in with all that a release on Istio's policy needs, and nothing of one.
func NewPlayWorld(dir string, change func(*sandbox.Options)) (*sandbox.Server, error) {
	text, err := istio.Cutdown(istio.Unpaused)
	if err != nil {
		return nil, err
	}
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
	try(gh.CreateRepo("istio", ".github", sandbox.RepoOptions{Files: map[string]string{policyFile: text}}))
	files := map[string]string{"common/Makefile.common.mk": "UPDATE_BRANCH ?= \"master\"\n", "VERSION": "1.31\n", "CODEOWNERS": "* @istio/maintainers\n"}
	for _, repo := range playRepos {
		_, name, _ := strings.Cut(repo, "/")
		if repo == playBuilder {
			files["release/trigger-build"], files["release/trigger-publish"] = "1.30.2\n", "1.30.2\n"
		}
		try(gh.CreateRepo("istio", name, sandbox.RepoOptions{Files: files}))
		try(gh.CreateBranch(repo, "release-1.30", "master"))
		for _, login := range []string{"alice", "bob", "dave"} {
			try(gh.AddCollaborator(repo, login, "write"))
		}
	}
	try(gh.CreateTeam("istio", "maintainers", "bob"))
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

var dayForm = regexp.MustCompile(`\{([+-]\d+)\}`)

// days puts days into a text.
func days(text string, today time.Time) string {
	return dayForm.ReplaceAllStringFunc(text, func(form string) string {
		n, _ := strconv.Atoi(form[1 : len(form)-1]) // a number, as the form says
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
			Base: a.At, Head: a.Text, Title: "Change " + a.Text, Files: map[string]string{a.Text: a.Text, "releasenotes/notes/" + a.Text + ".yaml": note},
			Body: "For #1.\n\nJustification: the images have known holes without it.\n\nRelease-Step: " + strings.TrimPrefix(p.Tracker, "Istio ") + "/" + a.Text,
		})
		return err
	case tags:
		return who.Tag(a.On, a.Text, a.At)
	case reports:
		return who.SetStatus(a.On, gh.Branch(a.On, a.At), a.Text+"-release_release-builder_postsubmit", "success")
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

// note is one that reads well.
const note = "apiVersion: release-notes/v2\nkind: bug-fix\narea: security\nreleaseNotes:\n  - |\n    **Updated** the dependencies.\n"

// eachOpen approves or merges every open pull request of a repository. There has
// to be one, and to merge what a check of ours refuses is no part of a play.
func eachOpen(gh *sandbox.Server, a Act) error {
	some := false
	for _, pr := range gh.PRs(a.On) {
		if pr.State != "open" {
			continue
		}
		some = true
		var err error
		if a.Does == approves {
			_, err = gh.As(a.Who).Review(a.On, pr.Number, "APPROVE", "")
		} else if err = mayMerge(gh, a.On, pr); err == nil {
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

// mayMerge says which check of ours holds a pull request back.
func mayMerge(gh *sandbox.Server, repo string, pr sandbox.PR) error {
	for _, run := range gh.CheckRuns(repo, pr.HeadSHA) {
		if strings.HasPrefix(run.Name, "slipway/") && run.Conclusion != "success" && run.Conclusion != "neutral" {
			return fmt.Errorf("%s#%d may not merge: %s is %q, %s", repo, pr.Number, run.Name, run.Conclusion, run.Title)
		}
	}
	return nil
}
