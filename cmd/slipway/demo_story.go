package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/handlers/freeze"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// story is the demo's story, scene by scene.
func story() []scene {
	return []scene{freezeScene(), exemptScene(), cherryPickScene(), conflictScene(), notesScene(), releaseScene(), publishScene()}
}

// scenesFor are the scenes to play before the named one, and those to show: all without a name.
func scenesFor(name string) (before, shown []scene, err error) {
	all := story()
	if name == "" {
		return nil, all, nil
	}
	find := func(name string) int { return slices.IndexFunc(all, func(sc scene) bool { return sc.name == name }) }
	at := find(name)
	if at < 0 {
		return nil, nil, noScene(name)
	}
	for i := find(all[at].after); i >= 0; i = find(all[i].after) {
		before = slices.Insert(before, 0, all[i])
	}
	return before, all[at : at+1], nil
}

// noScene is the error of a name that no scene has.
func noScene(name string) error {
	var names []string
	for _, sc := range story() {
		names = append(names, sc.name)
	}
	return fmt.Errorf("no scene is called %q; the scenes are %s", name, strings.Join(names, ", "))
}

// freezeScene is how a branch is frozen, and whom that stops.
func freezeScene() scene {
	return scene{
		name: "freeze", about: "One comment holds back every merge into a release branch.",
		page: func(s *stage) string { return issuePath(s.freezeIssue().Number) },
		acts: []act{
			{
				tells: "alice comments on bob's pull request {fix}: {said}",
				do: func(s *stage) error {
					return s.inTurn(opens("bob", "fix", demoBranch, "Fix a leak in the push queue"), opens("carol", "feature", "master", "Add a flag"),
						comments("alice", "fix", "/release freeze release-1.30 waiting for a security fix"))
				},
				expect: func(s *stage) []claim {
					return []claim{s.frozen("fix", "failure"), holds("an issue says that release-1.30 is frozen", s.freezeIssue().State == "open"),
						holds(s.fill("{feature}, against master, has no check at all"), len(s.gh.CheckRuns(demoRepo, s.pr("feature").HeadSHA)) == 0)}
				},
			},
			{
				tells:  "carol hasn't heard of it, and opens {late} against release-1.30.",
				do:     opens("carol", "late", demoBranch, "Improve a log message"),
				expect: func(s *stage) []claim { return []claim{s.frozen("late", "failure")} },
			},
			{
				tells: "mallory, a stranger, and dave, who manages only 1.29, try to end it: {said}",
				do: func(s *stage) error {
					return s.inTurn(comments("mallory", "late", "/release thaw release-1.30"), comments("dave", "late", "/release thaw release-1.30"))
				},
				expect: func(s *stage) []claim {
					return []claim{holds("Slipway tells both who may, and the freeze stands", s.told("late", "Not allowed.") == 2 && s.freezeIssue().State == "open"),
						s.frozen("late", "failure")}
				},
			},
		},
	}
}

// exemptScene is how one commit gets through, and how the freeze ends.
func exemptScene() scene {
	return scene{
		name: "exempt", about: "During a freeze, a release manager lets a single commit through.", after: "freeze",
		page: func(s *stage) string { return pullPath(s.pr("late")) },
		acts: []act{
			{
				tells: "carol's {late} turns out to fix a crash. alice has read it and comments: {said}",
				do:    comments("alice", "late", "/release exempt for 1h fixes a crash"),
				expect: func(s *stage) []claim {
					return []claim{s.frozen("late", "success"), s.frozen("fix", "failure"),
						holds("the freeze issue lists the exemption", strings.Contains(s.freezeIssue().Body, "fixes a crash"))}
				},
			},
			{
				tells:  "carol pushes another commit to {late}, which nobody has read.",
				do:     pushes("carol", "late", map[string]string{"pilot/pkg/xds/more.go": "package xds\n"}),
				expect: func(s *stage) []claim { return []claim{s.frozen("late", "failure")} },
			},
			{
				tells: "The security fix is in. alice ends the freeze: {said}",
				do:    comments("alice", "fix", "/release thaw release-1.30"),
				expect: func(s *stage) []claim {
					issue := s.freezeIssue()
					return []claim{s.frozen("late", "success"), s.frozen("fix", "success"), holds("the freeze issue is closed", issue.State == "closed"),
						holds("the freeze issue says what came of it", s.toldOn(issue.Number, "**The freeze is over**") == 1)}
				},
			},
		},
	}
}

// inTurn does one thing after the other, up to the first that fails.
func (s *stage) inTurn(all ...func(*stage) error) error {
	for _, do := range all {
		s.clock.nextAct()
		if err := do(s); err != nil {
			return err
		}
	}
	return nil
}

// rests has nobody do anything, until Slipway has nothing left to do.
func rests(s *stage) error {
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(s.patience, actTimeout))
	defer cancel()
	return s.until(ctx, func() []claim { return nil })
}

