package git

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// Cache holds bare repositories with the few objects that picks needed. All of
// it came from GitHub and can come again, so it is thrown away rather than
// mended: when it doesn't answer, when it has grown, when it wasn't used for
// longest. Several processes may share a directory.
type Cache struct {
	program *Program
	dir     string
	max     int64

	mu    sync.Mutex
	known map[int64]held // as last measured; a use changes a repository's time

	memory memory
}

// NewCache makes the directory if need be. maxBytes bounds what stays in it
// between uses; 0 means nothing stays.
func (p *Program) NewCache(dir string, maxBytes int64) (*Cache, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, err
	}
	return &Cache{program: p, dir: abs, max: maxBytes, known: map[int64]held{}}, nil
}

// Need is what a use of a repository needs to be there.
type Need struct {
	RepoID int64 // numeric, so that a rename keeps the cache
	Access Access
	Target release.Branch
	// Onto is the target's head, if it is known: then a use that finds
	// everything in the cache asks the network nothing. Empty means to ask.
	Onto    string
	Sources []Source
	// Most bounds the versions of files that merging the sources may need, for what nobody has
	// looked at yet: more is a *TooLargeError. 0 is no bound.
	Most int
}

// Use calls fn with a repository that has what is needed, and the target's
// head. Uses of one repository may overlap. Should the cache turn out to be
// damaged, it is made anew and fn is called once more, so fn must not mind
// being run twice. The repository is fn's until it returns.
//
// The errors that a person can do something about are ErrNoBranch, ErrNoCommit,
// ErrDenied and ErrUnreachable.
func (c *Cache) Use(ctx context.Context, need Need, fn func(ctx context.Context, r *Repository, onto string) error) error {
	return c.heal(ctx, need, func(ctx context.Context, r *Repository) error {
		onto, err := c.fill(ctx, r, need)
		if err != nil {
			return err
		}
		return fn(ctx, r, onto)
	})
}

// heal is Use, with a repository that may have nothing yet.
func (c *Cache) heal(ctx context.Context, need Need, fn func(context.Context, *Repository) error) error {
	if err := need.check(); err != nil {
		return err
	}
	made, err := c.use(ctx, need, fn)
	if full(err) {
		if err := c.clear(); err != nil {
			return fmt.Errorf("make room for repository %d: %w", need.RepoID, err)
		}
	}
	if full(err) || damaged(err) {
		if err := c.discard(ctx, need.RepoID, made); err != nil {
			return fmt.Errorf("make the cache of repository %d anew: %w", need.RepoID, err)
		}
		_, err = c.use(ctx, need, fn)
	}
	if err != nil {
		return err
	}
	return c.trim(need.RepoID)
}

func (n Need) check() error {
	if n.RepoID <= 0 {
		return fmt.Errorf("%d is no repository's id", n.RepoID)
	}
	if n.Access.protocol() == "" {
		return errors.New("the address of a repository must be https:// or http://, without a user")
	}
	if _, err := release.ParseBranch(n.Target.String()); err != nil {
		return fmt.Errorf("%q is not a branch name: %w", n.Target, err)
	}
	for _, s := range n.Sources {
		if !isID(s.Commit) || s.Base != "" && !isID(s.Base) {
			return fmt.Errorf("%q is not a commit id", s.Commit)
		}
	}
	if n.Onto != "" && !isID(n.Onto) {
		return fmt.Errorf("%q is not a commit id", n.Onto)
	}
	return nil
}

// errDamaged is behind whatever a sound repository can't answer.
var errDamaged = errors.New("damaged")

// damaged says that an error may be the cache's own fault.
func damaged(err error) bool {
	for _, e := range []error{ErrNoBranch, ErrNoCommit, ErrDenied, ErrUnreachable, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, e) {
			return false
		}
	}
	var local *Error
	var rejected *Rejected
	return !errors.As(err, &rejected) && (errors.As(err, &local) || isMissing(err) || errors.Is(err, errDamaged))
}

// full says that an error is a disk's without room.
func full(err error) bool {
	var local *Error
	return errors.Is(err, syscall.ENOSPC) || errors.As(err, &local) && strings.Contains(local.Error(), "No space left on device")
}

// clear throws away every repository that nobody uses.
func (c *Cache) clear() error {
	all, err := c.holds()
	for _, h := range all {
		_, gone := c.evict(h.id)
		err = errors.Join(err, gone)
	}
	return err
}

func (c *Cache) path(id int64, suffix string) string {
	return filepath.Join(c.dir, strconv.FormatInt(id, 10)+suffix)
}

const (
	repoSuffix  = ".git"
	aliveSuffix = ".lock"  // shared by uses, held alone by who removes the repository
	fetchSuffix = ".fetch" // held alone by who fetches
)

// use is heal without healing. It returns which making of the repository it saw.
func (c *Cache) use(ctx context.Context, need Need, fn func(context.Context, *Repository) error) (made string, err error) {
	if err := os.MkdirAll(c.dir, 0o700); err != nil { // somebody may have emptied it
		return "", err
	}
	alive, err := acquire(ctx, c.path(need.RepoID, aliveSuffix), false)
	if err != nil {
		return "", err
	}
	defer alive.release()
	r, made, err := c.open(ctx, need)
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return made, fn(ctx, r)
}

