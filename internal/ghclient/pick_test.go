package ghclient

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	gh "github.com/google/go-github/v62/github"
)

func TestSections(t *testing.T) {
	const own = "<!-- slipway:picks 7 -->\n**Head**\n\n"
	const a, b = "<!-- slipway:pick a {} seal:1 -->\n- a\n\n", "<!-- slipway:pick b {} seal:2 -->\n- b says <!-- slipway:pick x -->\n"
	for name, tt := range map[string]struct {
		body, head string
		parts      []string
	}{
		"nothing":  {"", "", nil},
		"no parts": {own, own, nil},
		"two":      {own + a + b, own, []string{a, b}},
		"no mark":  {"x\n" + a, "x\n", []string{a}},
	} {
		head, parts := sections(tt.body)
		if head != tt.head || !cmp.Equal(parts, tt.parts) {
			t.Errorf("%s: %q and %q", name, head, parts)
		}
	}
}

// commit makes a commit of the names of itself and its parents; its message is
// its change.
func commit(id, change string, parents ...string) *gh.RepositoryCommit {
	c := &gh.RepositoryCommit{SHA: &id, Commit: &gh.Commit{Message: &change, Author: &gh.CommitAuthor{
		Email: gh.String("bob@example.org"), Date: &gh.Timestamp{Time: time.Unix(1_700_000_000, 0)},
	}}}
	for _, p := range parents {
		c.Parents = append(c.Parents, &gh.Commit{SHA: &p})
	}
	return c
}

func TestRebased(t *testing.T) {
	type commits = []*gh.RepositoryCommit
	own := commits{commit("x1", "one", "x0"), commit("x2", "two", "x1"), commit("x3", "three", "x2")}
	for name, tt := range map[string]struct {
		own, onBase commits
		want        string
	}{
		"whole":              {own, commits{commit("m", "three", "b"), commit("b", "two", "a"), commit("a", "one", "0"), commit("0", "zero", "y")}, "a b m"},
		"one came to naught": {own, commits{commit("m", "three", "a"), commit("a", "one", "0"), commit("0", "zero")}, "m"},
		"squashed":           {own, commits{commit("m", "All of it (#7)", "0"), commit("0", "one")}, ""},
		"last page ends":     {own, commits{commit("m", "three", "b")}, "m"},
		"two of one message": {commits{commit("x1", "same", "x0"), commit("x2", "same", "x1")}, commits{commit("m", "same", "a"), commit("a", "same", "0"), commit("0", "same")}, "a m"},
	} {
		if got := strings.Join(rebased("m", tt.own, tt.onBase), " "); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestMarkers(t *testing.T) {
	for patch, want := range map[string][2]bool{
		"":                                   {},
		"@@ -1 +1 @@\n+<<<<<<< release-1.30": {true, false},
		"+>>>>>>> x\r":                       {true, false},
		"+||||||| base":                      {true, false},
		"+=======":                           {false, true},
		"+========":                          {},
		" <<<<<<< there before\n-<<<<<<< gone\n+ <<<<<<< indented": {},
	} {
		if sides, middle := markers(patch); sides != want[0] || middle != want[1] {
			t.Errorf("%q: %v %v", patch, sides, middle)
		}
	}
}
