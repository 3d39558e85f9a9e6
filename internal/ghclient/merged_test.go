package ghclient_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestMergedForSteps: of many merged pull requests only those about steps are known,
// with their texts as they are now; and once they are, the next look reads one page.
func TestMergedForSteps(t *testing.T) {
	var later atomic.Int64 // than the clock: a second for each merge, so that the list has an order
	m := remembering(t, func(o *sandbox.Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load()) * time.Second) }
	})
	bob := m.gh.As("bob")
	merge := func(title, body string) int {
		t.Helper()
		later.Add(1)
		n := m.gh.PRs("acme/rocket")
		pr, err := bob.OpenPR("acme/rocket", sandbox.PROptions{Base: "master", Head: fmt.Sprintf("b%d", len(n)), Title: title, Body: body,
			Files: map[string]string{fmt.Sprintf("f%d", len(n)): "x"}})
		m.ok(err)
		_, err = bob.Merge("acme/rocket", pr.Number, "squash")
		m.ok(err)
		return pr.Number
	}
	since := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	look := func() (texts []string) {
		t.Helper()
		all, err := m.MergedForSteps(t.Context(), rocket, since)
		m.ok(err)
		for _, pr := range all {
			texts = append(texts, pr.Title+": "+pr.Body)
		}
		return texts
	}
	// Pages are counted as they are asked for: what the stand-in has on record of a
	// request is there only some time after its answer.
	var lists atomic.Int32
	m.gh.Fault(sandbox.Fault{Times: 1, Match: func(r *http.Request) bool {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/pulls") {
			lists.Add(1)
		}
		return false // it fails nothing
	}})
	after := func(pages int32) {
		t.Helper()
		if got := lists.Swap(0); got != pages {
			t.Errorf("%d pages were read, want %d", got, pages)
		}
	}
	named := merge("Docs", "Release-Step: 1.31/docs")
	for i := range 120 {
		merge(fmt.Sprintf("Fix %d", i), "nothing about a release")
	}
	merge(`Revert "Fix 3"`, "Reverts #5")
	if got := look(); strings.Join(got, "; ") != `Revert "Fix 3": Reverts #5; Docs: Release-Step: 1.31/docs` {
		t.Errorf("%q", got)
	}
	after(2)
	merge("[Release-1.31.0] Pin", "")
	if got := look(); len(got) != 3 || got[0] != "[Release-1.31.0] Pin: " {
		t.Errorf("%q", got)
	}
	after(1)
	m.ok(bob.EditBody("acme/rocket", named, "not any more"))
	if got := look(); len(got) != 2 {
		t.Errorf("%q", got)
	}
	after(1)
}
