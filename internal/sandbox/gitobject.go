package sandbox

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// gitRepo is one bare repository on disk. Objects are read and written here in Go, in git's own loose format: building a
// world or answering a hot read then costs no process. Git itself does what is hard: merges, diffs, and all transport.
type gitRepo struct {
	dir    string
	lender *lender // of what it borrows, nil: nothing

	mu      sync.Mutex
	commits map[string]*gitCommit
	trees   map[string][]treeEntry
	blobs   map[string][]byte
	merges  map[string]mergeResult
	diffs   map[string][]fileDiff
}

// gitCommit is a parsed commit object.
type gitCommit struct {
	SHA, Tree         string
	Parents           []string
	Author, Committer signature
	Message           string

	Signature, Payload string // by a key, and what it signs
}

// signature is who and when, as git records it.
type signature struct {
	Name, Email string
	When        time.Time
}

// treeEntry is one row of a tree object.
type treeEntry struct{ Mode, Name, SHA string }

func (e treeEntry) isTree() bool { return e.Mode == "40000" }

// The repository's settings: blobless and by-SHA fetches as GitHub allows them, everything received kept loose (so that
// it can be read without git), and the pull request refs visible but not writable.
const bareConfig = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = true
	logallrefupdates = false
[http]
	receivepack = true
[receive]
	unpackLimit = 1000000
	autogc = false
	hideRefs = refs/pull
	denyDeleteCurrent = refuse
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[fetch]
	unpackLimit = 1000000
[gc]
	auto = 0
