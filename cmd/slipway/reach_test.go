package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// Whoever may write one repository's policy speaks for that repository, and for another
// one only where its own policy names the first as its home.

// deputyPolicy is a policy of istio/istio alone that names others for all that a policy can
// name others for.
const deputyPolicy = demoPolicy + `checklist:
  home: istio
  look_every: 0s
  repositories: [istio, api, secret]
  templates:
  - kind: minor
    schedule: [{name: cut, at: cut}, {name: release, at: release}]
    steps:
      - {phase: Cut, id: peek, title: Peek, probe: {file: PLAN, match: attack, ref: master, in: [secret]}}
      - {phase: Cut, id: labels, title: Labels, probe: {label: urgent, in: [secret]}}
      - {phase: Cut, id: make, title: Make, action: {label: "cherrypick/{branch}", branch: "{branch}", from: master, in: [api, secret]}}
      - phase: Cut
        id: write
        title: Write
        action: {base: master, in: [secret], edits: [{file: PLAN, match: attack, replace: retreat}]}
release:
  triggers: {repository: secret, by: workflow_dispatch, build_dispatch: deploy.yml, publish_dispatch: deploy.yml, tags_in: [secret]}
releasenotes:
  path: releasenotes/notes
  release: {path: "notes/{version}", repository: istio/secret, repositories: [secret]}
`

const secretRepo = "istio/secret"

// consents is a repository's own policy, which names istio/istio as its home.
const consents = `branches: ["release-*"]
release_managers: [secret-managers]
checklist: {home: istio}
`

// deputised is a world in which istio/istio's policy names istio/secret, with its tracking
// issue. mallory manages releases by that policy, and has no right of her own elsewhere.
func deputised(t *testing.T) (w *world, n int) {
	w = newWorld(t)
	w.do(w.gh.CreateTeam("istio", "release-managers-1-31", "alice", "mallory"))
	w.do(w.gh.CreateTeam("istio", "secret-managers", "bob"))
	w.do(w.gh.CreateRepo("istio", "secret", sandbox.RepoOptions{Private: true, Files: map[string]string{
		"PLAN": "attack at dawn\n", ".github/workflows/deploy.yml": workflow}}))
	w.ownPolicy(deputyPolicy)
	ask, err := w.gh.As("alice").OpenIssue(demoRepo, "Plan", "")
	w.do(err)
	w.settle()
	w.gh.ResetRequests()
	w.says("alice", ask, "/release start 1.31 cut="+w.day(1)+" release="+w.day(35))
	return w, ask + 1
}

// reads are the requests about a repository but for those on which the right itself rests:
// its policy, and who may see it.
func (w *world) reads(repo string) (all []string) {
	for _, r := range w.gh.Requests() {
		path, about := strings.CutPrefix(r.Path, "/repos/"+repo)
		right := slices.Contains([]string{"", "/installation", "/contents/.github/slipway.yml"}, path)
		// That there is none has to be borne out.
		right = right || path == "/commits/HEAD" || strings.HasPrefix(path, "/git/trees/")
		if strings.HasPrefix(r.Path, "/"+repo+".git") || about && !right {
			all = append(all, r.Method+" "+r.Path)
		}
	}
	return all
}

