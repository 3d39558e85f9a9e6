package main

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/handlers/releasenotes"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// demoNotesPolicy is what alice adds to the policy for notes.
const demoNotesPolicy = `releasenotes:
  path: releasenotes/notes
  release: {path: "releasenotes/releases/{version}"}
`

const demoNote = `apiVersion: release-notes/v2
kind: bug-fix
area: traffic-management
issues: [58777]
releaseNotes:
- |
  **Fixed** a crash when a gateway has no listeners.
`

// notesScene is how a change comes by its release note, and a release by its notes.
func notesScene() scene {
	const file = "releasenotes/notes/gateway.yaml"
	return scene{
		name: "notes", about: "Each change brings a release note; Slipway makes the notes of a release from these.",
		page: func(s *stage) string { return pullPath(s.notes()) },
		acts: []act{
			{
				tells: "alice has the policy ask for release notes. bob opens {gateway} against release-1.30 without one.",
				do: func(s *stage) error {
					if _, err := s.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": gatedPolicy + demoNotesPolicy}, "Ask for release notes"); err != nil {
						return err
					}
					return opens("bob", "gateway", demoBranch, "Fix a crash of gateways")(s)
				},
				expect: func(s *stage) []claim { return []claim{s.noted("failure")} },
			},
			{
				tells: "bob pushes a note, in which one key is misspelled.",
				do:    pushes("bob", "gateway", map[string]string{file: demoNote}),
				expect: func(s *stage) []claim {
					run, _ := s.gh.CheckRun(demoRepo, s.pr("gateway").HeadSHA, releasenotes.CheckName)
					return []claim{s.noted("failure"), holds(`line 4 of the note is annotated: unknown key "issues"; did you mean "issue"?`,
						run.Annotations == 1 && strings.Contains(run.Summary, `line 4: unknown key "issues", which is ignored; did you mean "issue"?`))}
				},
			},
			{
				tells:  "bob corrects it.",
				do:     pushes("bob", "gateway", map[string]string{file: strings.Replace(demoNote, "issues:", "issue:", 1)}),
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
