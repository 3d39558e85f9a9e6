package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/handlers/releasebranch"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const pushFile = "pilot/pkg/xds/ads.go"

// pickStory is how merged changes reach the release branch.
func pickStory() []scene {
	return []scene{
		{
			name:  "picked",
			about: "bob fixes a crash on master, and asks for it on release 1.30 before it is merged. erin, who knows that code, approves it there.",
			act: func(s *stage) error {
				if err := s.propose("bob", "crash", "Fix a crash", map[string]string{"pilot/pkg/xds/crash.go": "package xds\n"}); err != nil {
					return err
				}
				if err := comment("bob", "crash", "/cherry-pick release-1.30")(s); err != nil {
					return err
				}
				if err := s.approve("erin", s.prs["crash"]); err != nil {
					return err
				}
				return s.merge("bob", "crash")
			},
			expect: func(s *stage) []claim {
				return []claim{s.picked("crash", false), s.pickCheck("crash", "success"),
					{"the check rests on what erin approved on master", s.gateSays(s.pick("crash").Number, "Rests on the approval of `erin`")}}
			},
		},
	}
}

// conflictStory is a pick that needs a person, and how both picks end.
func conflictStory() []scene {
	return []scene{
		{
			name:  "conflict",
			about: "carol renames what the push calls, dave changes the same lines after her. Only his change is asked for.",
			act: func(s *stage) error {
				if err := s.mergeNew("carol", "rename", "Rename the push", "package xds\n\n// Push sends a configuration.\nfunc Push() { send() }\n"); err != nil {
					return err
				}
				if err := s.mergeNew("dave", "retry", "Try the push again", "package xds\n\n// Push sends a configuration, twice if need be.\nfunc Push() { send() || send() }\n"); err != nil {
					return err
				}
				return comment("dave", "retry", "/cherry-pick release-1.30")(s)
			},
			expect: func(s *stage) []claim {
				return []claim{s.picked("retry", true), s.pickCheck("retry", "failure"), {"the draft names what it waits for", s.pickSays("retry", fmt.Sprintf("(#%d)", s.prs["rename"]))}}
			},
		},
		{
			name:  "resolved",
			about: "dave resolves the conflict by hand, and marks the draft as ready.",
			act: func(s *stage) error {
				n := s.pick("retry").Number
				s.person("dave pushes the resolution to #%d", n)
				if _, err := s.gh.As("dave").PushToPR(demoRepo, n, map[string]string{pushFile: "package xds\n\n// Push sends a configuration, twice if need be.\nfunc Push() { push() || push() }\n"}, "Resolve the conflict"); err != nil {
					return err
				}
				return s.gh.As("dave").SetDraft(demoRepo, n, false)
			},
			expect: func(s *stage) []claim {
				pick := s.pick("retry")
				return []claim{s.pickCheck("retry", "failure"), {"the status comment knows", s.told("retry", "It had a conflict, which was resolved by hand.") == 1},
					{"the experts of what was changed by hand are asked to review", slices.Equal(pick.RequestedTeams, []string{"wg-networking"})}}
			},
		},
		{
			name:  "adapted",
			about: "What dave did by hand isn't what was approved on master. erin looks at the difference, which the check shows, and approves it.",
			act: func(s *stage) error {
				s.shows("slipway/release-branch", s.pick("retry"))
				return s.approve("erin", s.pick("retry").Number)
			},
			expect: func(s *stage) []claim { return []claim{s.pickCheck("retry", "success")} },
		},
		{
			name:  "landed",
			about: "Both picks are merged.",
			act: func(s *stage) error {
				for _, name := range []string{"crash", "retry"} {
					n := s.pick(name).Number
					s.person("alice merges #%d", n)
					if _, err := s.gh.As("alice").Merge(demoRepo, n, "squash"); err != nil {
						return err
					}
				}
				return nil
			},
			expect: func(s *stage) []claim {
				return []claim{{"both sources say so", s.told("crash", "**picked**") == 1 && s.told("retry", "**picked**") == 1}}
			},
		},
	}
}