// TestPolicySpeaksForItself: of a repository whose policy agrees to nothing, nothing is
// read, made, started or shown on the word of another's.
func TestPolicySpeaksForItself(t *testing.T) {
	w, n := deputised(t)
	const unseen = "it isn't there, Slipway isn't installed on it, or nothing of it may be told here"
	w.wantBody(n, "- [ ] `peek`: Peek", "- [ ] `labels`: Labels", "**Couldn't look:** at `peek`: secret: "+unseen, "Unknown in `secret`: "+unseen)
	w.wantAnswer("alice", n, "/release step make run", "- ⚠️ nothing in `secret`: "+unseen)
	w.wantAnswer("alice", n, "/release step write preview", unseen)
	w.wantAnswer("alice", n, "/release build 1.31.0-alpha.0", "Nothing was started.")
	w.wantAnswer("alice", n, "/release notes 1.31.0 from=master", unseen)
	w.wantAnswer("alice", n, "/release status", unseen)
	// What everybody may see is told, and how to mend it.
	w.wantAnswer("alice", n, "/release step make run", "nothing in `api`: its policy doesn't name istio as its home. **Next step:** add `checklist: {home: istio}` to the policy of `istio/api`")
	for _, repo := range []string{secretRepo, "istio/api"} {
		if got := w.reads(repo); len(got) > 0 {
			t.Errorf("it asked %v", got)
		}
	}
	w.newDatabase()
	w.restarted()
	for _, repo := range []string{secretRepo, "istio/api"} {
		if labels := w.gh.Labels(repo); slices.Contains(labels, "cherrypick/release-1.31") {
			t.Errorf("labels of %s: %v", repo, labels)
		}
		if branches := w.gh.Branches(repo); slices.Contains(branches, "release-1.31") {
			t.Errorf("branches of %s: %v", repo, branches)
		}
	}
	if d := w.gh.Dispatches(secretRepo); len(d) != 0 {
		t.Errorf("dispatched %v", d)
	}
	w.lacksBody(n, "retreat", "[x]")
	w.again()
}

// TestConsent: where the other's policy agrees and it is no more private, what the policy
// says is done, for who may do so there; the rest is done all the same. Consent that is
// taken away, and a repository that becomes private, end that, also where no webhook tells.
func TestConsent(t *testing.T) {
	w, n := deputised(t)
	agree := func(repo, text string) {
		w.do2(w.gh.As("alice").Push(repo, "master", map[string]string{".github/slipway.yml": text}, "Policy"))
	}
	w.do(w.gh.AddCollaborator(secretRepo, "alice", "write"))
	agree(secretRepo, consents)
	w.settle()
	w.wantAnswer("alice", n, "/release step make run", "nothing of it may be told here") // it is more private still
	w.do(w.gh.SetVisibility(secretRepo, "internal"))
	w.wantAnswer("alice", n, "/release step write preview", "nothing of it may be told here")

	w.do(w.gh.SetVisibility(secretRepo, "public"))
	w.settle()
	w.wantBody(n, "- [x] `peek`: Peek")
	w.wantAnswer("mallory", n, "/release step write preview", "nothing in `secret`: mallory neither manages the releases of release-1.31 by its policy nor may push to it. **Next step:** have a member of `secret-managers` ask")
	w.wantAnswer("mallory", n, "/release build 1.31.0-alpha.0", "mallory neither manages")
	agree("istio/api", "extends: istio/.github\n")
	w.settle()
	w.wantAnswer("mallory", n, "/release step make preview", "nothing in `api`: its policy doesn't name istio as its home")
	agree("istio/api", consents)
	agree(secretRepo, strings.Replace(consents, "secret-managers", "release-managers-1-31", 1))
	w.settle()
	w.wantAnswer("mallory", n, "/release step make run", "**Done in part.**")
	w.wantSaid(n, "nothing in `api`: mallory neither manages the releases of release-1.31")
	if in, not := w.gh.Branches(secretRepo), w.gh.Branches("istio/api"); !slices.Contains(in, "release-1.31") || slices.Contains(not, "release-1.31") {
		t.Errorf("branches: %v, %v", in, not)
	}
	agree(secretRepo, consents)
	w.grants("write")
	w.settle()
	w.wantAnswer("alice", n, "/release step make run", "**Done.**") // who may push needs no role
	w.wantAnswer("bob", n, "/release step write run", "release-managers-1-31")
	w.wantAnswer("alice", n, "/release step write run", "[\\[Release-1.31.0\\] Write](")
	w.wantTold("alice", n, "/release build 1.31.0-alpha.0", "is started")

	// Taken away while no webhook comes through: nothing is done any more.
	w.lost(func() { agree(secretRepo, "branches: [x]\n") })
	w.wantAnswer("alice", n, "/release step make run", "nothing in `secret`: its policy doesn't name istio as its home")
	w.wantAnswer("alice", n, "/release rebuild 1.31.0-alpha.0", "Nothing was started.")
	w.wantBody(n, "Unknown in `secret`: its policy doesn't name istio as its home")

	// And private again, while no webhook comes through.
	agree(secretRepo, consents)
	w.settle()
	w.wantBody(n, "| `secret` | ")
	w.lost(func() { w.do(w.gh.SetVisibility(secretRepo, "private")) })
	w.wantBody(n, "Unknown in `secret`: it isn't there, Slipway isn't installed on it, or nothing of it may be told here")
	w.newDatabase()
	w.restarted()
	w.wantBody(n, "Unknown in `secret`: it isn't there")
	w.again()
}

