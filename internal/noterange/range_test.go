package noterange

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/notes"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// note writes a note file with a text of its own.
func (m made) note(name, text string) {
	m.t.Helper()
	path := filepath.Join(m.dir, "notes", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("apiVersion: release-notes/v2\nkind: bug-fix\narea: security\nreleaseNotes:\n- |\n  **Fixed** "+text+".\n"), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

func (m made) remove(name string) {
	m.t.Helper()
	if err := os.Remove(filepath.Join(m.dir, "notes", name)); err != nil {
		m.t.Fatal(err)
	}
}

// minor reads a range with the branch of each version known.
func (m made) minor(from, to string) Range {
	m.t.Helper()
	program, err := git.Find(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	repo, err := program.Open(m.t.Context(), m.dir)
	if err != nil {
		m.t.Fatal(err)
	}
	defer repo.Close()
	r, err := Read(m.t.Context(), repo, Request{Name: "acme/one", From: from, To: to, Dir: "notes", Schema: notes.Istio(), Waived: func(n int) bool { return n == 9 },
		BranchOf: func(rev string) release.Branch {
			v, err := release.Scheme{}.Parse(strings.TrimPrefix(rev, "v"))
			if err != nil {
				return ""
			}
			return release.Branch(fmt.Sprintf("release-%d.%d", v.Major, v.Minor))
		}})
	if err != nil {
		m.t.Fatal(err)
	}
	return r
}

// TestWhatIsNew: what only moved is no news, what changed stands apart, a note under two names
// is one, and a label beside a note is told.
func TestWhatIsNew(t *testing.T) {
	m := made{t, t.TempDir()}
	m.git("init", "-q", "-b", "master")
	m.note("moved.yaml", "what moved")
	m.note("kept.yaml", "what stays")
	m.note("words.yaml", "what was told")
	m.note("form.yaml", "the form")
	from := m.commit("Begin")
	m.remove("moved.yaml")
	m.note("deep/moved.yaml", "what moved")
	m.note("copy.yaml", "what stays")
	m.note("words.yaml", "what is told otherwise")
	m.remove("form.yaml")
	m.note("reform.yaml", "the form")
	m.commit("Tidy (#1)")
	m.note("one.yaml", "twice")
	m.note("two.yaml", "twice")
	m.commit("Both (#9)")
	r := m.minor(from, "master")
	files, report := notes.Render([]notes.Source{r.Source}, notes.Templates(), "acme/one", notes.Releases{Old: "1", New: "2"})
	if report.Notes != 1 || len(report.Twins) != 1 || !strings.Contains(files[0].Text+files[1].Text, "**Fixed** twice.") {
		t.Errorf("%d notes, %+v", report.Notes, report.Twins)
	}
	if diff := cmp.Diff([]notes.ChangedNote{{Repo: "acme/one", Path: "notes/words.yaml", Text: "**Fixed** what is told otherwise."}}, r.Changed); diff != "" {
		t.Error(diff)
	}
	if r.Repo.Moved != 3 || len(r.Contradicting) != 1 || r.Contradicting[0].Number != 9 || len(r.Ends) != 0 {
		t.Errorf("%+v, contradicting %v, ends %v", r.Repo, r.Contradicting, r.Ends)
	}
}

// TestPicksOfReverts: what a revert is a pick of is found outside of the range, by its number and by
// its commit.
func TestPicksOfReverts(t *testing.T) {
	m := made{t, t.TempDir()}
	m.git("init", "-q", "-b", "master")
	m.commit("Begin", "a", "was.yaml")
	m.git("branch", "release-1.30")
	m.commit("Speed (#100)", "b")
	fast := m.commit("Faster (#101)", "c")
	m.commit("It was too fast (#200)\n\nReverts acme/one#100", "b")
	out := m.commit("Out (#201)\n\nThis reverts commit "+fast+".", "c")
	m.git("checkout", "-q", "release-1.30")
	from := m.commit("Ship (#300)", "d")
	m.commit("[release-1.30] Speed (#100) (#310)", "b")
	m.commit("[release-1.30] Faster (#311)\n\n(cherry picked from commit "+fast+")", "c")
	m.commit("[release-1.30] Back it out (#200) (#312)", "b")
	m.commit("[release-1.30] Out (#313)\n\n(cherry picked from commit "+out+")", "c")
	m.commit("Revert \"Ship\" (#314)\n\nReverts #300", "d")
	r := m.minor(from, "release-1.30")
	var lacking []int
	for _, c := range r.Lacking {
		lacking = append(lacking, c.Number)
	}
	if diff := cmp.Diff([]int{314}, lacking); diff != "" {
		t.Error(diff)
	}
}

// TestEnds: either spelling of a version is found; where both are at different commits, or an
// end isn't on its branch, that is said.
func TestEnds(t *testing.T) {
	m := made{t, t.TempDir()}
	m.git("init", "-q", "-b", "release-1.30")
	m.commit("Begin", "a", "was.yaml")
	m.git("tag", "v1.30.0")
	on := m.commit("Fix (#1)", "b", "one.yaml")
	m.git("tag", "-m", "signed", "v1.30.1")
	m.git("checkout", "-q", "--detach")
	aside := m.commit("Pin", "pinned")
	m.git("tag", "1.30.1")
	m.git("checkout", "-q", "release-1.30")
	m.commit("Add (#2)", "c", "two.yaml")
	m.git("tag", "1.30.2")
	if r := m.minor("1.30.0", "1.30.2"); len(r.Ends) != 0 || r.Repo.Changes != 2 || len(r.Source.Files) != 2 {
		t.Errorf("%v, %+v", r.Ends, r.Repo)
	}
	r := m.minor("1.30.1", "1.30.2")
	want := []string{
		"`acme/one` has two tags of one version at different commits: `1.30.1` at " + aside[:7] + " and `v1.30.1` at " + on[:7] + ". The notes take `1.30.1`.",
		"`1.30.1` of `acme/one`, " + aside[:7] + ", isn't on `release-1.30`: it parts from it at " + on[:7] +
			". The notes are those between the files of the two ends, and the changes are counted from where they part.",
	}
	if diff := cmp.Diff(want, r.Ends); diff != "" {
		t.Error(diff)
	}
	if r.Repo.Changes != 1 || len(r.Source.Files) != 1 {
		t.Errorf("%+v", r.Repo)
	}
	if r = m.minor("1.30.0", "1.30.1"); len(r.Ends) != 2 || r.Repo.Changes != 2 {
		t.Errorf("%v, %+v", r.Ends, r.Repo)
	}
}
