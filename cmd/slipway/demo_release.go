package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/config/istio"
	"github.com/istio-ecosystem/slipway/handlers/build"
	"github.com/istio-ecosystem/slipway/handlers/freeze"
	"github.com/istio-ecosystem/slipway/handlers/releasebranch"
	"github.com/istio-ecosystem/slipway/handlers/releasenotes"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// demoBuilder is the demo's repository with the trigger files.
const demoBuilder = "istio/release-builder"

// addIstio gives the demo's organisation what a release by Istio's policy needs: the other repositories, and on release
// branches the checks that are required.
func addIstio(gh *sandbox.Server) error {
	var err error
	try := func(e error) { err = errors.Join(err, e) }
	files := map[string]string{"common/Makefile.common.mk": "UPDATE_BRANCH ?= \"master\"\n", "CODEOWNERS": codeOwners}
	for _, name := range []string{"release-builder", "test-infra", "istio.io"} {
		repo := "istio/" + name
		try(gh.CreateRepo("istio", name, sandbox.RepoOptions{Files: files}))
		for _, login := range []string{"alice", "dave"} {
			try(gh.AddCollaborator(repo, login, "write"))
		}
	}
	for repo, more := range map[string]map[string]string{
		demoRepo: files, "istio/api": files, demoBuilder: {"release/trigger-build": "1.30.0\n", "release/trigger-publish": "1.30.0\n"},
	} {
		_, e := gh.As("alice").Push(repo, "master", more, "What a release needs")
		try(e)
	}
	for _, name := range istio.Repositories {
		checks := []string{freeze.CheckName, releasebranch.CheckName}
		switch name {
		case "istio", "api":
			checks = append(checks, releasenotes.CheckName)
		case "release-builder":
			checks = append(checks, build.CheckName)
		}
		_, e := gh.AddRuleset("istio/"+name, sandbox.Ruleset{Refs: []string{"refs/heads/release-*"}, AppChecks: checks})
		try(e)
	}
	try(gh.CreateTeam("istio", "release-managers-1-31", "alice", "dave"))
	for _, repo := range []string{demoRepo, "istio/api"} {
		try(gh.As("alice").Tag(repo, "1.30.0", demoBranch))
	}
	_, e := gh.As("alice").CreateMilestone(demoRepo, "1.31")
	try(e)
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
					n, err := s.gh.As("bob").OpenIssue(demoRepo, "When does 1.31 come?", "")
					if err != nil {
						return err
					}
					s.numbers["question"] = n
					return comments("alice", "question", fmt.Sprintf("/release start 1.31 cut=%s release=%s managers=alice,dave", s.day(15), s.day(54)))(s)
				},
				expect: func(s *stage) []claim {
					s.numbers["tracker"] = s.tracker().Number
					return []claim{holds(s.fill("Slipway opens {tracker} with the dates and steps of Istio's policy, and has ticked one: the team is there"),
						s.trackerSays("- [x] `team`: Make the team release-managers-1-31 ([the team is there]("))}
				},
			},
			{
				tells: "alice has announced the dates, and ticks that step.",
				do:    ticks("alice", "pre-announce"),
				expect: func(s *stage) []claim {
					return []claim{holds("the tick stands, with her name", s.trackerSays("- [x] `pre-announce`: Announce the dates of 1.31 in public (`alice`)"))}
				},
			},
			{
				tells: "bob, who manages no release, ticks a step, too.",
				do:    ticks("bob", "wiki"),
				expect: func(s *stage) []claim {
					return []claim{holds("Slipway puts his tick back, and says who may", s.trackerSays("- [ ] `wiki`") && s.told("tracker", "was ticked by `bob`, who may not do that") == 1)}
				},
			},
			{
				tells: "Two weeks later it is time for the branch. alice comments on {tracker}: {said}",
				do: func(s *stage) error {
					return s.inTurn(passes(14*storyDay), ticks("alice", "wiki", "channel", "quiet"), comments("alice", "tracker", "/release step label run\n/release step step-2 run"))
				},
				expect: func(s *stage) []claim {
					return []claim{holds("Slipway creates the label and release-1.31 in 3 repositories, and the steps have ticked themselves",
						s.trackerSays("- [x] `label`") && s.trackerSays("- [x] `step-2`") && s.trackerSays("([the branch is there in 3 repositories]("))}
				},
			},
			{
				tells: "The jobs of the branch run. alice comments on {tracker}: {said}",
				do: func(s *stage) error {
					return s.inTurn(ticks("alice", "step-3"), comments("alice", "tracker", "/release step step-4-makefile run"))
				},
				expect: (*stage).edited,
			},
			{
				tells: "dave, the other release manager, approves each of them, and alice merges them.",
				do: func(s *stage) error {
					return s.inTurn(approves("dave", (*stage).edits), merges("alice", (*stage).edits))
				},
				expect: func(s *stage) []claim {
					return []claim{holds("no other approval was needed, and the step has ticked itself", s.trackerSays("- [x] `step-4-makefile`"))}
				},
			},
		},
	}
}

