package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// withRelease has a tracking issue of 1.31, and a builder with its branch. alice
// and dave manage the release.
func withRelease(w *world) int {
	w.t.Helper()
	withBuilder(w)
	n := withTracker(w)
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-31", "dave", "active"))
	_, err := w.gh.As("alice").Push("istio/.github", "master",
		map[string]string{".github/slipway.yml": trackerPolicy + "fails_by_design: [build-warning]\nrelease:\n  triggers: {repository: release-builder, unbuilt: refuse}\n"}, "Both")
	w.do(err)
	w.do(w.gh.AddCollaborator(builderRepo, "dave", "write"))
	w.do(w.gh.CreateBranch(builderRepo, "release-1.31", "master"))
	w.settle()
	return n
}

// proposals lists the open pull requests of the builder, by their titles.
func (w *world) proposals() map[string]sandbox.PR {
	open := map[string]sandbox.PR{}
	for _, pr := range w.gh.PRs(builderRepo) {
		if pr.State == "open" {
			open[pr.Title] = pr
		}
	}
	return open
}

// merges has alice merge the only open pull request of the builder, which has to
// have a title and change a file to a text.
func (w *world) merges(title, path, text string) {
	w.t.Helper()
	open := w.proposals()
	pr, there := open[title]
	if !there || len(open) != 1 {
		w.t.Fatalf("no %q alone among %v\n%s", title, open, w.log)
	}
	if got, _ := w.gh.File(builderRepo, pr.HeadSHA, path); got != text {
		w.t.Errorf("%s is %q, want %q", path, got, text)
	}
	w.wantRelease(pr.Number, "success", "")
	_, err := w.gh.As("alice").Merge(builderRepo, pr.Number, "squash")
	w.do(err)
	w.settle()
}

func (w *world) wantAnswer(login string, n int, say, want string) {
	w.t.Helper()
	if got := w.says(login, n, say); !strings.Contains(got, want) {
		w.t.Errorf("%s says %s and is told:\n%s\nwant %q\n%s", login, say, got, want, w.log)
	}
}

func TestBuildAndPublish(t *testing.T) {
	w := newWorld(t)
	n := withRelease(w)
	const build, publish = "release/trigger-build", "release/trigger-publish"
	w.wantAnswer("bob", n, "/release build 1.31.0-alpha.0", "release-managers-1-31")
	for say, want := range map[string]string{
		"/release build 1.31-beta.0": "did you mean 1.31.0-beta.0?", "/release build 1.30.1": "no version of the release that this issue tracks",
		"/release build": "want one version", "/release rebuild 1.31.0-beta.0": "Only the version that was built last", "/release publish 1.31.0-beta.0": "no build of 1.31.0-beta.0 was triggered",
	} {
		w.wantAnswer("alice", n, say, want)
	}
	w.wantAnswer("alice", 1, "/release build 1.31.0-alpha.0", "this is no tracking issue of a release")

	// The first alpha comes from master.
	w.wantAnswer("alice", n, "/release build 1.31.0-alpha.0", "The build of 1.31.0-alpha.0 is proposed")
	w.wantAnswer("dave", n, "/release build 1.31.0-alpha.0", "It is proposed already: [#")
	w.merges("[master] Trigger build 1.31.0-alpha.0", build, "1.31.0-alpha.0\n")
	w.wantAnswer("alice", n, "/release build 1.31.0-alpha.0", "was built already")
	w.wantAnswer("alice", n, "/release build 1.31.0-beta.0", "so the pull request waits for an approval. **Next step:** a member of `release-managers-1-31` other than you looks at it")
	w.merges("[release-1.31] Trigger build 1.31.0-beta.0", build, "1.31.0-beta.0\n")
	w.wantAnswer("dave", n, "/release publish 1.31.0-beta.0", "the build of 1.31.0-beta.0 isn't over")
	w.wantAnswer("alice", n, "/release build 1.31.0-beta.2", "build 1.31.0-beta.1 or 1.31.0-rc.0 or 1.31.0")

	// Built once more, and once more.
	w.wantAnswer("alice", n, "/release rebuild 1.31.0-beta.0", "is proposed")
	w.merges("[release-1.31] Trigger build 1.31.0-beta.0", build, "1.31.0-beta.0\n\n")
	w.wantAnswer("alice", n, "/release rebuild 1.31.0-beta.0", "is proposed")
	w.merges("[release-1.31] Trigger build 1.31.0-beta.0", build, "1.31.0-beta.0\n")

	// A publish needs a build that succeeded, no blocker, and a second pair of eyes.
	w.reports("failure")
	w.wantAnswer("dave", n, "/release publish 1.31.0-beta.0", "the build of 1.31.0-beta.0 failed")
	w.reports("success")
	bug, err := w.gh.As("bob").OpenIssue(demoRepo, "It crashes", "", "release-blocker")
	w.do(err)
	milestone, err := w.gh.As("alice").CreateMilestone(demoRepo, "1.31")
	w.do(err)
	w.do(w.gh.As("alice").SetMilestone(demoRepo, bug, milestone))
	w.settle()
	w.wantAnswer("alice", n, "/release publish 1.31.0-beta.0", "1 blocker is open: [#")
	w.do(w.gh.As("alice").Close(demoRepo, bug))
	w.settle()
	w.wantAnswer("alice", n, "/release publish 1.31.0-beta.0", "a release manager other than you approves")
	pr := w.proposals()["[release-1.31] Trigger publish 1.31.0-beta.0"]
	w.wantRelease(pr.Number, "failure", "Waits for a second release manager")
	for _, who := range []string{"bob", "alice"} { // one may not, the other asked for it
		_, err := w.gh.As(who).Review(builderRepo, pr.Number, "APPROVE", "")
		w.do(err)
		w.settle()
		w.wantRelease(pr.Number, "failure", "Waits for a second release manager")
	}
	_, err = w.gh.As("dave").Review(builderRepo, pr.Number, "APPROVE", "")
	w.do(err)
	w.settle()
	w.wantRelease(pr.Number, "success", "Publishes 1.31.0-beta.0")
	w.reports("failure") // of the build, after the publish was approved
	w.wantRelease(pr.Number, "failure", "The build of 1.31.0-beta.0 failed")
	w.reports("success")
	w.wantRelease(pr.Number, "success", "Publishes 1.31.0-beta.0")
	body := w.gh.PR(builderRepo, pr.Number).Body
	w.do(w.gh.As("alice").EditBody(builderRepo, pr.Number, strings.Replace(body, `"by":"alice"`, `"by":"bob"`, 1)))
	w.settle()
	w.wantRelease(pr.Number, "failure", "Its text was changed by hand")
	w.do(w.gh.As("alice").EditBody(builderRepo, pr.Number, body))
	w.settle()
	w.merges("[release-1.31] Trigger publish 1.31.0-beta.0", publish, "1.31.0-beta.0\n")
	w.do(w.gh.As("alice").CreateBranch(demoRepo, "release-1.31", "master"))
	w.do(w.gh.As("alice").Tag(demoRepo, "1.31.0-beta.0", "release-1.31"))
	w.settle()
	w.wantAnswer("alice", n, "/release publish 1.31.0-beta.0", "is tagged already")
	w.again()
}

