package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// What GitHub may answer to a fetch or a push that somebody can mend.
var (
	ErrNoBranch    = errors.New("no such branch")
	ErrDenied      = errors.New("no access to the repository, or it doesn't exist")
	ErrUnreachable = errors.New("the server can't be reached")
)

// fill fetches what a use needs and the cache lacks, and returns the target's
// head. At most two fetches: commits with their trees, then the files that the
// merge will look into, which only the trees name.
func (c *Cache) fill(ctx context.Context, r *Repository, need Need) (string, error) {
	lacks, err := r.lacks(ctx, need)
	if err != nil {
		return "", err
	}
	onto := need.Onto
	if onto != "" && len(lacks) == 0 {
		if blobs, err := r.lacksBlobs(ctx, onto, need.Sources); err != nil || len(blobs) == 0 {
			return onto, errors.Join(err, r.copyShallow())
		}
	}
	one, err := acquire(ctx, c.path(need.RepoID, fetchSuffix), true)
	if err != nil {
		return "", err
	}
	defer one.release()
	r.sweep()
	if lacks, err = r.lacks(ctx, need); err != nil { // another use may have fetched it
		return "", err
	}
	if onto == "" || len(lacks) > 0 {
		if err := r.fetchCommits(ctx, need.Target.Ref(), onto == "", lacks); err != nil {
			return "", err
		}
	}
	if onto == "" {
		if onto, err = r.Resolve(ctx, need.Target.Ref()); err != nil {
			return "", fmt.Errorf("%w: the branch was fetched and isn't there: %w", errDamaged, err)
		}
	}
	if err := r.fetchBlobs(ctx, onto, need.Sources); err != nil {
		return "", err
	}
	return onto, r.copyShallow()
}

// sweep removes what a killed process left. Nobody else fetches now, so git's
// own lock files are nobody's.
func (r *Repository) sweep() {
	for _, name := range []string{"shallow.lock", "packed-refs.lock", "config.lock"} {
		_ = os.Remove(filepath.Join(r.dir, name))
	}
	for _, pattern := range []string{"refs/heads/*.lock", "refs/heads/*/*.lock", "refs/picks/*.lock"} {
		stale, _ := filepath.Glob(filepath.Join(escapeGlob(r.dir), filepath.FromSlash(pattern)))
		for _, path := range stale {
			_ = os.Remove(path)
		}
	}
	uses, _ := os.ReadDir(filepath.Join(r.dir, "uses"))
	for _, u := range uses {
		if st, err := u.Info(); err == nil && time.Since(st.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(filepath.Join(r.dir, "uses", u.Name()))
		}
	}
}