`

// initBare lays out a bare repository. shared names a repository whose object store this one uses: a fork network has
// one store, as on GitHub, so that a pull request from a fork can be merged in its base repository.
func initBare(dir, branch, shared string) (*gitRepo, error) {
	for _, d := range []string{"refs/heads", "refs/tags", "info"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, err
		}
	}
	if shared != "" {
		if err := os.Symlink(filepath.Join(shared, "objects"), filepath.Join(dir, "objects")); err != nil {
			return nil, err
		}
	} else if err := os.MkdirAll(filepath.Join(dir, "objects", "pack"), 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(bareConfig), 0o644); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "HEAD"), []byte("ref: refs/heads/"+branch+"\n"), 0o644); err != nil {
		return nil, err
	}
	return &gitRepo{dir: dir, commits: map[string]*gitCommit{}, trees: map[string][]treeEntry{},
		blobs: map[string][]byte{}, merges: map[string]mergeResult{}, diffs: map[string][]fileDiff{}}, nil
}

// git runs the program on this repository, free of the caller's own git environment.
func (g *gitRepo) git(args ...string) ([]byte, error) {
	cmd := exec.Command("git", append([]string{"--git-dir=" + g.dir}, args...)...)
	cmd.Env = gitEnv()
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(errs.String()))
	}
	return out, nil
}

// gitEnv is a minimal environment, so that a developer's own settings change nothing.
func gitEnv() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C", "TZ=UTC",
		"GIT_TERMINAL_PROMPT=0", "GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x@example.com", "GIT_COMMITTER_NAME=x",
		"GIT_COMMITTER_EMAIL=x@example.com"}
}

func (g *gitRepo) objectPath(sha string) string {
	return filepath.Join(g.dir, "objects", sha[:2], sha[2:])
}

// deflaters are kept: each begins with most of a megabyte.
var deflaters = sync.Pool{New: func() any {
	w, _ := zlib.NewWriterLevel(nil, zlib.BestSpeed)
	return w
}}

// write stores an object and returns its name. The file appears by rename, so that a reader never sees half of it.
func (g *gitRepo) write(kind string, data []byte) (string, error) {
	head := kind + " " + strconv.Itoa(len(data)) + "\x00"
	h := sha1.New()
	io.WriteString(h, head)
	h.Write(data)
	sha := hex.EncodeToString(h.Sum(nil))
	path := g.objectPath(sha)
	if _, err := os.Stat(path); err == nil {
		return sha, nil
	}
	var z bytes.Buffer
	w := deflaters.Get().(*zlib.Writer)
	w.Reset(&z)
	io.WriteString(w, head)
	w.Write(data)
	w.Close()
	deflaters.Put(w)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return sha, writeAtomic(path, z.Bytes(), 0o444)
}

func writeAtomic(path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "tmp_obj_")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Chmod(f.Name(), mode)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// read returns an object's kind and content; a packed one comes through git.
func (g *gitRepo) read(sha string) (string, []byte, error) {
	if !isSHA(sha) {
		return "", nil, fmt.Errorf("not an object name: %q", sha)
	}
	f, err := os.Open(g.objectPath(sha))
	if err != nil {
		return g.readPacked(sha)
	}
	defer f.Close()
	z, err := zlib.NewReader(f)
	if err != nil {
		return "", nil, err
	}
	all, err := io.ReadAll(z)
	if err != nil {
		return "", nil, err
	}
	head, data, _ := bytes.Cut(all, []byte{0})
	kind, _, _ := strings.Cut(string(head), " ")
	return kind, data, nil
}

func (g *gitRepo) readPacked(sha string) (string, []byte, error) {
	if g.lender != nil {
		return g.lender.read(g.dir, sha)
	}
	// Without a pack there is nothing to ask git for; a wrong SHA then costs no process.
	if packs, _ := filepath.Glob(filepath.Join(g.dir, "objects", "pack", "*.pack")); len(packs) == 0 {
		return "", nil, fmt.Errorf("no object %s", sha)
	}
	kind, err := g.git("cat-file", "-t", sha)
	if err != nil {
		return "", nil, err
	}
	k := strings.TrimSpace(string(kind))
	data, err := g.git("cat-file", k, sha)
	return k, data, err
}

func isSHA(s string) bool {
	if len(s) != 40 {
		return false
	}
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// commit returns a parsed commit, or nil when there is none of that name.
func (g *gitRepo) commit(sha string) *gitCommit {
	g.mu.Lock()
	c := g.commits[sha]
	g.mu.Unlock()
	if c != nil {
		return c
	}
	kind, data, err := g.read(sha)
	if err != nil || kind != "commit" {
		return nil
	}
	c = parseCommit(sha, string(data))
	g.mu.Lock()
	g.commits[sha] = c
	g.mu.Unlock()
	return c
}

func parseCommit(sha, text string) *gitCommit {
	head, msg, _ := strings.Cut(text, "\n\n")
	c := &gitCommit{SHA: sha, Message: strings.TrimRight(msg, "\n")}
	for _, line := range strings.Split(head, "\n") {
		key, val, _ := strings.Cut(line, " ")
		switch key {
		case "tree":
			c.Tree = val
		case "parent":
			c.Parents = append(c.Parents, val)
		case "author":
			c.Author = parseSignature(val)
		case "committer":
			c.Committer = parseSignature(val)
		case "gpgsig":
			c.Signature = val
		case "":
			c.Signature += "\n" + val
		}
	}
	if c.Signature != "" {
		c.Payload = strings.Replace(text, "gpgsig "+strings.ReplaceAll(c.Signature, "\n", "\n ")+"\n", "", 1)
	}
	return c
}

func parseSignature(s string) signature {
	lt, gt := strings.IndexByte(s, '<'), strings.LastIndexByte(s, '>')
	if lt < 0 || gt < lt {
		return signature{Name: s}
	}
	sig := signature{Name: strings.TrimSpace(s[:lt]), Email: s[lt+1 : gt]}
	if f := strings.Fields(s[gt+1:]); len(f) > 0 {
		n, _ := strconv.ParseInt(f[0], 10, 64)
		sig.When = time.Unix(n, 0).UTC()
	}
	return sig
}

func (s signature) String() string {
	clean := strings.NewReplacer("<", "", ">", "", "\n", " ", "\x00", "")
	return fmt.Sprintf("%s <%s> %d +0000", clean.Replace(s.Name), clean.Replace(s.Email), s.When.Unix())
}

// writeCommit stores a commit object.
func (g *gitRepo) writeCommit(tree string, parents []string, author, committer signature, message string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "tree %s\n", tree)
	for _, p := range parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author %s\ncommitter %s\n\n%s\n", author, committer, strings.TrimRight(message, "\n"))
	return g.write("commit", []byte(b.String()))
}

// tree returns the rows of a tree object.
func (g *gitRepo) tree(sha string) []treeEntry {
	g.mu.Lock()
	t, ok := g.trees[sha]
	g.mu.Unlock()
	if ok {
		return t
	}
	kind, data, err := g.read(sha)
	if err != nil || kind != "tree" {
		return nil
	}
	for len(data) > 0 {
		head, rest, ok := bytes.Cut(data, []byte{0})
		if !ok || len(rest) < 20 {
			break
		}
		mode, name, _ := strings.Cut(string(head), " ")
		t = append(t, treeEntry{Mode: mode, Name: name, SHA: hex.EncodeToString(rest[:20])})
		data = rest[20:]
	}
	g.mu.Lock()
	g.trees[sha] = t
	g.mu.Unlock()
	return t
}

func (g *gitRepo) writeTree(entries []treeEntry) (string, error) {
	// Git sorts a directory as if its name ended in a slash.
	key := func(e treeEntry) string {
		if e.isTree() {
			return e.Name + "/"
		}
		return e.Name
	}
	sort.Slice(entries, func(i, j int) bool { return key(entries[i]) < key(entries[j]) })
	var b bytes.Buffer
	for _, e := range entries {
		raw, err := hex.DecodeString(e.SHA)
		if err != nil {
			return "", err
		}
		b.WriteString(e.Mode + " " + e.Name + "\x00")
		b.Write(raw)
	}
	return g.write("tree", b.Bytes())
}

// blob returns a file's content; small ones are kept, since policies are read again and again.
func (g *gitRepo) blob(sha string) ([]byte, error) {
	g.mu.Lock()
	b, ok := g.blobs[sha]
	g.mu.Unlock()
	if ok {
		return b, nil
	}
	kind, data, err := g.read(sha)
	if err != nil {
		return nil, err
	}
	if kind != "blob" {
		return nil, fmt.Errorf("%s is a %s", sha, kind)
	}
	if len(data) < 64<<10 {
		g.mu.Lock()
		g.blobs[sha] = data
		g.mu.Unlock()
	}
	return data, nil
}
