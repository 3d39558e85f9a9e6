package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/handlers/freeze"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// story is the demo's story, scene by scene.
func story() []scene {
	return slices.Concat(frozenStory(), exemptStory(), pickStory(), conflictStory(), byHandStory(), releaseStory())
}

// frozenStory is how a branch is frozen, and whom that stops.
func frozenStory() []scene {
	return []scene{
		{
			name:  "open",
			about: "bob proposes a fix for the release branch, carol a change for master.",
			act: func(s *stage) error {
				if err := s.open("bob", "fix", demoBranch, "Fix a leak in the push queue"); err != nil {
					return err
				}
				return s.open("carol", "feature", "master", "Add a flag")
			},
			expect: func(s *stage) []claim {
				return []claim{
					s.check("fix", "success"),
					{fmt.Sprintf("#%d, against an ungoverned branch, has no check at all", s.prs["feature"]), s.conclusion("feature") == ""},
				}
			},
		},
		{
			name:  "frozen",
			about: "alice manages release 1.30. She freezes its branch with one comment.",
			act:   comment("alice", "fix", "/release freeze release-1.30 waiting for the fix of CVE-2026-1234"),
			expect: func(s *stage) []claim {
				return []claim{s.check("fix", "failure"), {"one issue says that release-1.30 is frozen", len(s.freezes()) == 1}}
			},
		},
		{
			name:  "blocked",
			about: "carol doesn't know and opens another pull request against the branch.",
			act: func(s *stage) error {
				return s.open("carol", "late", demoBranch, "Improve a log message")
			},
			expect: func(s *stage) []claim { return []claim{s.check("late", "failure")} },
		},
		{
			name:  "refused",
			about: "mallory is a stranger and would like to merge all the same; dave manages 1.29 only.",
			act: func(s *stage) error {
				if err := comment("mallory", "late", "/release thaw release-1.30")(s); err != nil {
					return err
				}
				return comment("dave", "late", "/release thaw release-1.30")(s)
			},
			expect: func(s *stage) []claim {
				return []claim{
					s.check("late", "failure"),
					{"the freeze stands", len(s.freezes()) == 1},
					{"both were told who may", s.told("late", "Not allowed.") == 2},
				}
			},
		},
	}
}

// exemptStory is how one commit gets through, and how the freeze ends.
func exemptStory() []scene {
	return []scene{
		{
			name:  "exempt",
			about: "carol's change turns out to fix a crash. alice has looked at it and lets this one commit through, for an hour.",
			act:   comment("alice", "late", "/release exempt for 1h fixes the crash of 1.30.1"),
			expect: func(s *stage) []claim {
				return []claim{s.check("late", "success"), s.check("fix", "failure"), {"the freeze issue lists the exemption", s.frozenSays("fixes the crash of 1.30.1")}}
			},
		},
		{
			name:  "changed",
			about: "carol adds a commit that nobody has looked at.",
			act:   push("carol", "late"),
			expect: func(s *stage) []claim {
				return []claim{s.check("late", "failure")}
			},
		},
		{
			name:   "exempt again",
			about:  "alice looks at it, too.",
			act:    comment("alice", "late", "/release exempt for 1h still fixes it"),
			expect: func(s *stage) []claim { return []claim{s.check("late", "success")} },
		},
		{
			name:   "expired",
			about:  "Nobody merges it, and an hour passes (the demo moves its clock on).",
			act:    later(time.Hour + time.Minute),
			expect: func(s *stage) []claim { return []claim{s.check("late", "failure")} },
		},
		{
			name:  "thawed",
			about: "The fix is in. alice thaws the branch.",
			act:   comment("alice", "fix", "/release thaw release-1.30"),
			expect: func(s *stage) []claim {
				return []claim{s.check("fix", "success"), s.check("late", "success"), {"the freeze issue is closed", len(s.freezes()) == 0},
					{"the freeze issue says what came of it", s.summed()}}
			},
		},
	}
}

// open has a person open a pull request, which the story calls name.
func (s *stage) open(login, name, base, title string) error {
	pr, err := s.gh.As(login).OpenPR(demoRepo, sandbox.PROptions{
		Base: base, Head: login + "-" + name, Title: title,
		Files: map[string]string{"pilot/pkg/xds/" + name + ".go": "package xds\n"},
	})
	if err != nil {
		return err
	}
	s.prs[name] = pr.Number
	s.person("%s opens #%d against %s: %s", login, pr.Number, base, title)
	return nil
}

// push is the act of a person who adds a commit.
func push(login, pr string) func(*stage) error {
	return func(s *stage) error {
		s.person("%s pushes a commit to #%d", login, s.prs[pr])
		_, err := s.gh.As(login).PushToPR(demoRepo, s.prs[pr], map[string]string{"pilot/pkg/xds/more.go": "package xds\n"}, "More")
		return err
	}
}

// later lets time pass.
func later(d time.Duration) func(*stage) error {
	return func(s *stage) error {
		s.clock.advance(d)
		s.program.queue.Wake()
		return nil
	}
}

// comment is the act of a person who comments on a pull request.
func comment(login, pr, text string) func(*stage) error {
	return func(s *stage) error {
		s.person("%s comments on #%d:", login, s.prs[pr])
		s.quote(text)
		_, err := s.gh.As(login).Comment(demoRepo, s.prs[pr], text)
		return err
	}
}

func (s *stage) conclusion(pr string) string {
	run, _ := s.gh.CheckRun(demoRepo, s.gh.PR(demoRepo, s.prs[pr]).HeadSHA, freeze.CheckName)
	return run.Conclusion
}

// check claims what the freeze check of a pull request says.
func (s *stage) check(pr, conclusion string) claim {
	number := s.prs[pr]
	run, _ := s.gh.CheckRun(demoRepo, s.gh.PR(demoRepo, number).HeadSHA, freeze.CheckName)
	return claim{fmt.Sprintf("%s on #%d: %s, %q", freeze.CheckName, number, conclusion, run.Title), run.Conclusion == conclusion}
}

func (s *stage) freezes() []sandbox.Issue {
	var open []sandbox.Issue
	for _, i := range s.gh.Issues(demoRepo) {
		if i.State == "open" && !i.IsPR && strings.HasPrefix(i.Title, "Code freeze: ") {
			open = append(open, i)
		}
	}
	return open
}

// frozenSays reports whether the freeze issue holds a text.
func (s *stage) frozenSays(text string) bool {
	return slices.ContainsFunc(s.freezes(), func(i sandbox.Issue) bool { return strings.Contains(i.Body, text) })
}

// summed reports whether the freeze issue has its summary.
func (s *stage) summed() bool {
	for _, c := range s.allComments() {
		if strings.Contains(c.Body, "**The freeze is over**") {
			return true
		}
	}
	return false
}

// told counts the bot's comments on a pull request that hold a text.
func (s *stage) told(pr, text string) int {
	n := 0
	for _, c := range s.gh.Comments(demoRepo, s.prs[pr]) {
		if c.Author == s.gh.App().Slug+"[bot]" && strings.Contains(c.Body, text) {
			n++
		}
	}
	return n
}
