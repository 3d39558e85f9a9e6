package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// TestCount: what counts for the goals, and what is a miss, on made rows.
func TestCount(t *testing.T) {
	found := func(v provenance.Verdict, sources ...string) provenance.Finding {
		f := provenance.Finding{Verdict: v}
		for _, s := range sources {
			f.Sources = append(f.Sources, provenance.Claim{Commit: s})
		}
		return f
	}
	rows := []proven{
		{commit: "a", class: "bot-pick", source: "s", finding: found(provenance.Exact, "s")},
		{commit: "b", class: "bot-pick", source: "s", finding: found(provenance.Equivalent, "x", "s")},
		{commit: "c", class: "bot-pick", source: "s", finding: found(provenance.Exact, "x")},
		{commit: "d", class: "bot-pick", source: "s", finding: found(provenance.Adapted, "s")},
		{commit: "e", class: "manual-pick", source: "s", finding: found(provenance.Unrelated, "s")},
		{commit: "f", class: "manual-pick", source: "s", finding: found(provenance.Unrelated)},
		{commit: "g", class: "automation", source: "-", finding: found(provenance.Exact, "x")},
		{commit: "h", class: "automation", source: "-", finding: found(provenance.Exact, "x"), onSource: true},
		{commit: "i", class: "dependabot", source: "-", finding: found(provenance.Adapted, "x")},
		{commit: "j", class: "other", source: "-", finding: found(provenance.Exact, "x")},
	}
	got := map[string]string{}
	for class, c := range count(rows) {
		var misses []string
		for _, m := range c.misses {
			misses = append(misses, m.commit)
		}
		got[class] = fmt.Sprintf("%d rows, %d right, %d good, %d same, %d copied, misses %s", c.rows, c.right, c.good, c.same, c.copied, strings.Join(misses, ""))
	}
	for class, want := range map[string]string{
		"bot-pick":    "4 rows, 3 right, 2 good, 3 same, 0 copied, misses cd",
		"manual-pick": "2 rows, 1 right, 0 good, 0 same, 0 copied, misses f",
		"automation":  "2 rows, 0 right, 0 good, 2 same, 1 copied, misses g",
		"dependabot":  "1 rows, 0 right, 0 good, 0 same, 0 copied, misses ",
		"other":       "1 rows, 0 right, 0 good, 1 same, 0 copied, misses ",
	} {
		if got[class] != want {
			t.Errorf("%s: %s, want %s", class, got[class], want)
		}
	}
}

// TestRunProvenance measures a made repository: the whole way, HTTP included.
func TestRunProvenance(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		out, err := gitIn(ctx, dir, args...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	commit := func(message, file, text string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		git("add", "-A")
		git("commit", "-q", "-m", message)
		return git("rev-parse", "HEAD")
	}
	git("init", "-q", "-b", "master")
	commit("old", "f", "1\n2\n3\n")
	git("branch", "release-1.0")
	source := commit("Fix it (#1)", "f", "1\ntwo\n3\n")
	git("checkout", "-q", "release-1.0")
	pick := commit("[release-1.0] Fix it (#2)", "f", "1\ntwo\n3\n")
	bump := commit("Bump it", "deps", "1\n")
	sample := filepath.Join(t.TempDir(), "sample.tsv")
	rows := []string{"branch\trelease_commit\tsource_commit\tclass\treplay", "release-1.0\t" + pick + "\t" + source + "\tbot-pick\texact", "release-1.0\t" + bump + "\t-\tautomation\t-"}
	if err := os.WriteFile(sample, []byte(strings.Join(rows, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, progress bytes.Buffer
	err := RunProvenance(ctx, ProvenanceOptions{Mirror: filepath.Join(dir, ".git"), Sample: sample, Source: "master", HTTP: 3, Misses: true, Out: &out, Progress: &progress})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| automation | 1 | 0 | 0 | 0 | 1 |  |",
		"| bot-pick | 1 | 1 | 0 | 0 | 0 | 1 of 1 (100.0 %) |",
		"| bot-picks: exact or equivalent, with the right source | 99 % | 1 of 1 (100.0 %) |",
		"| automation: exact or equivalent, and git finds its patch at no source | 0 | 0 of 1 (0 have a patch of the source branch) |",
		"over HTTP from nothing (fetch, history of the source branch, verdict), 1 picks",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(progress.String(), "miss:") {
		t.Errorf("misses: %s", progress.String())
	}
	for text, want := range map[string]string{"": "has no rows", "release-1.0\t" + strings.Repeat("12", 20) + "\t-\tother\t-\n": "no object"} {
		if err := os.WriteFile(sample, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := RunProvenance(ctx, ProvenanceOptions{Mirror: dir, Sample: sample, Source: "master", Out: &out, Progress: &progress}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if got := branches([]proven{{branch: "b"}, {branch: "a"}, {branch: "b"}}); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("branches: %v", got)
	}
}