// open makes the repository if it isn't there, and a desk for one use.
func (c *Cache) open(ctx context.Context, need Need) (*Repository, string, error) {
	dir := c.path(need.RepoID, repoSuffix)
	format := sha1Format
	if len(need.Sources) > 0 && len(need.Sources[0].Commit) == 2*int(sha256Format) {
		format = sha256Format
	}
	made, err := c.make(ctx, need.RepoID, dir, format)
	if err != nil {
		return nil, made, err
	}
	scratch, err := os.MkdirTemp(filepath.Join(dir, "uses"), "use-")
	if err != nil {
		return nil, made, fmt.Errorf("%w: %w", errDamaged, err)
	}
	r := &Repository{program: c.program, format: format, dir: dir, scratch: scratch, access: &need.Access,
		desk: filepath.Join(scratch, "desk"), write: filepath.Join(dir, "objects"), memory: &c.memory, made: dir + made}
	r.stores, r.fetchLock, r.most = []string{r.write}, c.path(need.RepoID, fetchSuffix), need.Most
	r.serve()
	if err := makeDir(r.desk, format, nil); err != nil {
		return nil, made, errors.Join(err, r.Close())
	}
	return r, made, nil
}

// madeFile holds the making of a repository: a word that is never used twice.
// It is written last, so a repository without it was never finished.
const madeFile = "made"

func (c *Cache) make(ctx context.Context, id int64, dir string, f format) (string, error) {
	if made, err := os.ReadFile(filepath.Join(dir, madeFile)); err == nil {
		return string(made), nil
	}
	one, err := acquire(ctx, c.path(id, fetchSuffix), true)
	if err != nil {
		return "", err
	}
	defer one.release()
	if made, err := os.ReadFile(filepath.Join(dir, madeFile)); err == nil {
		return string(made), nil // by another use meanwhile
	}
	for _, sub := range []string{"objects/pack", "uses"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(sub)), 0o700); err != nil {
			return "", err
		}
	}
	if err := makeDir(dir, f, nil); err != nil {
		return "", err
	}
	made := strconv.FormatInt(time.Now().UnixNano(), 36)
	return made, os.WriteFile(filepath.Join(dir, madeFile), []byte(made), 0o600)
}

// discard removes a repository, unless it is already another than the one that
// failed. It waits until nobody uses it.
func (c *Cache) discard(ctx context.Context, id int64, made string) error {
	alone, err := acquire(ctx, c.path(id, aliveSuffix), true)
	if err != nil {
		return err
	}
	defer alone.release()
	now, err := os.ReadFile(filepath.Join(c.path(id, repoSuffix), madeFile))
	if err == nil && string(now) != made {
		return nil
	}
	return os.RemoveAll(c.path(id, repoSuffix))
}

// maxPacks is when a repository is thrown away for having become slow: every
// fetch leaves a pack, and looking into many takes longer than to begin anew.
const maxPacks = 60

// held is a repository on disk.
type held struct {
	id    int64
	bytes int64
	packs int
	used  time.Time
}

// trim throws away what is too large, too slow or used longest ago, until the
// rest fits. One that is in use stays; its user trims again.
func (c *Cache) trim(justUsed int64) error {
	now := time.Now()
	if err := os.Chtimes(c.path(justUsed, repoSuffix), now, now); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	all, err := c.holds()
	if err != nil {
		return err
	}
	var total int64
	for _, h := range all {
		total += h.bytes
	}
	slices.SortFunc(all, func(a, b held) int { return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.id, b.id)) })
	for _, h := range all {
		if total <= c.max && h.packs <= maxPacks {
			continue
		}
		gone, err := c.evict(h.id)
		if err != nil {
			return err
		}
		if gone {
			total -= h.bytes
		}
	}
	return nil
}

func (c *Cache) evict(id int64) (bool, error) {
	alone, ok, err := tryLock(c.path(id, aliveSuffix), true)
	if !ok || err != nil {
		return false, err
	}
	defer alone.release()
	return true, os.RemoveAll(c.path(id, repoSuffix))
}

// holds lists the repositories with their sizes. Only those that were used
// since the last time are measured anew.
func (c *Cache) holds() ([]held, error) {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known := map[int64]held{}
	var all []held
	for _, e := range entries {
		name, isRepo := strings.CutSuffix(e.Name(), repoSuffix)
		id, err := strconv.ParseInt(name, 10, 64)
		if !isRepo || err != nil {
			continue
		}
		dir := filepath.Join(c.dir, e.Name())
		st, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) { // gone while we looked
			continue
		}
		if err != nil {
			return nil, err
		}
		h, ok := c.known[id]
		if !ok || !h.used.Equal(st.ModTime()) {
			if h, err = measure(dir); err != nil {
				return nil, err
			}
			h.id, h.used = id, st.ModTime()
		}
		known[id] = h
		all = append(all, h)
	}
	c.known = known
	return all, nil
}

// measure adds a repository's files up.
func measure(dir string) (h held, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var st fs.FileInfo
			if st, err = d.Info(); err == nil {
				h.bytes += st.Size()
			}
			if strings.HasSuffix(path, ".pack") {
				h.packs++
			}
		}
		if errors.Is(err, fs.ErrNotExist) { // gone while we looked
			return nil
		}
		return err
	})
	return h, err
}