// publishScene is a candidate in the code freeze, from its last blocker to its publish.
func publishScene() scene {
	return scene{
		name: "publish", about: "In the code freeze, what a release needs takes a command and another release manager's approval.", after: "release",
		page: func(s *stage) string { return pullPath(s.proposal("publish")) },
		acts: []act{
			{
				tells: "Five weeks later the beta is out. alice ticks the steps that were done meanwhile.",
				do:    fiveWeeks,
				expect: func(s *stage) []claim {
					frozen := s.issue("Code freeze: release-1.31, code freeze")
					return []claim{holds(s.fill(fmt.Sprintf("the code freeze of 1.31 has begun by the dates of {tracker}; Slipway opens #%d for it", frozen.Number)), frozen.State == "open"),
						holds("the step of the beta has ticked itself", s.trackerSays("- [x] `beta`"))}
				},
			},
			{
				tells: "bob reports a release blocker, {cure's bug}, and fixes it on master in {cure}. erin approves that; bob merges it and closes {cure's bug}.",
				do:    cures,
				expect: func(s *stage) []claim {
					return []claim{holds(s.fill("{tracker} still counts the blocker: its fix isn't on release-1.31"), s.trackerSays("which isn't on `release-1.31` yet"))}
				},
			},
			{
				tells: "bob asks for the pick there. alice lets it through the freeze, {said}, and merges it.",
				do:    picksCure,
				expect: func(s *stage) []claim {
					return []claim{holds(s.fill("{tracker} says that there is no blocker any more"), s.trackerSays("**Blockers:** none"))}
				},
			},
			{
				tells: "alice comments on {tracker}: {said}",
				do:    comments("alice", "tracker", "/release build 1.31.0-rc.0"),
				expect: func(s *stage) []claim {
					return []claim{s.proposed("build", releasebranch.CheckName), s.check(freeze.CheckName, s.proposal("build"), "success"),
						s.check(build.CheckName, s.proposal("build"), "success")}
				},
			},
			{
				tells: "dave approves that, alice merges it, and its job builds the candidate.",
				do: func(s *stage) error {
					return s.inTurn(approves("dave", proposalOf("build")), merges("alice", proposalOf("build")),
						reports("build-warning", "failure"), reports("build-release_release-builder_release-1.31_postsubmit", "success"))
				},
				expect: func(s *stage) []claim {
					return []claim{holds(s.fill("dave's approval was all that it took. Slipway comments on {tracker}: 1.31.0-rc.0: built"), s.told("tracker", "1.31.0-rc.0: built") == 1)}
				},
			},
			{
				tells: "alice comments on {tracker}: {said}",
				do:    comments("alice", "tracker", "/release publish 1.31.0-rc.0"),
				expect: func(s *stage) []claim {
					return []claim{s.proposed("publish", build.CheckName)}
				},
			},
			{
				tells: "dave approves that, alice merges it, its job tags the candidate, and dave makes it public.",
				do:    publishes,
				expect: func(s *stage) []claim {
					return []claim{
						holds("the same comment says: 1.31.0-rc.0: published", s.told("tracker", "1.31.0-rc.0: published") == 1 && s.told("tracker", "1.31.0-rc.0: built") == 0),
						holds("the step has ticked itself", s.trackerSays("- [x] `rc`")),
					}
				},
			},
		},
	}
}

// fiveWeeks go by, in which people do what the steps of the branch's cut and of the time until the freeze say.
func fiveWeeks(s *stage) error {
	done := []string{"milestone"}
	checklist := s.tracker().Body
	checklist = checklist[strings.Index(checklist, "### Branch cut"):strings.Index(checklist, "### Candidates")]
	for line := range strings.Lines(checklist) {
		if id, open := strings.CutPrefix(line, "- [ ] `"); open && !strings.HasPrefix(id, "beta`") {
			done = append(done, id[:strings.Index(id, "`")])
		}
	}
	if err := s.gh.As("alice").Tag(demoRepo, "1.31.0-beta.0", "release-1.31"); err != nil {
		return err
	}
	return s.inTurn(passes(35*storyDay), rests, ticks("alice", done...))
}

