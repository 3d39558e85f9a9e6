package sandbox

import (
	"bufio"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestRefsAsGitListsThem: which refs there are is answered as git's own upload-pack answers it.
func TestRefsAsGitListsThem(t *testing.T) {
	full, err := initBare(t.TempDir(), "master", "")
	if err != nil {
		t.Fatal(err)
	}
	empty, err := initBare(t.TempDir(), "master", "")
	if err != nil {
		t.Fatal(err)
	}
	by := signature{Name: "x", Email: "x@example.com"}
	tree, err := full.write("tree", nil)
	if err != nil {
		t.Fatal(err)
	}
	commit, err := full.writeCommit(tree, nil, by, by, "One")
	if err != nil {
		t.Fatal(err)
	}
	tag, err := full.write("tag", []byte("object "+commit+"\ntype commit\ntag v1\ntagger x <x@example.com> 0 +0000\n\nOne\n"))
	if err != nil {
		t.Fatal(err)
	}
	for ref, sha := range map[string]string{"refs/heads/master": commit, "refs/heads/release-1.30": commit, "refs/heads/a/b": commit,
		"refs/tags/v1": tag, "refs/tags/light": commit, "refs/pull/1/head": commit} {
		if err := full.setRef(ref, sha); err != nil {
			t.Fatal(err)
		}
	}
	for name, args := range map[string][]string{
		"all": nil, "for a clone": {"peel", "symrefs", "unborn", "ref-prefix HEAD", "ref-prefix refs/heads/", "ref-prefix refs/tags/"},
		"one": {"ref-prefix refs/heads/release-1.30"}, "none": {"ref-prefix refs/notes/"}, "symrefs": {"symrefs"}, "peel": {"peel"},
	} {
		ask := line(listing+"\n") + line("object-format=sha1") + "0001"
		for _, a := range args {
			ask += line(a + "\n")
		}
		ask += "0000"
		for _, g := range []*gitRepo{full, empty} {
			cmd := service(g, protocolV2, "upload-pack", "--stateless-rpc")
			cmd.Stdin = strings.NewReader(ask)
			want, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			body, got := bufio.NewReader(strings.NewReader(ask)), httptest.NewRecorder()
			if !isListing(body) {
				t.Fatalf("%s: not known as a question about refs", name)
			}
			listRefs(got, body, g)
			if got.Body.String() != string(want) {
				t.Errorf("%s: answered\n%s\nand git\n%s", name, got.Body, want)
			}
		}
	}
}
