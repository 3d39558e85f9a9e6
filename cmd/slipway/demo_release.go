package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/handlers/build"
	"github.com/istio-ecosystem/slipway/handlers/releasebranch"
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

// releaseScene is how a release begins, and how its branch is made.
func releaseScene() scene {
	return scene{
		name: "release", about: "A release is run from one issue, whose steps tick themselves when there is evidence.",
		page: func(s *stage) string { return issuePath(s.tracker().Number) },
		acts: []act{
			{
				tells: "bob asks in an issue for 1.31. alice answers: {said}",
				do: func(s *stage) error {
					day := func(days int) string { return s.program.now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }
					n, err := s.gh.As("bob").OpenIssue(demoRepo, "When does 1.31 come?", "")
					if err != nil {
						return err
					}
					s.numbers["question"] = n
					return comments("alice", "question", fmt.Sprintf("/release start 1.31 cut=%s release=%s", day(1), day(36)))(s)
				},
				expect: func(s *stage) []claim {
					s.numbers["tracker"] = s.tracker().Number
					return []claim{holds(s.fill("Slipway opens {tracker} with the steps, and has ticked one: the team is there"),
						s.trackerSays("- [x] `team`: Make the team ([the team is there]("))}
				},
			},
			{
				tells: "alice has announced the dates, and ticks that step.",
				do:    func(s *stage) error { return s.tick("alice", "announce") },
				expect: func(s *stage) []claim {
					return []claim{holds("the tick stands, with her name", s.trackerSays("- [x] `announce`: Announce the dates of 1.31 (`alice`)"))}
				},
			},
			{
				tells: "bob, who manages no release, ticks a step, too.",
				do:    func(s *stage) error { return s.tick("bob", "beta") },
				expect: func(s *stage) []claim {
					return []claim{holds("Slipway puts his tick back, and says who may", s.trackerSays("- [ ] `beta`") && s.told("tracker", "was ticked by `bob`, who may not do that") == 1)}
				},
			},
			{
				tells: "It is time for the branch. alice comments on {tracker}: {said}",
				do:    comments("alice", "tracker", "/release step cut run"),
				expect: func(s *stage) []claim {
					return []claim{holds("Slipway creates release-1.31 in 3 repositories, and the step has ticked itself",
						s.trackerSays("- [x] `cut`: Create release-1.31 everywhere ([the branch is there in 3 repositories]("))}
				},
			},
		},
	}
}

// publishScene is a build and its publish, until the release is closed.
func publishScene() scene {
	return scene{
		name: "publish", about: "A build and a publish are pull requests, which another release manager approves.", after: "release",
		page: func(s *stage) string { return pullPath(s.proposal("publish")) },
		acts: []act{
			{
				tells: "alice comments on {tracker}: {said}",
				do:    comments("alice", "tracker", "/release build 1.31.0-beta.0"),
				expect: func(s *stage) []claim {
					return []claim{s.proposed("build", releasebranch.CheckName), s.check(build.CheckName, s.proposal("build"), "success")}
				},
			},
			{
				tells: "dave approves that, alice merges it, and its job builds the beta.",
				do: func(s *stage) error {
					return s.inTurn(approves("dave", proposalOf("build")), merges("alice", proposalOf("build")),
						reports("build-warning", "failure"), reports("build-release_release-builder_release-1.31_postsubmit", "success"))
				},
				expect: func(s *stage) []claim {
					return []claim{holds(s.fill("Slipway comments on {tracker}: 1.31.0-beta.0: built"), s.told("tracker", "1.31.0-beta.0: built") == 1)}
				},
			},
			{
				tells: "alice comments on {tracker}: {said}",
				do:    comments("alice", "tracker", "/release publish 1.31.0-beta.0"),
				expect: func(s *stage) []claim {
					return []claim{s.proposed("publish", build.CheckName)}
				},
			},
			{
				tells: "dave approves that, alice merges it, its job tags the beta, and dave makes it public.",
				do: func(s *stage) error {
					if err := s.inTurn(approves("dave", proposalOf("publish")), merges("alice", proposalOf("publish"))); err != nil {
						return err
					}
					alice, dave := s.gh.As("alice"), s.gh.As("dave")
					return errors.Join(
						alice.Tag(demoRepo, "1.31.0-beta.0", "release-1.31"),
						alice.Draft(demoRepo, "1.31.0-beta.0", "release-1.31", "istio-1.31.0-beta.0-osx.tar.gz"),
						reports("publish-release_release-builder_release-1.31_postsubmit", "success")(s),
						dave.PublishRelease(demoRepo, "1.31.0-beta.0"))
				},
				expect: func(s *stage) []claim {
					return []claim{
						holds("the same comment says: 1.31.0-beta.0: published", s.told("tracker", "1.31.0-beta.0: published") == 1 && s.told("tracker", "1.31.0-beta.0: built") == 0),
						holds("the step has ticked itself", s.trackerSays("- [x] `beta`")),
					}
				},
			},
			{
				tells: "No step is left. alice comments on {tracker}: {said}",
				do:    comments("alice", "tracker", "/release close the demo ends with the first beta"),
				expect: func(s *stage) []claim {
					return []claim{holds(s.fill("Slipway closes {tracker}"), s.tracker().State == "closed")}
				},
			},
		},
	}
}

// tracker is the tracking issue of the story.
func (s *stage) tracker() sandbox.Issue { return s.issue("Istio 1.31") }

func (s *stage) trackerSays(text string) bool { return strings.Contains(s.tracker().Body, text) }

// tick has somebody click the box of a step.
func (s *stage) tick(login, step string) error {
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

// proposed claims that there is one, which waits for an approval that a check asks for.
func (s *stage) proposed(purpose, check string) claim {
	c := s.check(check, s.proposal(purpose), "failure")
	c.what = "Slipway opens the pull request, and " + c.what
	return c
}

func proposalOf(purpose string) func(*stage) sandbox.PR {
	return func(s *stage) sandbox.PR { return s.proposal(purpose) }
}

// reports has a job report on the commit that the builder's branch is at.
func reports(job, state string) func(*stage) error {
	return func(s *stage) error {
		return s.gh.As("alice").SetStatus(demoBuilder, s.gh.Branch(demoBuilder, "release-1.31"), job, state)
	}
}
