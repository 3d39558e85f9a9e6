package sandbox

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// line is one line as git sends it, after its length: https://git-scm.com/docs/gitprotocol-common#_pkt_line_format
func line(text string) string { return fmt.Sprintf("%04x%s", len(text)+4, text) }

const listing = "command=ls-refs"

// isListing tells whether a request of version 2 asks for refs alone.
func isListing(body *bufio.Reader) bool {
	start, _ := body.Peek(4 + len(listing))
	return len(start) > 4 && string(start[4:]) == listing
}

// listRefs answers which refs there are, as git's upload-pack would: each fetch by a name asks for that first, and a process
// costs more than all the rest of it. https://git-scm.com/docs/protocol-v2#_ls_refs
func listRefs(w http.ResponseWriter, body *bufio.Reader, g *gitRepo) {
	var prefixes []string
	asked := map[string]bool{}
	for {
		var size [4]byte
		if _, err := io.ReadFull(body, size[:]); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		n, err := strconv.ParseUint(string(size[:]), 16, 16)
		if err == nil && n == 0 {
			break
		}
		if n < 4 { // what divides the arguments from the rest
			continue
		}
		text := make([]byte, n-4)
		if _, err := io.ReadFull(body, text); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		arg := strings.TrimSuffix(string(text), "\n")
		asked[arg] = true
		if prefix, ok := strings.CutPrefix(arg, "ref-prefix "); ok {
			prefixes = append(prefixes, prefix)
		}
	}
	refs, err := g.refs()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answers(w, "git-upload-pack", "result")
	io.WriteString(w, g.listed(refs, asked, prefixes)+"0000")
}

// listed are the refs that begin with one of some prefixes, or all of them.
func (g *gitRepo) listed(refs map[string]string, asked map[string]bool, prefixes []string) string {
	var b strings.Builder
	wanted := func(ref string) bool {
		return len(prefixes) == 0 || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(ref, p) })
	}
	if head := g.head(); wanted("HEAD") {
		text := refs[head] + " HEAD"
		if refs[head] == "" {
			text = "unborn HEAD"
		}
		if asked["symrefs"] {
			text += " symref-target:" + head
		}
		if refs[head] != "" || asked["unborn"] {
			b.WriteString(line(text + "\n"))
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(refs)) {
		if !wanted(ref) {
			continue
		}
		text := refs[ref] + " " + ref
		if asked["peel"] {
			if to := g.peeled(refs[ref]); to != refs[ref] {
				text += " peeled:" + to
			}
		}
		b.WriteString(line(text + "\n"))
	}
	return b.String()
}

// peeled is what a tag is of, by way of other tags, and anything else itself.
func (g *gitRepo) peeled(sha string) string {
	for {
		kind, data, err := g.read(sha)
		to, tag := strings.CutPrefix(string(data), "object ")
		if err != nil || kind != "tag" || !tag {
			return sha
		}
		sha, _, _ = strings.Cut(to, "\n")
	}
}

// head is the ref of the default branch.
func (g *gitRepo) head() string {
	text, _ := os.ReadFile(filepath.Join(g.dir, "HEAD"))
	return strings.TrimSpace(strings.TrimPrefix(string(text), "ref: "))
}

// refs reads all refs from disk, where they are files, since nothing packs them: after a push through git, what is there is the truth.
func (g *gitRepo) refs() (map[string]string, error) {
	refs := map[string]string{}
	err := fs.WalkDir(os.DirFS(g.dir), "refs", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".lock") {
			return gone(err)
		}
		text, err := os.ReadFile(filepath.Join(g.dir, filepath.FromSlash(path)))
		if sha := strings.TrimSpace(string(text)); err == nil && isSHA(sha) {
			refs[path] = sha
		}
		return gone(err)
	})
	return refs, err
}

// gone is no error for what was deleted meanwhile.
func gone(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}
