package laws

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// memos lists what is remembered: of GitHub, and of what git says.
func memos() []github.Memo { return append(ghclient.Memos(), github.ProvenMemo, github.ForeseenMemo) }

func TestMemoryTable(t *testing.T) {
	rows := [][]string{{"Key", "What is remembered", "How long", "Forgotten by"}}
	for _, m := range memos() {
		rows = append(rows, []string{"`" + m.Name + "/…`", m.What, kept(m), m.Stale})
	}
	checkTable(t, "docs/facts.md", "memory", rows)
}

// kept says how long something is remembered.
func kept(m github.Memo) string {
	switch {
	case m.Kept > 24*time.Hour:
		return fmt.Sprintf("%.0f days", m.Kept.Hours()/24)
	case m.Kept > time.Hour:
		return fmt.Sprintf("%.0f hours", m.Kept.Hours())
	}
	return fmt.Sprintf("%.0f minutes", m.Kept.Minutes())
}

// keysMade finds which kind of thing is remembered under the keys that a function of
// package github makes.
func keysMade(t *testing.T) map[string]string {
	kinds := map[string]string{}
	for _, m := range regexp.MustCompile(`func (\w+)\([^\n]*\)[^\n]*\{(?:\n\t[^\n]*)?[^\n]*(?:cacheKey|Sprintf)\("([a-z-]+)["/]`).FindAllStringSubmatch(read(t, "internal/github/cachekey.go"), -1) {
		kinds[m[1]] = m[2]
	}
	return kinds
}

// TestMemoryIsTold holds what is told of the memory to the keys that package github
// makes, and to those that package webhook and the facts forget with an event.
func TestMemoryIsTold(t *testing.T) {
	kinds, made := keysMade(t), map[string]bool{"intact": true, "texts": true} // which are by the repository's id
	for _, kind := range kinds {
		made[kind] = true
	}
	var forgotten []string
	sources := []string{filepath.Join(root, "internal/webhook/delivery.go")}
	for _, room := range []string{"internal/facts/*.go", "handlers/*/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, room))
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, files...)
	}
	for _, file := range sources {
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`github\.(\w+CacheKey)\(`).FindAllStringSubmatch(read(t, name), -1) {
			forgotten = append(forgotten, kinds[m[1]])
		}
	}
	told := map[string]bool{}
	for _, m := range memos() {
		told[m.Name] = true
		if !made[m.Name] {
			t.Errorf("no key begins with %s", m.Name)
		}
		if (m.Stale != "") != slices.Contains(forgotten, m.Name) {
			t.Errorf("%s is forgotten by %q; events forget %q", m.Name, m.Stale, forgotten)
		}
	}
	for kind := range made {
		if !told[kind] {
			t.Errorf("keys that begin with %s are nobody's", kind)
		}
	}
	if len(told) < 20 || len(forgotten) < 7 {
		t.Errorf("%d kinds are told, %d forgotten: one of the patterns is too old", len(told), len(forgotten))
	}
}
