package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/handlers/release"
	"github.com/istio-ecosystem/slipway/handlers/releasebranch"
	"github.com/istio-ecosystem/slipway/handlers/releasenotes"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// demoBuilder is the demo's repository with the trigger files.
const demoBuilder = "istio/release-builder"

// demoReleasePolicy is what the demo's policy has for a release.
const demoReleasePolicy = `fails_by_design: [build-warning]
checklist:
  home: istio
  look_every: 0s
  product: Istio
  repositories: [istio, api, release-builder]
  blockers: {label: release-blocker}
  templates:
    - kind: minor
      schedule:
        - {name: branch-cut, at: cut, phase: open}
        - {name: code-freeze, at: release-7d, phase: frozen}
        - {name: release, at: release, phase: released}
      steps:
        - {phase: Before the cut, id: announce, title: "Announce the dates of {release}"}
        - {phase: Before the cut, id: team, title: Make the team, probe: {team: "release-managers-{major}-{minor}"}}
        - {phase: Branch cut, id: cut, title: "Create {branch} everywhere", needs: [announce], action: {branch: "{branch}"}, probe: {branch: "{branch}"}}
        - {phase: Release, id: beta, title: "Publish {version}-beta.0", needs: [cut], probe: {tag: "{version}-beta.0", in: [istio]}}
release:
  triggers: {repository: release-builder, unbuilt: refuse}
`

// addRelease gives the demo's organisation what a release needs.
func addRelease(gh *sandbox.Server) error {
	var err error
	try := func(e error) { err = errors.Join(err, e) }
	try(gh.CreateRepo("istio", "release-builder", sandbox.RepoOptions{Files: map[string]string{
		"release/trigger-build": "1.30.0\n", "release/trigger-publish": "1.30.0\n",
	}}))
	for _, login := range []string{"alice", "dave"} {
		try(gh.AddCollaborator(demoBuilder, login, "write"))
	}
	try(gh.CreateTeam("istio", "release-managers-1-31", "alice", "dave"))
	try(gh.AddCollaborator("istio/.github", "alice", "write"))
	try(gh.As("alice").Tag(demoRepo, "1.30.0", demoBranch))
	return err
}

// releaseStory is a release from its start to its end, in short.
func releaseStory() []scene {
	return append([]scene{
		{
			name:  "planned",
			about: "The next release begins. alice, who manages it with dave, opens its tracking issue.",
			act: func(s *stage) error {
				day := func(days int) string { return s.clock.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }
				return comment("alice", "feature", fmt.Sprintf("/release start 1.31 cut=%s release=%s managers=alice,dave", day(1), day(36)))(s)
			},
			expect: func(s *stage) []claim {
				s.prs["tracker"] = s.tracker().Number
				return []claim{
					{"there is a tracking issue for 1.31", s.tracker().Number != 0},
					{"the step with evidence has ticked itself", s.trackerSays("- [x] `team`: Make the team ([the team is there](")},
				}
			},
		},
		{
			name:  "ticked",
			about: "She announces the dates and ticks the box.",
			act:   func(s *stage) error { return s.tick("alice", "announce") },
			expect: func(s *stage) []claim {
				return []claim{{"her tick stands", s.trackerSays("- [x] `announce`: Announce the dates of 1.31 (`alice`)")}}
			},
		},
		{
			name:  "put back",
			about: "bob, who manages no release, ticks another.",
			act:   func(s *stage) error { return s.tick("bob", "beta") },
			expect: func(s *stage) []claim {
				return []claim{{"his tick was put back", s.trackerSays("- [ ] `beta`") && s.told("tracker", "was ticked by `bob`, who may not do that") == 1}}
			},
		},
		{
			name:  "cut",
			about: "The day of the cut. One comment creates the branch everywhere.",
			act:   onTracker("alice", "/release step cut run"),
			expect: func(s *stage) []claim {
				return []claim{{"the step has ticked itself", s.trackerSays("- [x] `cut`: Create release-1.31 everywhere ([the branch is there in 3 repositories](")}}
			},
		},
	}, append(publishStory(), notesStory()...)...)
}