// copyShallow tells the desk where history ends.
func (r *Repository) copyShallow() error {
	text, err := os.ReadFile(filepath.Join(r.dir, "shallow"))
	at := filepath.Join(r.desk, "shallow")
	if errors.Is(err, fs.ErrNotExist) { // it doesn't end
		if err = os.Remove(at); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	if err != nil {
		return err
	}
	return os.WriteFile(at, text, 0o644)
}

// lacks names the commits to ask for: those that aren't here with their tree
// and, for a source, with the parent that it is the difference from.
func (r *Repository) lacks(ctx context.Context, need Need) ([]string, error) {
	var lacks []string
	want := func(id string, withParent bool) error {
		ok, err := r.complete(ctx, id, withParent)
		if err == nil && !ok && !slices.Contains(lacks, id) {
			lacks = append(lacks, id)
		}
		return err
	}
	var errs []error
	if need.Onto != "" {
		errs = append(errs, want(need.Onto, false))
	}
	for _, s := range need.Sources {
		errs = append(errs, want(s.Commit, s.Base == ""))
		if s.Base != "" {
			errs = append(errs, want(s.Base, false))
		}
	}
	return lacks, errors.Join(errs...)
}

func (r *Repository) complete(ctx context.Context, id string, withParent bool) (bool, error) {
	c, err := r.Commit(ctx, id)
	if err == nil && c.Tree != r.emptyTree() {
		_, err = r.objects.stat(ctx, c.Tree)
	}
	if isMissing(err) {
		return false, nil
	}
	if err != nil || !withParent || len(c.Parents) == 0 {
		return err == nil, err
	}
	return r.complete(ctx, c.Parents[0], false)
}

// fetchFlags are those of every fetch: objects and nothing else.
var fetchFlags = []string{"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance",
	"--no-recurse-submodules"}

// fetchCommits fetches the head of a branch, if asked for, and commits, all
// with their parents and without the contents of files.
func (r *Repository) fetchCommits(ctx context.Context, ref string, head bool, ids []string) error {
	specs := specsOf(ids)
	if head {
		specs = "+" + ref + ":" + ref + "\n" + specs
	}
	return r.fetch(ctx, specs, nil, "--depth=2")
}

// fetch reads what to fetch from standard input: ids can be many.
func (r *Repository) fetch(ctx context.Context, specs string, before []string, flags ...string) error {
	if !slices.ContainsFunc(flags, func(f string) bool { return strings.HasPrefix(f, "--filter=") }) {
		flags = append(flags, "--filter=blob:none")
	}
	args := slices.Concat(before, fetchFlags, flags, []string{"--stdin", "--end-of-options", "origin"})
	_, err := r.program.run(ctx, call{dir: r.dir, access: r.access, in: []byte(specs), args: args})
	return remoteError(err)
}

// asked is how git fetches single objects when it misses them: without telling
// what is here, since a server leaves out the files of commits that are.
var asked = []string{"-c", "fetch.negotiationAlgorithm=noop"}

// fetchBlobs fetches, at once, the files that a merge will look into and those
// that a push will send. What a merge wants beyond them, to follow renames, git
// fetches itself.
func (r *Repository) fetchBlobs(ctx context.Context, onto string, sources []Source) error {
	blobs, err := r.lacksBlobs(ctx, onto, sources)
	if err != nil || len(blobs) == 0 {
		return err
	}
	return r.fetch(ctx, strings.Join(blobs, "\n")+"\n", asked)
}

func (r *Repository) lacksBlobs(ctx context.Context, onto string, sources []Source) ([]string, error) {
	ours, err := r.treeOf(ctx, onto)
	if err != nil {
		return nil, err
	}
	want := map[string]bool{}
	for _, s := range sources {
		source, err := r.Commit(ctx, s.Commit)
		if err != nil {
			return nil, err
		}
		parent := s.Base
		if parent == "" && len(source.Parents) > 0 {
			parent = source.Parents[0]
		}
		base, err := r.treeOf(ctx, parent)
		if err != nil {
			return nil, err
		}
		if err := r.wanted(ctx, base, ours, source.Tree, want); err != nil {
			return nil, err
		}
	}
	var lacks []string
	for id := range want {
		_, err := r.objects.stat(ctx, id)
		if isMissing(err) {
			lacks = append(lacks, id)
		} else if err != nil {
			return nil, err
		}
	}
	slices.Sort(lacks)
	return lacks, nil
}

// wanted walks three trees where the picked change differs from its parent. It
// collects each new file, and all three sides of one that the target has
// otherwise.
func (r *Repository) wanted(ctx context.Context, base, ours, theirs string, want map[string]bool) error {
	if base == theirs || ours == theirs {
		return nil
	}
	var trees [3]map[string]entry
	for i, id := range []string{base, ours, theirs} {
		t, err := r.tree(ctx, id)
		if err != nil {
			return err
		}
		trees[i] = t
	}
	names := map[string]bool{}
	for name := range trees[0] {
		names[name] = true
	}
	for name := range trees[2] {
		names[name] = true
	}
	for name := range names {
		b, o, t := trees[0][name], trees[1][name], trees[2][name]
		if b == t || o == t {
			continue
		}
		if err := r.wanted(ctx, subtree(b), subtree(o), subtree(t), want); err != nil {
			return err
		}
		for _, e := range []entry{t, b, o} {
			if e.id != "" && !e.isTree() && !e.isLink() && (e == t || b != o) {
				want[e.id] = true
			}
		}
		if r.most > 0 && len(want) > r.most {
			return &TooLargeError{fmt.Sprintf("more than %s versions of files", thousands(r.most))}
		}
	}
	return nil
}

// subtree is the tree at an entry; none if a file or nothing is there.
func subtree(e entry) string {
	if e.isTree() {
		return e.id
	}
	return ""
}

// remoteAnswers are the words of git and GitHub by which a failure is known as
// the other side's. Anything else may be the cache's own fault.
var remoteAnswers = []struct {
	says string
	err  error
}{
	{"couldn't find remote ref", ErrNoBranch},
	{"not our ref", ErrNoCommit},
	{"Server does not allow request for unadvertised object", ErrNoCommit},
	{"Authentication failed", ErrDenied},
	{"could not read Username", ErrDenied},
	{"Repository not found", ErrDenied},
	{"The requested URL returned error: 401", ErrDenied},
	{"The requested URL returned error: 403", ErrDenied},
	{"The requested URL returned error: 404", ErrDenied},
	{"' not found", ErrDenied},
	{"unable to access", ErrUnreachable},
	{"Could not resolve host", ErrUnreachable},
	{"RPC failed", ErrUnreachable},
	{"the remote end hung up unexpectedly", ErrUnreachable},
	{"expected flush after ref listing", ErrUnreachable},
	{"early EOF", ErrUnreachable},
}

// remoteError names a failure of the other side.
func remoteError(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	for _, a := range remoteAnswers {
		if strings.Contains(e.Stderr, a.says) {
			return fmt.Errorf("%w: %w", a.err, err)
		}
	}
	return err
}
