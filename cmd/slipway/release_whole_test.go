package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

const wholePolicy = demoPolicy + `checklist:
  home: istio
  look_every: 0s
  product: Istio
  repositories: [istio, api, release-builder]
  blockers: {label: release-blocker}
  templates:
    - kind: minor
      schedule: [{name: cut, at: cut, phase: open}, {name: code-freeze, at: release-7d, phase: frozen}, {name: release, at: release, phase: released}]
      steps:
        - {phase: Cut, id: label, title: Label, action: {label: "cherrypick/{branch}", in: [istio]}, probe: {label: "cherrypick/{branch}", in: [istio]}}
        - {phase: Cut, id: cut, title: Cut, action: {branch: "{branch}"}, probe: {branch: "{branch}"}}
        - phase: Cut
          id: pin
          title: Pin
          probe: {merged: true, in: [istio]}
          action: {in: [istio], edits: [{file: README.md, match: Istio, replace: "Istio {release}"}]}
        - {phase: Release, id: publish, title: Publish, probe: {tag: "{version}", in: [istio]}}
    - kind: patch
      schedule: [{name: release, at: release}]
      steps:
        - {phase: Release, id: publish, title: "Publish {version}", probe: {tag: "{version}", in: [istio]}}
release:
  triggers: {repository: release-builder, unbuilt: refuse}
`

// wholeWorld has all that a release needs, and nothing of one.
func wholeWorld(t *testing.T) *world {
	w := newWorld(t)
	w.do(w.gh.CreateRepo("istio", "release-builder", sandbox.RepoOptions{Files: map[string]string{"release/trigger-build": "1.30.2\n", "release/trigger-publish": "1.30.2\n"}}))
	w.do(w.gh.CreateBranch(builderRepo, demoBranch, "master"))
	for _, login := range []string{"alice", "dave"} {
		w.do(w.gh.AddCollaborator(builderRepo, login, "write"))
	}
	w.do(w.gh.CreateTeam("istio", "release-managers-1-31", "alice", "dave"))
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-30", "dave", "active"))
	_, err := w.gh.As("alice").Push("istio/.github", "master", map[string]string{".github/slipway.yml": wholePolicy}, "Release")
	w.do(err)
	_, err = w.gh.As("alice").OpenIssue(demoRepo, "Plan", "")
	w.do(err)
	w.settle()
	return w
}

// mergeAll has alice merge the open pull requests of a repository.
func (w *world) mergeAll(repo string) {
	w.t.Helper()
	for _, pr := range w.gh.PRs(repo) {
		if pr.State != "open" {
			continue
		}
		_, err := w.gh.As("dave").Review(repo, pr.Number, "APPROVE", "")
		w.do(err)
		w.settle()
		if run, has := w.gh.CheckRun(repo, pr.HeadSHA, "slipway/release"); repo == builderRepo && (!has || run.Conclusion != "success") {
			w.t.Errorf("%s#%d may not merge: %+v\n%s", repo, pr.Number, run, w.log)
		}
		_, err = w.gh.As("alice").Merge(repo, pr.Number, "squash")
		w.do(err)
		w.settle()
	}
}

// playRelease plays a release from its start until it is closed.
func (w *world) playRelease(args, final, branch string, halfway func()) {
	w.t.Helper()
	const n = 2 // the tracking issue
	w.says("alice", 1, "/release start "+args)
	if !strings.HasSuffix(final, ".0") {
		w.says("alice", n, "/release date release "+w.day(8))
	} else {
		w.says("alice", n, "/release date code-freeze "+w.day(30))
		w.says("alice", n, "/release step label run")
		w.says("alice", n, "/release step cut run")
		w.says("alice", n, "/release step pin run")
		w.mergeAll(demoRepo)
		w.edits("bob", n, "## Checklist\n", "## Checklist\n\nbob was here.\n")
	}
	halfway()
	w.says("alice", n, "/release build "+final)
	w.mergeAll(builderRepo)
	w.says("alice", n, "/release publish "+final)
	w.mergeAll(builderRepo)
	w.do(w.gh.As("alice").Tag(demoRepo, final, branch))
	w.settle()
	w.do(w.gh.As("alice").Close(demoRepo, n))
	w.settle()
}

var changing = regexp.MustCompile(`127\.0\.0\.1:\d+|\d{4}-\d\d-\d\dT[\d:.]+Z|\d{4}-\d\d-\d\d \d\d:\d\d UTC|"rev":\d+|seal:[0-9a-f]+|\b\d{6,}\b|\b[0-9a-f]{7,40}\b`)