// publishStory is a build, and the asking for its publish.
func publishStory() []scene {
	return append([]scene{
		{
			name:  "built",
			about: "alice asks for the first beta. The gate of the release branch wants another manager to look at what Slipway proposes.",
			act:   onTracker("alice", "/release build 1.31.0-beta.0"),
			expect: func(s *stage) []claim {
				return []claim{s.proposed("build", "success"), s.gated("build", "failure")}
			},
		},
		{
			name:   "looked at",
			about:  "dave manages 1.31, too. He looks at the build and approves it.",
			act:    daveApproves("build"),
			expect: func(s *stage) []claim { return []claim{s.gated("build", "success")} },
		},
		{
			name:  "followed",
			about: "alice merges the build. One comment on the tracking issue follows it.",
			act: func(s *stage) error {
				s.person("alice merges the build; its job fails by design where it warns, and succeeds where it builds")
				if _, err := s.gh.As("alice").Merge(demoBuilder, s.proposal("build").Number, "squash"); err != nil {
					return err
				}
				return errors.Join(s.reports("build-warning", "failure"), s.reports("build-release_release-builder_release-1.31_postsubmit", "success"))
			},
			expect: func(s *stage) []claim {
				return []claim{{"it says that the beta is built", s.told("tracker", "1.31.0-beta.0: built") == 1}}
			},
		},
		{
			name:   "second pair of eyes",
			about:  "It was built well. To publish it, alice needs dave again.",
			act:    onTracker("alice", "/release publish 1.31.0-beta.0"),
			expect: func(s *stage) []claim { return []claim{s.proposed("publish", "failure")} },
		},
	}, publishedStory()...)
}

// publishedStory is a publish until it is out, and the end of the release.
func publishedStory() []scene {
	return []scene{
		{
			name:  "published",
			about: "dave looks at it and approves.",
			act:   daveApproves("publish"),
			expect: func(s *stage) []claim {
				return []claim{s.proposed("publish", "success"), s.gated("publish", "success")}
			},
		},
		{
			name:  "tagged",
			about: "The publish is merged; its job tags the version and makes a draft, which dave makes public.",
			act: func(s *stage) error {
				s.person("alice merges the publish, whose job tags 1.31.0-beta.0 and makes a draft; dave makes it public")
				if _, err := s.gh.As("alice").Merge(demoBuilder, s.proposal("publish").Number, "squash"); err != nil {
					return err
				}
				alice, dave := s.gh.As("alice"), s.gh.As("dave")
				return errors.Join(
					alice.Tag(demoRepo, "1.31.0-beta.0", "release-1.31"),
					alice.Draft(demoRepo, "1.31.0-beta.0", "release-1.31", "istio-1.31.0-beta.0-osx.tar.gz"),
					s.reports("publish-release_release-builder_release-1.31_postsubmit", "success"),
					dave.PublishRelease(demoRepo, "1.31.0-beta.0"))
			},
			expect: func(s *stage) []claim {
				return []claim{
					{"the step has ticked itself", s.trackerSays("- [x] `beta`")},
					{"the same comment says that it is out", s.told("tracker", "1.31.0-beta.0: published") == 1 && s.told("tracker", "1.31.0-beta.0: built") == 0},
				}
			},
		},
		{
			name:  "closed",
			about: "Nothing is left to do, so the release may be closed.",
			act:   onTracker("alice", "/release close the demo ends with the first beta"),
			expect: func(s *stage) []claim {
				return []claim{{"the tracking issue is closed", s.tracker().State == "closed"}}
			},
		},
	}
}

// demoNotesPolicy is what alice adds to the policy at the end.
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

// notesStory is how a change comes by its release note, and a release by its notes.
func notesStory() []scene {
	const file = "releasenotes/notes/gateway.yaml"
	return []scene{
		{
			name:  "asked for",
			about: "Patch release 1.30.1 is to have notes. alice has the policy ask each change for one.",
			act: func(s *stage) error {
				s.person("alice merges a change of the policy, which names the folder of the notes")
				_, err := s.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": gatedPolicy + demoNotesPolicy}, "Ask for release notes")
				return err
			},
			expect: func(s *stage) []claim { return []claim{s.noted("fix", "failure")} },
		},
		{
			name:  "noted",
			about: "bob brings a note with his fix. One word in it is wrong, which nobody would have seen until the release.",
			act: func(s *stage) error {
				pr, err := s.gh.As("bob").OpenPR(demoRepo, sandbox.PROptions{Base: demoBranch, Head: "bob-gateway", Title: "Fix a crash of gateways",
					Files: map[string]string{"pilot/pkg/xds/gateway.go": "package xds\n", file: demoNote}})
				s.prs["gateway"] = pr.Number
				s.person("bob opens #%d with a note, which says \"issues: [58777]\"", pr.Number)
				return err
			},
			expect: func(s *stage) []claim {
				run := s.notesRun("gateway")
				return []claim{s.noted("gateway", "failure"),
					{`line 4 of the note is annotated: unknown key "issues"; did you mean "issue"?`, run.Annotations == 1 && strings.Contains(run.Summary, `line 4: unknown key "issues", which is ignored; did you mean "issue"?`)}}
			},
		},
		{
			name:  "corrected",
			about: "He corrects it, and the check is green at once.",
			act: func(s *stage) error {
				s.person("bob pushes the correction to #%d", s.prs["gateway"])
				_, err := s.gh.As("bob").PushToPR(demoRepo, s.prs["gateway"], map[string]string{file: strings.Replace(demoNote, "issues:", "issue:", 1)}, "Correct the note")
				return err
			},
			expect: func(s *stage) []claim { return []claim{s.noted("gateway", "success")} },
		},
		{
			name:  "written",
			about: "alice takes it, and has the notes of 1.30.1 written: what is new since the tag 1.30.0, and a report of what lacks a note.",
			act: func(s *stage) error {
				s.person("alice approves #%[1]d and merges it", s.prs["gateway"])
				if _, err := s.gh.As("alice").Review(demoRepo, s.prs["gateway"], "APPROVE", ""); err != nil {
					return err
				}
				if _, err := s.gh.As("alice").Merge(demoRepo, s.prs["gateway"], "squash"); err != nil {
					return err
				}
				return comment("alice", "gateway", "/release notes 1.30.1")(s)
			},
			expect: func(s *stage) []claim {
				text, _ := s.gh.File(demoRepo, "release-notes-1.30.1", "releasenotes/releases/1.30.1/releaseNotes.md")
				return []claim{{"a pull request proposes the notes, with bob's in them", strings.Contains(text, "- **Fixed** a crash when a gateway has no listeners.") &&
					slices.ContainsFunc(s.gh.PRs(demoRepo), func(pr sandbox.PR) bool { return pr.Title == "Release notes of 1.30.1" })}}
			},
		},
	}
}