// TestNothingOfAPrivateHome: what the tracking issue of a private home knows counts in the
// repositories that are public, and they show none of it: neither title, nor number, nor
// link, nor who.
func TestNothingOfAPrivateHome(t *testing.T) {
	w := newWorld(t)
	w.do(w.gh.SetVisibility(demoRepo, "private"))
	tracker, _ := withDates(w)
	policy := strings.Replace(datesPolicy, `, milestone: "{major}.{minor}"`, "", 1)
	w.policy(strings.Replace(policy, `title: "Announce {release}"}`, `title: "Announce {release}",
          action: {edits: [{file: README.md, match: API, replace: "API {release}"}], in: [api]},
          trap: {repository: api, title: "image@{branch}$", say: "Close it.", after: docs}}`, 1) +
		"release:\n  triggers: {repository: api, unbuilt: warn}\nreleasenotes:\n  path: releasenotes/notes\n  release: {path: notes, repository: istio/api}\n")
	_, err := w.gh.As("bob").OpenIssue(demoRepo, "Zero-day in the gateway", "", "release-blocker")
	w.do(err)
	w.do(w.gh.AddTeamMember("istio", "release-managers-1-31", "dave", "active"))
	w.settle()
	open := func(head, title string, files map[string]string) sandbox.PR {
		pr, err := w.gh.As("bob").OpenPR("istio/api", sandbox.PROptions{Base: "release-1.31", Head: head, Title: title, Files: files})
		w.do(err)
		w.settle()
		return pr
	}
	w.says("dave", tracker, "/release date code-freeze "+w.day(0))
	w.says("dave", tracker, "/release step docs done")
	open("fix", "Fix", map[string]string{"fix.go": "package x\n"})
	trap := open("image", "Update image@release-1.31", map[string]string{"image": "x\n"})
	publish := open("out", "Publish", map[string]string{"release/trigger-publish": "1.31.0\n"})
	w.wantAnswer("dave", tracker, "/release step announce run", "**Done.**")
	w.wantAnswer("dave", tracker, "/release build 1.31.0-beta.0", "is proposed")
	w.wantAnswer("dave", tracker, "/release notes 1.31.0 from=master", "the notes can't go to `istio/api`, which is less private than `istio/istio`")
	if run, _ := w.gh.CheckRun("istio/api", trap.HeadSHA, "slipway/release"); run.Conclusion != "failure" {
		t.Errorf("the trap: %+v", run)
	}
	if run, _ := w.gh.CheckRun("istio/api", publish.HeadSHA, "slipway/release"); run.Conclusion != "failure" || !strings.Contains(run.Summary+run.Text, "1 blocker of 1.31.0 is open") {
		t.Errorf("the publish: %+v\n%s", run, w.log)
	}
	for _, shown := range w.shownIn("istio/api") {
		for _, of := range []string{"istio/istio", "Zero-day", "Istio 1.31"} {
			if strings.Contains(shown, of) {
				t.Errorf("istio/api shows %q:\n%s", of, shown)
			}
		}
		if strings.Contains(shown, "Release-Step") && strings.Contains(shown, "dave") {
			t.Errorf("it tells who asked:\n%s", shown)
		}
	}
	w.again()
}

// shownIn is all that Slipway has written in a repository, as people see it.
func (w *world) shownIn(repo string) (all []string) {
	for _, i := range w.gh.Issues(repo) {
		if i.Author == "slipway[bot]" {
			all = append(all, i.Title+"\n"+i.Body) // with what is sealed in it, which everybody can read
		}
		for _, c := range w.gh.Comments(repo, i.Number) {
			all = append(all, c.Body)
		}
	}
	for _, pr := range w.gh.PRs(repo) {
		for _, run := range w.gh.CheckRuns(repo, pr.HeadSHA) {
			all = append(all, run.Title+"\n"+run.Summary+"\n"+run.Text)
		}
	}
	return all
}