// byHandStory is a change that comes from nowhere.
func byHandStory() []scene {
	return []scene{{
		name:  "by hand",
		about: "carol opens a change against the release branch that was never on master.",
		act: func(s *stage) error {
			return s.open("carol", "hand", demoBranch, "Rewrite the queue")
		},
		expect: func(s *stage) []claim {
			n := s.prs["hand"]
			return []claim{s.gateClaim(n, "failure"), {"it says who could let it in, and how", s.gateSays(n, "nothing on `master` accounts for it") && s.gateSays(n, "`release-managers-1-30`")}}
		},
	}}
}

func (s *stage) approve(login string, n int) error {
	s.person("%s approves #%d", login, n)
	_, err := s.gh.As(login).Review(demoRepo, n, "APPROVE", "")
	return err
}

// shows prints what a check of a pull request says.
func (s *stage) shows(name string, pr sandbox.PR) {
	run, _ := s.gh.CheckRun(demoRepo, pr.HeadSHA, name)
	s.person("%s on #%d says:", name, pr.Number)
	s.quote(run.Title + "\n\n" + run.Summary)
}

// gateSays reports whether the gate's text on a pull request has a part.
func (s *stage) gateSays(n int, part string) bool {
	run, _ := s.gh.CheckRun(demoRepo, s.gh.PR(demoRepo, n).HeadSHA, releasebranch.CheckName)
	return strings.Contains(run.Summary, part)
}

// propose has a person open a pull request against master.
func (s *stage) propose(login, name, title string, files map[string]string) error {
	pr, err := s.gh.As(login).OpenPR(demoRepo, sandbox.PROptions{Base: "master", Head: login + "-" + name, Title: title, Files: files})
	if err != nil {
		return err
	}
	s.prs[name] = pr.Number
	s.person("%s opens #%d against master: %s", login, pr.Number, title)
	return nil
}

func (s *stage) merge(login, name string) error {
	s.person("%s merges #%d", login, s.prs[name])
	_, err := s.gh.As(login).Merge(demoRepo, s.prs[name], "squash")
	return err
}

// mergeNew is propose and merge, of a change to the file that the story is about.
func (s *stage) mergeNew(login, name, title, text string) error {
	if err := s.propose(login, name, title, map[string]string{pushFile: text}); err != nil {
		return err
	}
	return s.merge(login, name)
}

// pick is the pull request that picks another onto the story's branch.
func (s *stage) pick(name string) sandbox.PR {
	for _, pr := range s.gh.PRs(demoRepo) {
		if pr.Head == fmt.Sprintf("cherry-pick-%d-to-%s", s.prs[name], demoBranch) {
			return pr
		}
	}
	return sandbox.PR{}
}

func (s *stage) picked(name string, draft bool) claim {
	pr, kind := s.pick(name), "a pull request"
	if draft {
		kind = "a draft"
	}
	return claim{fmt.Sprintf("#%d has %s against %s: #%d %s", s.prs[name], kind, demoBranch, pr.Number, pr.Title), pr.Number != 0 && pr.Draft == draft}
}

func (s *stage) pickSays(name, text string) bool {
	return strings.Contains(s.pick(name).Body, text)
}

// pickCheck claims what the check of a pick says.
func (s *stage) pickCheck(name, conclusion string) claim {
	return s.gateClaim(s.pick(name).Number, conclusion)
}

// gateClaim claims what the gate says of a pull request.
func (s *stage) gateClaim(n int, conclusion string) claim {
	run, _ := s.gh.CheckRun(demoRepo, s.gh.PR(demoRepo, n).HeadSHA, releasebranch.CheckName)
	return claim{fmt.Sprintf("%s on #%d: %s, %q", releasebranch.CheckName, n, conclusion, run.Title), run.Conclusion == conclusion}
}
