package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/handlers/releasenotes"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// noteFile and noteOf are the release note of a pull request that fixes an issue.
func noteFile(name string) string { return "releasenotes/notes/" + name + ".yaml" }

func (s *stage) noteOf(name, title string) string {
	return fmt.Sprintf("apiVersion: release-notes/v2\nkind: bug-fix\narea: traffic-management\nissue: [%d]\nreleaseNotes:\n- |\n  **Fixed** %s.\n",
		s.numbers[bugOf(name)], strings.TrimPrefix(title, "Fix "))
}

// notesScene is how a change comes by its release note, and a release by its notes.
func notesScene() scene {
	const title = "Fix a crash when a gateway has no listeners"
	note := func(key string) func(*stage) error {
		return func(s *stage) error {
			return pushes("bob", "gateway", map[string]string{noteFile("gateway"): strings.Replace(s.noteOf("gateway", title), "issue:", key, 1)})(s)
		}
	}
	return scene{
		name: "notes", about: "Each change brings a release note; Slipway makes the notes of a release from these.",
		page: func(s *stage) string { return pullPath(s.notes()) },
		acts: []act{
			{
				tells: "bob opens {gateway} against release-1.30, a fix without a release note.",
				do: func(s *stage) error {
					bug, err := s.gh.As("bob").OpenIssue(demoRepo, "A gateway without listeners crashes", "")
					s.numbers[bugOf("gateway")] = bug
					return errors.Join(err, proposes("bob", "gateway", sandbox.PROptions{Base: demoBranch, Title: title, Files: changed("gateway"),
						Body: s.fill("Fixes {gateway's bug}.\n\n## Justification\n\nThat code is no longer on master.")})(s))
				},
				expect: func(s *stage) []claim { return []claim{s.noted("failure")} },
			},
			{
				tells: "bob pushes a note, in which one key is misspelled.",
				do:    note("issues:"),
				expect: func(s *stage) []claim {
					run, _ := s.gh.CheckRun(demoRepo, s.pr("gateway").HeadSHA, releasenotes.CheckName)
					return []claim{s.noted("failure"), holds(`line 4 of the note is annotated: unknown key "issues"; did you mean "issue"?`,
						run.Annotations == 1 && strings.Contains(run.Summary, `line 4: unknown key "issues", which is ignored; did you mean "issue"?`))}
				},
			},
			{
				tells:  "bob corrects it.",
				do:     note("issue:"),
				expect: func(s *stage) []claim { return []claim{s.noted("success")} },
			},
			{
				tells: "alice approves and merges it. Patch release 1.30.1 is near, so she comments: {said}",
				do: func(s *stage) error {
					return s.inTurn(approves("alice", called("gateway")), merges("alice", called("gateway")), comments("alice", "gateway", "/release notes 1.30.1"))
				},
				expect: func(s *stage) []claim {
					text, _ := s.gh.File(demoRepo, "release-notes-1.30.1", "releasenotes/releases/1.30.1/releaseNotes.md")
					return []claim{holds(fmt.Sprintf("Slipway opens #%d with the notes of all changes since 1.30.0, bob's among them", s.notes().Number),
						s.notes().Number != 0 && strings.Contains(text, "- **Fixed** a crash when a gateway has no listeners."))}
				},
			},
		},
	}
}

// noted claims what the check of release notes says of bob's change.
func (s *stage) noted(conclusion string) claim {
	return s.check(releasenotes.CheckName, s.pr("gateway"), conclusion)
}

// notes is the pull request that proposes the notes of the patch release.
func (s *stage) notes() sandbox.PR {
	for _, pr := range s.gh.PRs(demoRepo) {
		if pr.Title == "Release notes of 1.30.1" {
			return pr
		}
	}
	return sandbox.PR{}
}
