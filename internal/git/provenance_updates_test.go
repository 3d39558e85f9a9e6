package git

import (
	"slices"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// TestUpdates: what merges the target and changes nothing by hand is an update;
// what merges something else, or was edited, is none.
func TestUpdates(t *testing.T) {
	l := newLab(t)
	l.commit("base", "f", "1\n", "g", "1\n")
	l.git("branch", target)
	l.on("topic", target)
	own := l.commit("own", "f", "own\n")
	l.on(target, target)
	l.commit("moved", "g", "moved\n")
	l.git("checkout", "-q", "topic")
	l.git("merge", "-q", "-m", "update", target)
	pure := l.git("rev-parse", "HEAD")
	l.on("other", target)
	l.commit("other", "h", "other\n")
	l.git("checkout", "-q", "topic")
	l.git("merge", "-q", "-m", "another branch", "other")
	l.on(target, target)
	later := l.commit("later", "g", "later\n")
	l.git("checkout", "-q", "topic")
	l.git("merge", "-q", "--no-commit", target)
	edited := l.commit("edited", "f", "evil\n")
	r := l.open()
	got, err := r.updates(t.Context(), provenance.Question{Head: edited, MergeBase: later})
	if err != nil || !slices.Equal(got, []string{pure}) {
		t.Errorf("%v, %v, want %s", got, err, pure)
	}
	if got, err := r.updates(t.Context(), provenance.Question{Head: own}); err != nil || got != nil {
		t.Errorf("without a merge base: %v, %v", got, err)
	}
}

func TestFile(t *testing.T) {
	l := newLab(t)
	at := l.commit("files", "docs/CODEOWNERS", "* @a\n")
	r := l.open()
	for name, want := range map[string]bool{"docs/CODEOWNERS": true, "docs": false, "CODEOWNERS": false, "docs/CODEOWNERS/x": false} {
		text, found, err := r.File(t.Context(), at, name)
		if err != nil || found != want || found && string(text) != "* @a\n" {
			t.Errorf("%s: %q, %v, %v", name, text, found, err)
		}
	}
}
