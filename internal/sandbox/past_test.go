package sandbox

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// small is a stand-in with one repository, in which alice may write.
func small(t *testing.T) *Server {
	t.Helper()
	s, err := New(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := errors.Join(s.CreateOrg("istio", "alice"), s.CreateRepo("istio", "istio", RepoOptions{}), s.AddCollaborator("istio/istio", "alice", "write")); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBorrowedHistory: a repository of another one's objects, packed, none of them copied, has what was there under its own numbers.
func TestBorrowedHistory(t *testing.T) {
	s := small(t)
	alice := s.As("alice")
	base := s.Branch("istio/istio", "master")
	fix, err := alice.Push("istio/istio", "master", map[string]string{"fix.go": "package fix\n"}, "Fix (#7)")
	if err != nil {
		t.Fatal(err)
	}
	lends := &gitRepo{dir: s.GitDir("istio/istio")}
	if _, err := lends.git("repack", "-a", "-d"); err != nil {
		t.Fatal(err)
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(s.CreateRepo("istio", "again", RepoOptions{Objects: filepath.Join(lends.dir, "objects"), FirstNumber: 1000}))
	do(s.AddCollaborator("istio/again", "alice", "write"))
	do(s.PutRef("istio/again", "refs/heads/master", base))
	do(s.PutRef("istio/again", "refs/heads/release-1", base))
	do(s.AddAddress("alice", "alice@example.com"))
	do(s.AddPast("istio/again", Past{Number: 7, Title: "Fix", Author: "alice", Base: "master", Commit: fix, Merged: time.Unix(1e9, 0)}))
	if err := s.AddPast("istio/again", Past{Number: 7, Author: "alice", Commit: fix}); err == nil {
		t.Error("a number is given twice")
	}
	pr, err := alice.OpenPR("istio/again", PROptions{Base: "release-1", Head: "pick", Title: "Pick", Number: 5, Like: fix, Message: "Fix"})
	do(err)
	if c := s.CommitAt("istio/again", pr.HeadSHA); pr.Number != 5 || c.Tree != s.CommitAt("istio/again", fix).Tree || c.Message != "Fix" || c.Parents[0] != base {
		t.Errorf("#%d, %+v", pr.Number, c)
	}
	if err := alice.MergeAs("istio/again", 5, base); err == nil {
		t.Error("what doesn't stand on the base is merged")
	}
	do(alice.MergeAs("istio/again", 5, fix))
	if pr = s.PR("istio/again", 5); !pr.Merged || pr.MergeSHA != fix || s.Branch("istio/again", "release-1") != fix {
		t.Errorf("%+v", pr)
	}
	do(alice.PushCommit("istio/again", "refs/tags/1.0", fix))
	if past := s.PR("istio/again", 7); !past.Merged || past.Created.Unix() != 1e9 {
		t.Errorf("%+v", past)
	}
	if n, err := alice.OpenIssue("istio/again", "New", ""); err != nil || n != 1000 {
		t.Error(n, err)
	}
	if body, ok := s.File("istio/again", "1.0", "fix.go"); !ok || body != "package fix\n" {
		t.Error(body, ok)
	}
}

// TestSidesOfAHistory: what one side alone reaches is told from what both do, also where commits are of one second and a merge leads past another.
func TestSidesOfAHistory(t *testing.T) {
	s := small(t)
	g := s.repos["istio/istio"].git
	at, n := time.Unix(1e9, 0), 0
	commit := func(when time.Time, parents ...string) string {
		t.Helper()
		n++
		sha, err := g.writeCommit(emptyTree, parents, signature{When: when}, signature{When: when, Name: "x"}, fmt.Sprint(n))
		if err != nil {
			t.Fatal(err)
		}
		return sha
	}
	root := commit(at)
	left, right := commit(at.Add(1), root), commit(at.Add(time.Second), root)
	merge := commit(at.Add(time.Second), left, right)
	after := commit(at.Add(time.Minute), merge)
	for _, test := range []struct{ a, b, want string }{
		{root, after, root}, {after, root, root}, {left, right, root}, {merge, right, right}, {left, after, left}, {after, after, after},
		{after, commit(at), ""}, {commit(at.Add(time.Hour), right), after, right},
	} {
		if got := g.mergeBase(test.a, test.b); got != test.want {
			t.Errorf("%.7s and %.7s meet at %.7s, want %.7s", test.a, test.b, got, test.want)
		}
	}
	if list := g.between(root, after); len(list) != 4 || list[3].SHA != after || list[0].SHA != left {
		t.Errorf("%v", list)
	}
	if !g.reaches(after, root) || g.reaches(root, after) || !g.reaches(root, root) {
		t.Error("what reaches what")
	}
}