// opens has a person open a pull request, which the story calls name.
func opens(login, name, base, title string) func(*stage) error {
	return proposes(login, name, sandbox.PROptions{Base: base, Title: title, Files: changed(name)})
}

func changed(name string) map[string]string {
	return map[string]string{"pilot/pkg/xds/" + name + ".go": "package xds\n"}
}

// bugOf is what the story calls the issue that a pull request fixes.
func bugOf(name string) string { return name + "'s bug" }

// fixes is opens for what fixes an issue, which is opened first if the story has none, and brings a release note. On a
// release branch it says why it is made there.
func fixes(login, name, base, title string, files map[string]string) func(*stage) error {
	return func(s *stage) error {
		why := ""
		if base != "master" {
			why = ".\n\n## Justification\n\nThat code is no longer on master."
		}
		if s.numbers[bugOf(name)] == 0 {
			bug, err := s.gh.As(login).OpenIssue(demoRepo, "To do: "+title, "")
			if err != nil {
				return err
			}
			s.numbers[bugOf(name)] = bug
		}
		files := maps.Clone(files)
		files[noteFile(name)] = s.noteOf(name, title)
		return proposes(login, name, sandbox.PROptions{Base: base, Title: title, Body: s.fill("Fixes {" + bugOf(name) + "}" + why), Files: files})(s)
	}
}

// proposes has a person open a pull request from a branch of their own.
func proposes(login, name string, o sandbox.PROptions) func(*stage) error {
	return func(s *stage) error {
		o.Head = login + "-" + name
		pr, err := s.gh.As(login).OpenPR(demoRepo, o)
		s.numbers[name] = pr.Number
		return err
	}
}

// pushes has a person add a commit.
func pushes(login, name string, files map[string]string) func(*stage) error {
	return func(s *stage) error {
		_, err := s.gh.As(login).PushToPR(demoRepo, s.numbers[name], files, "Change")
		return err
	}
}

// comments has a person comment.
func comments(login, name, text string) func(*stage) error {
	return func(s *stage) error {
		s.said = text
		_, err := s.gh.As(login).Comment(demoRepo, s.numbers[name], text)
		return err
	}
}

// approves has a person approve the pull requests that find finds.
func approves(login string, find func(*stage) []sandbox.PR) func(*stage) error {
	return func(s *stage) error {
		for _, pr := range find(s) {
			if _, err := s.gh.As(login).Review(pr.Repo, pr.Number, "APPROVE", ""); err != nil {
				return err
			}
		}
		return nil
	}
}

// merges has a person merge such pull requests; on release branches, once their checks are done.
func merges(login string, find func(*stage) []sandbox.PR) func(*stage) error {
	return func(s *stage) error {
		if find(s)[0].Base != "master" {
			if err := rests(s); err != nil {
				return err
			}
		}
		for _, pr := range find(s) {
			if _, err := s.gh.As(login).Merge(pr.Repo, pr.Number, "squash"); err != nil {
				return fmt.Errorf("%s merges %s: %w", login, shortName(pr.Repo, pr.Number), err)
			}
		}
		return nil
	}
}

func called(name string) func(*stage) []sandbox.PR {
	return func(s *stage) []sandbox.PR { return []sandbox.PR{s.pr(name)} }
}

func (s *stage) pr(name string) sandbox.PR { return s.gh.PR(demoRepo, s.numbers[name]) }

// check claims what a check says of a pull request.
func (s *stage) check(name string, pr sandbox.PR, conclusion string) claim {
	run, _ := s.gh.CheckRun(pr.Repo, pr.HeadSHA, name)
	does := map[string]string{"success": "passes", "failure": "fails"}[conclusion]
	return claim{fmt.Sprintf("%s on %s %s: %s", name, shortName(pr.Repo, pr.Number), does, run.Title), run.Conclusion == conclusion, run.Summary}
}

// frozen claims what the check of freezes says of a pull request.
func (s *stage) frozen(name, conclusion string) claim {
	return s.check(freeze.CheckName, s.pr(name), conclusion)
}

func (s *stage) freezeIssue() sandbox.Issue { return s.issue("Code freeze: " + demoBranch) }

// issue is the issue with a title; the zero value if there is none.
func (s *stage) issue(title string) sandbox.Issue {
	for _, i := range s.gh.Issues(demoRepo) {
		if i.Title == title {
			return i
		}
	}
	return sandbox.Issue{}
}

// told counts the bot's comments that hold a text.
func (s *stage) told(name, text string) int { return s.toldOn(s.numbers[name], text) }

func (s *stage) toldOn(issue int, text string) int {
	n := 0
	for _, c := range s.gh.Comments(demoRepo, issue) {
		if c.Author == s.gh.App().Slug+"[bot]" && strings.Contains(c.Body, text) {
			n++
		}
	}
	return n
}

func issuePath(n int) string { return fmt.Sprintf("/%s/issues/%d", demoRepo, n) }

func pullPath(pr sandbox.PR) string { return fmt.Sprintf("/%s/pull/%d", pr.Repo, pr.Number) }