// TestBuildAnswersThatNeverArrive cuts the connection after each write of a
// proposal in turn: there is one pull request, whatever happens.
func TestBuildAnswersThatNeverArrive(t *testing.T) {
	t.Parallel()
	for _, path := range []string{`/git/trees$`, `/git/commits$`, `/git/refs$`, `/pulls$`, `/pulls/\d+$`, `/comments$`} {
		t.Run(path, func(t *testing.T) {
			w := newWorld(t)
			n := withRelease(w)
			w.gh.Fault(sandbox.Fault{Match: func(r *http.Request) bool { return r.Method != http.MethodGet },
				Path: regexp.MustCompile(path), Times: 1, DropResponseAfterEffect: true})
			w.says("alice", n, "/release build 1.31.0-beta.0")
			if w.gh.FaultHits() != 1 {
				t.Error("the fault wasn't met")
			}
			w.merges("[release-1.31] Trigger build 1.31.0-beta.0", "release/trigger-build", "1.31.0-beta.0\n")
			w.again()
		})
	}
}

// TestBuildProposedAnew: a proposal that was closed leaves its branch behind, and the
// base goes on. The next one is made from where the base is now.
func TestBuildProposedAnew(t *testing.T) {
	w := newWorld(t)
	n := withRelease(w)
	w.says("alice", n, "/release build 1.31.0-beta.0")
	w.do(w.gh.As("alice").Close(builderRepo, w.proposals()["[release-1.31] Trigger build 1.31.0-beta.0"].Number))
	_, err := w.gh.As("alice").Push(builderRepo, "release-1.31", map[string]string{"README.md": "news"}, "News")
	w.do(err)
	w.settle()
	w.wantAnswer("alice", n, "/release build 1.31.0-beta.0", "is proposed")
	pr := w.proposals()["[release-1.31] Trigger build 1.31.0-beta.0"]
	if text, _ := w.gh.File(builderRepo, pr.HeadSHA, "README.md"); text != "news" {
		t.Errorf("it begins where the base was before: %q", text)
	}
	w.merges("[release-1.31] Trigger build 1.31.0-beta.0", "release/trigger-build", "1.31.0-beta.0\n")
	w.again()
}