// cures is how a blocker is reported, and fixed on master.
func cures(s *stage) error {
	bob := s.gh.As("bob")
	bug, err := bob.OpenIssue(demoRepo, "A gateway without listeners crashes", "", "release-blocker")
	if err == nil {
		err = s.gh.As("alice").SetMilestone(demoRepo, bug, 1)
	}
	if err != nil {
		return err
	}
	s.numbers[bugOf("cure")] = bug
	return s.inTurn(
		fixes("bob", "cure", "master", "Fix a crash without listeners", changed("cure")),
		approves("erin", called("cure")), merges("bob", called("cure")), func(*stage) error { return bob.Close(demoRepo, bug) })
}

// picksCure is how that gets to the frozen branch.
func picksCure(s *stage) error {
	if err := s.inTurn(comments("bob", "cure", "/cherry-pick release-1.31"), rests); err != nil {
		return err
	}
	s.numbers["cure's pick"] = s.pickTo("cure", "release-1.31").Number
	return s.inTurn(comments("alice", "cure's pick", "/release exempt fixes the blocker"), merges("alice", called("cure's pick")))
}

// publishes is how a publish gets out, once it is proposed.
func publishes(s *stage) error {
	const version, branch = "1.31.0-rc.0", "release-1.31"
	if err := s.inTurn(approves("dave", proposalOf("publish")), merges("alice", proposalOf("publish"))); err != nil {
		return err
	}
	alice, dave := s.gh.As("alice"), s.gh.As("dave")
	return errors.Join(
		alice.Tag(demoRepo, version, branch),
		alice.Draft(demoRepo, version, branch, "istio-"+version+"-osx.tar.gz"),
		reports("publish-release_release-builder_release-1.31_postsubmit", "success")(s),
		dave.PublishRelease(demoRepo, version))
}

// tracker is the tracking issue of the story.
func (s *stage) tracker() sandbox.Issue { return s.issue("Istio 1.31") }

func (s *stage) trackerSays(text string) bool { return strings.Contains(s.tracker().Body, text) }

// day is a day that many days from now on.
func (s *stage) day(days int) string {
	return s.program.now().UTC().AddDate(0, 0, days).Format(time.DateOnly)
}

// ticks has somebody click the boxes of steps.
func ticks(login string, steps ...string) func(*stage) error {
	return func(s *stage) error {
		body := s.tracker().Body
		for _, step := range steps {
			body = strings.Replace(body, "- [ ] `"+step+"`", "- [x] `"+step+"`", 1)
		}
		return s.gh.As(login).EditBody(demoRepo, s.tracker().Number, body)
	}
}

// edited claims that the edits of a step are proposed, and wait for an approval.
func (s *stage) edited() []claim {
	edits := s.edits()
	claims := []claim{holds(fmt.Sprintf("Slipway opens a pull request with the edit in each of %d repositories", len(edits)), len(edits) == 2)}
	for _, pr := range edits {
		claims = append(claims, s.check(releasebranch.CheckName, pr, "failure"))
	}
	return claims
}

// edits are the open pull requests with the edits of a step.
func (s *stage) edits() (open []sandbox.PR) {
	for _, name := range istio.Repositories {
		for _, pr := range s.gh.PRs("istio/" + name) {
			if pr.State == "open" && pr.Base == "release-1.31" {
				open = append(open, pr)
			}
		}
	}
	return open
}

// proposal is the pull request that proposes a build or a publish.
func (s *stage) proposal(purpose string) sandbox.PR {
	for _, pr := range s.gh.PRs(demoBuilder) {
		if pr.Title == "[release-1.31] Trigger "+purpose+" 1.31.0-rc.0" {
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

func proposalOf(purpose string) func(*stage) []sandbox.PR {
	return func(s *stage) []sandbox.PR { return []sandbox.PR{s.proposal(purpose)} }
}

// reports has a job report on the commit that the builder's branch is at.
func reports(job, state string) func(*stage) error {
	return func(s *stage) error {
		return s.gh.As("alice").SetStatus(demoBuilder, s.gh.Branch(demoBuilder, "release-1.31"), job, state)
	}
}
