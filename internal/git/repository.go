package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
)

// Repository is a place with objects to pick from. Its methods may be used at
// the same time; Close ends it.
type Repository struct {
	program   *Program
	format    format
	dir       string      // the git directory whose refs names are resolved by
	desk      string      // a git directory of our own over the same objects: no foreign settings, no network
	write     string      // the object directory that new objects go to
	stores    []string    // the object directories that objects come from
	access    *Access     // how to complete itself; nil for somebody's repository
	fetchLock string      // the file to lock before fetching
	most      int         // versions of files that a merge may need; 0 is no bound
	objects   *batch      // git cat-file
	patches   *batch      // git diff-tree
	memory    *memory     // of what its objects say
	made      string      // which making of the repository it is, for the memory
	scratch   string      // removed by Close; empty: nothing to remove
	large     atomic.Bool // it has the turn of large changes
}

// ErrNotRepository is the error for a directory without a git repository.
var ErrNotRepository = errors.New("not a git repository")

// Open opens somebody's repository, with or without a work tree, a linked work
// tree too. Nothing is ever written to it: what a merge makes goes to a
// directory that Close removes.
func (p *Program) Open(ctx context.Context, dir string) (*Repository, error) {
	gitDir, err := findGitDir(dir)
	if err != nil {
		return nil, err
	}
	out, err := p.run(ctx, call{dir: gitDir, args: []string{"rev-parse", "--path-format=absolute", "--git-path", "objects",
		"--git-path", "shallow", "--show-object-format"}})
	if err != nil {
		return nil, fmt.Errorf("%w: %s (%w)", ErrNotRepository, dir, err)
	}
	f := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(f) != 3 {
		return nil, fmt.Errorf("%w: %s, where git answers %q", ErrNotRepository, dir, out)
	}
	r := &Repository{program: p, dir: gitDir, format: sha1Format, memory: &memory{}}
	if f[2] == "sha256" {
		r.format = sha256Format
	}
	if err := r.borrow(f[0], f[1]); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Objects is the directory that its objects are in. They are never changed there.
func (r *Repository) Objects() string { return r.stores[0] }

// findGitDir looks at one directory, not at those above: a pick is from the
// repository that was named. It is found here and not by git, which would
// refuse one that belongs to another user.
func findGitDir(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	dot := filepath.Join(abs, ".git")
	text, err := os.ReadFile(dot)
	switch {
	case err == nil: // a linked work tree or a submodule
		if to, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: "); ok {
			if !filepath.IsAbs(to) {
				to = filepath.Join(abs, to)
			}
			return to, nil
		}
	case isDir(dot):
		return dot, nil
	case isDir(filepath.Join(abs, "objects")) && isFile(filepath.Join(abs, "HEAD")):
		return abs, nil
	}
	if !isDir(abs) {
		return "", fmt.Errorf("%w: there is no directory %s", ErrNotRepository, dir)
	}
	return "", fmt.Errorf("%w: %s", ErrNotRepository, dir)
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

// borrow makes the scratch repository that reads another's objects.
func (r *Repository) borrow(objects, shallow string) error {
	scratch, err := os.MkdirTemp("", "slipway-git-")
	if err != nil {
		return err
	}
	r.stores = []string{objects}
	r.scratch, r.desk = scratch, filepath.Join(scratch, "desk")
	r.write = filepath.Join(r.desk, "objects")
	if err := makeDir(r.desk, r.format, nil); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(r.write, "info"), 0o755); err != nil {
		return err
	}
	if strings.Contains(objects, "\n") {
		return fmt.Errorf("a repository below a directory with a line break in its name can't be borrowed from: %q", objects)
	}
	line := objects
	if strings.HasPrefix(line, `"`) || strings.HasPrefix(line, "#") {
		line = strconv.Quote(line)
	}
	if err := os.WriteFile(filepath.Join(r.write, "info", "alternates"), []byte(line+"\n"), 0o644); err != nil {
		return err
	}
	text, err := os.ReadFile(shallow)
	if err == nil {
		err = os.WriteFile(filepath.Join(r.desk, "shallow"), text, 0o644)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	r.serve()
	return nil
}

// serve readies the processes that stay, each started with the first question.
func (r *Repository) serve() {
	r.objects = &batch{program: r.program, call: call{dir: r.desk, objects: r.write, args: []string{"cat-file", "--batch-command"}}}
	r.patches = &batch{program: r.program, call: call{dir: r.desk, objects: r.write, access: r.access, args: append(patchFlags[:len(patchFlags):len(patchFlags)], "--stdin")}}
}

// makeDir makes a git directory without objects of its own: it has the given
// refs, by their full names, and settings of ours alone.
func makeDir(dir string, f format, refs map[string]string) error {
	for _, sub := range []string{"refs/heads", "refs/tags", "info"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(sub)), 0o755); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config(f)), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "info", "attributes"), []byte(drivers), 0o644); err != nil {
		return err
	}
	for ref, id := range refs {
		path := filepath.Join(dir, filepath.FromSlash(ref))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(id+"\n"), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "HEAD"), []byte("ref: refs/heads/none\n"), 0o644)
}

// config is a bare repository's. Of a remote it says nothing: see Access.
func config(f format) string {
	text := "[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
	if f == sha256Format {
		text += "[extensions]\n\tobjectFormat = sha256\n"
	}
	return text
}

// local is a run that reads objects and nothing else: no refs, no network.
func (r *Repository) local(ctx context.Context, in []byte, args ...string) ([]byte, error) {
	return r.program.run(ctx, call{dir: r.desk, objects: r.write, in: in, args: args})
}

// ErrNoCommit is the error for a name that no commit has.
var ErrNoCommit = errors.New("no such commit")

// Resolve finds the commit that a person's text names (an id, a branch, a tag,
// anything git-rev-parse takes). Text that looks like an option is refused.
func (r *Repository) Resolve(ctx context.Context, rev string) (string, error) {
	if rev == "" || strings.HasPrefix(rev, "-") || strings.ContainsAny(rev, "\x00\n") {
		return "", fmt.Errorf("%w: %q is no name of a commit", ErrNoCommit, rev)
	}
	if r.access != nil && strings.HasPrefix(rev, "refs/heads/") { // a fetch into a cache leaves it as a file
		if text, err := os.ReadFile(filepath.Join(r.dir, filepath.FromSlash(rev))); err == nil && isID(strings.TrimSpace(string(text))) {
			return strings.TrimSpace(string(text)), nil
		}
	}
	out, err := r.program.run(ctx, call{dir: r.dir, args: []string{"rev-parse", "--verify", "--quiet", "--end-of-options", rev + "^{commit}"}})
	if codeOf(err) > 0 {
		return "", fmt.Errorf("%w: %q", ErrNoCommit, rev)
	}
	if err != nil {
		return "", err
	}
	id := strings.TrimSpace(string(out))
	if !isID(id) {
		return "", fmt.Errorf("%w: %q", ErrNoCommit, rev)
	}
	return id, nil
}

// Close ends the processes and removes what was made meanwhile.
func (r *Repository) Close() error {
	if r.objects != nil {
		r.objects.close()
		r.patches.close()
	}
	r.freeLarge()
	if r.scratch == "" {
		return nil
	}
	return os.RemoveAll(r.scratch)
}