// state is what stands on GitHub, without what differs from run to run.
func (w *world) state() string {
	var b strings.Builder
	for _, repo := range []string{demoRepo, builderRepo} {
		for _, i := range w.gh.Issues(repo) {
			fmt.Fprintf(&b, "%s#%d %s %s %v\n%s\n", repo, i.Number, i.State, i.Title, i.Labels, i.Body)
			var said []string
			for _, c := range w.gh.Comments(repo, i.Number) {
				said = append(said, c.Author+": "+c.Body)
			}
			slices.Sort(said) // which of two comments came first is nobody's promise
			fmt.Fprintf(&b, "%s\n", strings.Join(said, "\n"))
		}
		for _, pr := range w.gh.PRs(repo) {
			fmt.Fprintf(&b, "%s#%d %s %s %s\n%s\n", repo, pr.Number, pr.State, pr.Title, pr.Head, pr.Body)
			var runs []string
			for _, r := range w.gh.CheckRuns(repo, pr.HeadSHA) {
				runs = append(runs, fmt.Sprintf("%s %s %s\n", r.Name, r.Conclusion, r.Title))
			}
			slices.Sort(runs)
			b.WriteString(strings.Join(runs, ""))
		}
		fmt.Fprintf(&b, "%v\n%v\n", w.gh.Branches(repo), w.gh.Labels(repo))
	}
	return changing.ReplaceAllString(b.String(), "*")
}

func (w *world) wantClosed(title string) {
	w.t.Helper()
	if i := w.gh.Issue(demoRepo, 2); i.State != "closed" || i.Title != title || strings.Contains(i.Body, "- [ ]") {
		w.t.Errorf("%s is %s:\n%s\n%s", i.Title, i.State, i.Body, w.log)
	}
	w.again()
}

func TestWholePatchRelease(t *testing.T) {
	w := wholeWorld(t)
	w.playRelease("1.30.3 release="+w.day(7), "1.30.3", demoBranch, func() {
		w.stop()
		w.newDatabase()
		w.start()
	})
	w.wantClosed("Istio 1.30.3")
}

// TestWholeMinorRelease plays a minor release undisturbed, with the database
// deleted midway, and with each write in turn done and never answered, after
// which the program is started anew. All end in the same state on GitHub.
func TestWholeMinorRelease(t *testing.T) {
	play := func(t *testing.T, skip int, halfway func(*world)) (state string, writes, hits int) {
		w := wholeWorld(t)
		w.gh.ResetRequests()
		before := w.gh.FaultHits()
		if skip >= 0 {
			w.gh.Fault(sandbox.Fault{Match: func(r *http.Request) bool {
				return r.Method != http.MethodGet && !strings.Contains(r.URL.Path, "access_tokens")
			}, Skip: skip, Times: 1, DropResponseAfterEffect: true})
		}
		w.playRelease("1.31 cut="+w.day(1)+" release="+w.day(35), "1.31.0-beta.0", "release-1.31", func() { halfway(w) })
		writes = w.writes()
		w.do(w.gh.As("alice").Tag(demoRepo, "1.31.0", "release-1.31"))
		w.do(w.gh.As("alice").Close(demoRepo, 2))
		w.settle()
		w.wantClosed("Istio 1.31")
		return w.state(), writes, w.gh.FaultHits() - before
	}
	want, writes, _ := play(t, -1, func(*world) {})
	same := func(t *testing.T, got string) {
		t.Helper()
		only := func(x, y string) string {
			lines := strings.Split(y, "\n")
			return strings.Join(slices.DeleteFunc(strings.Split(x, "\n"), func(l string) bool { return slices.Contains(lines, l) }), "\n")
		}
		if got != want {
			t.Errorf("it lacks\n%s\nand has\n%s\n(%d lines and %d)", only(want, got), only(got, want), strings.Count(want, "\n"), strings.Count(got, "\n"))
		}
	}
	t.Run("without a database", func(t *testing.T) {
		got, _, _ := play(t, -1, func(w *world) { w.stop(); w.newDatabase(); w.start() })
		same(t, got)
	})
	for i := range writes {
		t.Run(fmt.Sprintf("write %d", i), func(t *testing.T) {
			t.Parallel()
			got, _, hits := play(t, i, func(w *world) { w.stop(); w.start() })
			if hits != 1 {
				t.Errorf("%d faults were met", hits)
			}
			same(t, got)
		})
	}
}
