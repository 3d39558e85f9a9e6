package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/golden"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// spent are the requests that something cost.
type spent struct{ reads, unchanged, writes int }

func (w *world) spent() spent {
	var s spent
	for _, r := range w.gh.Requests() {
		switch {
		case strings.Contains(r.Path, "access_tokens"): // once an hour
		case r.Git: // not a request to the API
		case r.Status == http.StatusNotModified:
			s.unchanged++
		case r.Method == http.MethodGet:
			s.reads++
		default:
			s.writes++
		}
	}
	return s
}

// TestBudget counts the requests for each kind of event, in a world that has
// been running for a while, and holds docs/api-budget.md to what it counts.
func TestBudget(t *testing.T) {
	w := newWorld(t)
	n := w.openPR("bob", demoBranch, "warm")
	elsewhere := w.openPR("carol", "master", "feature")
	merged := w.merged("leak", "squash")
	look := func(id string) {
		w.do(w.program.queue.Enqueue(context.Background(), reconcile.Key{Handler: "freeze", Repo: demoRepoName(t), ID: id}))
		w.settle()
	}
	w.says("bob", n, "/release thaw release-1.30") // refused: who alice is has been asked by now
	w.says("alice", n, "/release thaw release-1.30")
	at := fmt.Sprintf("pr/%d", n)
	var rows []budgetRow
	noted := 0
	for _, step := range []struct {
		what    string
		act     func()
		anew    int // at most, of requests that are not 304
		writing int // at most
		before  func()
	}{
		{"a comment without a command", func() { w.says("bob", n, "Looks good.") }, 0, 0, nil},
		{"another bot's command", func() { w.says("bob", n, "/retest") }, 0, 0, nil},
		{"a push to a pull request on an ungoverned branch", func() { w.pushTo("carol", elsewhere) }, 0, 0, nil},
		{"a pull request is opened on a governed branch", func() { w.openPR("carol", demoBranch, "next") }, 10, 2, nil},
		{"a push to it (`synchronize`)", func() { w.pushTo("bob", n) }, 4, 2, nil},
		{"the same event again", func() { look(at) }, 0, 0, nil},
		{"a label on it that exempts nothing", func() { w.do(w.gh.As("bob").AddLabel(demoRepo, n, "kind/bug")); w.settle() }, 1, 0, nil},
		{"a token is rotated, then the same event", func() { w.gh.RotateTokens(); look(at) }, 1, 0, nil},
		{"`/release freeze`, over 2 open pull requests", func() { w.says("alice", n, "/release freeze release-1.30") }, 20, 8, nil},
		{"a push to a pull request of the frozen branch", func() { w.pushTo("bob", n) }, 4, 2, nil},
		{"`/release exempt`", func() { w.says("alice", n, "/release exempt the fix") }, 12, 3, nil},
		{"`/release thaw`, over 2 open pull requests", func() { w.says("alice", n, "/release thaw release-1.30") }, 20, 6, nil},
		{"`/cherry-pick` on a merged pull request, to its pull request", func() { w.says("bob", merged, "/cherry-pick release-1.30") }, 40, 12, nil},
		{"the hourly resync", func() {
			w.do(w.program.queue.Enqueue(context.Background(), reconcile.ResyncAllKey()))
			w.settle()
		}, 13, 0, nil},
		{"where release notes are asked for: a pull request with a note is opened", func() {
			noted = w.change("carol", sandbox.PROptions{Head: "noted", Files: with(code("noted"), notePath, goodNoteText)})
		}, 15, 3, func() { w.policy(basePolicy + releasePolicy) }},
		{"the same: a label on it", func() { w.do(w.gh.As("bob").AddLabel(demoRepo, noted, "kind/bug")); w.settle() }, 2, 0, nil},
		{"`/release notes`, over 2 notes and 4 merged pull requests", func() { w.says("alice", n, "/release notes 1.30.1") }, 60, 12, func() {
			w.do(w.gh.As("alice").Tag(demoRepo, "1.30.0", demoBranch))
			for _, name := range []string{"one", "two"} {
				w.note(name, "**Fixed** "+name+".")
			}
			for _, name := range []string{"three", "four"} {
				w.merge("bob", w.change("bob", sandbox.PROptions{Head: name, Files: code(name)}), "squash")
			}
		}},
		{"where experts approve: a push to a pull request that one has approved", func() { w.pushTo("bob", n) }, 12, 2, func() {
			w.do2(w.gh.As("alice").Push(demoRepo, "master", map[string]string{"CODEOWNERS": ownersAll}, "Owners"))
			w.policy(gatePolicy + expertsAlways)
			w.review("erin", n, "APPROVE")
		}},
		{"`/cherry-pick --dry-run` on an open pull request", func() { w.says("bob", elsewhere, "/cherry-pick release-1.30 --dry-run") }, 20, 3, nil},
		{"a push to a pull request of which a pick is foreseen", func() { w.pushTo("carol", elsewhere) }, 5, 1, nil},
		{"a push to the branch that a pick is foreseen onto", func() { w.do2(w.gh.As("alice").Push(demoRepo, demoBranch, code("moved"), "Moved")) }, 10, 3, nil},
	} {
		if step.before != nil {
			step.before()
		}
		w.gh.ResetRequests()
		step.act()
		s := w.spent()
		if s.reads+s.writes > step.anew || s.writes > step.writing {
			t.Errorf("%s: %+v, at most %d anew and of these %d writes\n%v", step.what, s, step.anew, step.writing, w.gh.Requests())
		}
		rows = append(rows, budgetRow{step.what, s.reads, s.writes})
	}
	holdBudget(t, "budget", "| What happens | Reads | Writes |", rows)
}

// budgetRow is a line of the published budget.
type budgetRow struct {
	what          string
	reads, writes int
}

// holdBudget fails if something costs more than a table of docs/api-budget.md says,
// or isn't there. Less is no failure: reads that overlap become one, as it happens.
func holdBudget(t *testing.T, name, head string, rows []budgetRow) {
	t.Helper()
	path := filepath.Join("..", "..", "docs", "api-budget.md")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- begin: "+name+" -->\n", "<!-- end: "+name+" -->"
	before, rest, found := strings.Cut(string(raw), begin)
	table, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s lacks the lines %q and %q", path, begin, end)
	}
	published := map[string]budgetRow{}
	for line := range strings.Lines(table) {
		var r budgetRow
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 {
			continue
		}
		r.what = strings.TrimSpace(cells[0])
		if _, err := fmt.Sscan(cells[1]+" "+cells[2], &r.reads, &r.writes); err == nil {
			published[r.what] = r
		}
	}
	want := head + "\n|---|---|---|\n"
	for _, r := range rows {
		want += fmt.Sprintf("| %s | %d | %d |\n", r.what, r.reads, r.writes)
		if p, there := published[r.what]; !golden.Updating() && (!there || r.reads > p.reads || r.writes > p.writes) {
			t.Errorf("%s costs %d and %d, published are %+v (run with -update to publish it)", r.what, r.reads, r.writes, p)
		}
	}
	if !golden.Updating() && len(published) != len(rows) {
		t.Errorf("%s has %d lines, %d were counted", path, len(published), len(rows))
	}
	if golden.Updating() {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