func (s *stage) notesRun(pr string) sandbox.CheckRun {
	run, _ := s.gh.CheckRun(demoRepo, s.gh.PR(demoRepo, s.prs[pr]).HeadSHA, releasenotes.CheckName)
	return run
}

// noted claims what the check of release notes says of a pull request.
func (s *stage) noted(pr, conclusion string) claim {
	run := s.notesRun(pr)
	return claim{fmt.Sprintf("%s on #%d: %s, %q", releasenotes.CheckName, s.prs[pr], conclusion, run.Title), run.Conclusion == conclusion}
}

// tracker is the tracking issue of the story.
func (s *stage) tracker() sandbox.Issue {
	for _, i := range s.gh.Issues(demoRepo) {
		if i.Title == "Istio 1.31" {
			return i
		}
	}
	return sandbox.Issue{}
}

func (s *stage) trackerSays(text string) bool { return strings.Contains(s.tracker().Body, text) }

// onTracker has somebody comment on the tracking issue.
func onTracker(login, text string) func(*stage) error { return comment(login, "tracker", text) }

// tick has somebody click the box of a step.
func (s *stage) tick(login, step string) error {
	s.person("%s ticks the box of %s", login, step)
	body := s.tracker().Body
	return s.gh.As(login).EditBody(demoRepo, s.tracker().Number, strings.Replace(body, "- [ ] `"+step+"`", "- [x] `"+step+"`", 1))
}

// proposal is the pull request that proposes a build or a publish.
func (s *stage) proposal(purpose string) sandbox.PR {
	for _, pr := range s.gh.PRs(demoBuilder) {
		if pr.Title == "[release-1.31] Trigger "+purpose+" 1.31.0-beta.0" {
			return pr
		}
	}
	return sandbox.PR{}
}

// reports has a job report on the commit that the builder's branch is at.
func (s *stage) reports(name, state string) error {
	return s.gh.As("alice").SetStatus(demoBuilder, s.gh.Branch(demoBuilder, "release-1.31"), name, state)
}

// proposed claims that there is one, and what the check says of it.
func (s *stage) proposed(purpose, conclusion string) claim {
	pr := s.proposal(purpose)
	run, _ := s.gh.CheckRun(demoBuilder, pr.HeadSHA, release.CheckName)
	return claim{fmt.Sprintf("%s on %s#%d: %s, %q", release.CheckName, demoBuilder, pr.Number, conclusion, run.Title), pr.Number != 0 && run.Conclusion == conclusion}
}

// daveApproves has dave approve a build or a publish.
func daveApproves(purpose string) func(*stage) error {
	return func(s *stage) error {
		s.person("dave approves the %s", purpose)
		_, err := s.gh.As("dave").Review(demoBuilder, s.proposal(purpose).Number, "APPROVE", "")
		return err
	}
}

// gated claims what the gate of release branches says of it.
func (s *stage) gated(purpose, conclusion string) claim {
	pr := s.proposal(purpose)
	run, _ := s.gh.CheckRun(demoBuilder, pr.HeadSHA, releasebranch.CheckName)
	return claim{fmt.Sprintf("%s on %s#%d: %s, %q", releasebranch.CheckName, demoBuilder, pr.Number, conclusion, run.Title), run.Conclusion == conclusion}
}
