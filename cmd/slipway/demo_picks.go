package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/handlers/releasebranch"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// cherryPickScene is how merged changes reach the release branch, and what others need.
func cherryPickScene() scene {
	return scene{
		name: "cherry-pick", about: "Slipway carries changes from master to a release branch; all other changes need an approval.",
		page: func(s *stage) string { return pullPath(s.pr("crash")) },
		acts: []act{
			{
				tells: "bob fixes a crash on master in {crash}, and comments: {said}. erin approves it; bob merges it.",
				do: func(s *stage) error {
					return s.inTurn(fixes("bob", "crash", "master", "Fix a crash", changed("crash")), comments("bob", "crash", "/cherry-pick release-1.30"),
						approves("erin", called("crash")), merges("bob", called("crash")))
				},
				expect: func(s *stage) []claim {
					pick, gate := s.pick("crash"), s.pickCheck("crash", "success")
					return []claim{
						holds(fmt.Sprintf("Slipway opens #%d against release-1.30, where erin's approval counts, too", pick.Number),
							!pick.Draft && strings.Contains(gate.text, "Rests on the approval of `erin`")),
						gate}
				},
			},
			{
				tells: "alice merges the pick.",
				do:    merges("alice", pickOf("crash")),
				expect: func(s *stage) []claim {
					return []claim{holds(s.fill("the status comment on {crash} says: picked"), s.told("crash", "**picked**") == 1)}
				},
			},
			{
				tells: "carol opens {hand} against release-1.30: a change that was never on master.",
				do:    fixes("carol", "hand", demoBranch, "Fix the queue", changed("hand")),
				expect: func(s *stage) []claim {
					gate := s.check(releasebranch.CheckName, s.pr("hand"), "failure")
					return []claim{gate, holds("the check says who could let it in, and how",
						strings.Contains(gate.text, "nothing on `master` accounts for it") && strings.Contains(gate.text, "`release-managers-1-30`"))}
				},
			},
		},
	}
}

// The file that two changes of the story conflict in.
const pushFile = "pilot/pkg/xds/ads.go"

func pushFunc(comment, body string) map[string]string {
	return map[string]string{pushFile: "package xds\n\n// Push sends a configuration" + comment + ".\nfunc Push() { " + body + " }\n"}
}

// conflictScene is a pick that needs a person.
func conflictScene() scene {
	const twice = ", twice if need be"
	return scene{
		name: "conflict", about: "A cherry-pick that conflicts becomes a draft; experts review what a person changes in it.",
		page: func(s *stage) string { return pullPath(s.pick("retry")) },
		acts: []act{
			{
				tells: "carol ({rename}) and dave ({retry}) changed the same line on master. dave comments: {said}",
				do: func(s *stage) error {
					return s.inTurn(proposes("carol", "rename", sandbox.PROptions{Base: "master", Title: "Rename the push", Files: pushFunc("", "send()")}), merges("carol", called("rename")),
						fixes("dave", "retry", "master", "Try the push again", pushFunc(twice, "send() || send()")), merges("dave", called("retry")),
						comments("dave", "retry", "/cherry-pick release-1.30"))
				},
				expect: func(s *stage) []claim {
					pick := s.pick("retry")
					return []claim{
						holds(s.fill(fmt.Sprintf("Slipway opens the draft #%d, which shows the conflict and that {rename} is missing", pick.Number)),
							pick.Draft && strings.Contains(pick.Body, s.fill("({rename})"))),
						s.pickCheck("retry", "failure")}
				},
			},
			{
				tells: "dave resolves the conflict by hand, and marks the draft as ready.",
				do: func(s *stage) error {
					n := s.pick("retry").Number
					if _, err := s.gh.As("dave").PushToPR(demoRepo, n, pushFunc(twice, "push() || push()"), "Resolve the conflict"); err != nil {
						return err
					}
					return s.gh.As("dave").SetDraft(demoRepo, n, false)
				},
				expect: func(s *stage) []claim {
					return []claim{s.pickCheck("retry", "failure"),
						holds("the status comment says that the conflict was resolved", s.told("retry", "It had a conflict, which was resolved by hand.") == 1),
						holds("wg-networking is asked for a review", slices.Equal(s.pick("retry").RequestedTeams, []string{"wg-networking"}))}
				},
			},
			{
				tells:  "erin, one of these experts, sees in the check how it differs from master, and approves it.",
				do:     approves("erin", pickOf("retry")),
				expect: func(s *stage) []claim { return []claim{s.pickCheck("retry", "success")} },
			},
		},
	}
}

// pick is the pull request that picks another onto the story's branch.
func (s *stage) pick(name string) sandbox.PR { return s.pickTo(name, demoBranch) }

func (s *stage) pickTo(name, branch string) sandbox.PR {
	for _, pr := range s.gh.PRs(demoRepo) {
		if pr.Head == fmt.Sprintf("cherry-pick-%d-to-%s", s.numbers[name], branch) {
			return pr
		}
	}
	return sandbox.PR{}
}

func pickOf(name string) func(*stage) []sandbox.PR {
	return func(s *stage) []sandbox.PR { return []sandbox.PR{s.pick(name)} }
}

// pickCheck claims what the check of release branches says of a pick.
func (s *stage) pickCheck(name, conclusion string) claim {
	return s.check(releasebranch.CheckName, s.pick(name), conclusion)
}
