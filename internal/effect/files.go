package effect

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Files has a branch hold files with the given content, by one commit on top of
// what the branch holds; the rest of it stays as it is. It is for branches that
// a pull request is opened from: never for Base, which people merge into.
//
// A branch whose head holds all of it already is left alone, wherever that head
// came from. Else the new commit goes onto From and nowhere else: a branch that
// isn't there begins at From, and one that is by now at another commit is an
// error, because somebody has pushed and the decision has to be made again.
type Files struct {
	Repo         github.Repo
	RepoID       int64
	Branch, Base release.Branch
	// From is where the branch is, as the decision saw it, or the commit of Base
	// that a new one begins at.
	From string
	// Files is from paths, with slashes, to whole contents in UTF-8. A file that
	// is there keeps its mode; a new one is a plain file.
	Files   map[string]string
	Message string // of the commit
}

// The most that one Files may write.
const (
	MaxFiles     = 100
	MaxFileBytes = 4 << 20 // all contents together
)

// Paths are the files' paths in order.
func (e Files) Paths() []string {
	var all []string
	for p := range e.Files {
		all = append(all, p)
	}
	slices.Sort(all)
	return all
}

// Check names what can't be written: no file or too many, a path that git
// wouldn't take or that isn't below the root, a branch that is its own base.
func (e Files) Check() error {
	size := 0
	for p, content := range e.Files {
		if size += len(content); !plainPath(p) {
			return fmt.Errorf("%q is not a path of a file in a repository", p)
		}
		if !utf8.ValidString(content) {
			return fmt.Errorf("%q is not UTF-8 text", p)
		}
	}
	switch {
	case e.Branch == "" || e.Branch == e.Base:
		return fmt.Errorf("files go on a branch of their own, not on %q, which is to be merged into", e.Branch)
	case e.From == "":
		return fmt.Errorf("it isn't said which commit the files go onto")
	case len(e.Files) == 0 || len(e.Files) > MaxFiles:
		return fmt.Errorf("%d files can't be written at once, from 1 to %d can", len(e.Files), MaxFiles)
	case size > MaxFileBytes:
		return fmt.Errorf("the files have %d bytes, and %d is the most that is written at once", size, MaxFileBytes)
	}
	return nil
}

func plainPath(p string) bool {
	if p == "" || strings.HasPrefix(p, "/") || path.Clean(p) != p || strings.ContainsAny(p, "\x00\\") {
		return false
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == "." || part == ".." || strings.EqualFold(part, ".git") {
			return false
		}
	}
	return true
}

// Key implements Effect.
func (e Files) Key() string { return fmt.Sprintf("files %s %s", e.Repo, e.Branch) }

// String implements Effect.
func (e Files) String() string {
	return fmt.Sprintf("write %s to %s of %s, onto %s", strings.Join(e.Paths(), ", "), e.Branch, e.Repo, Short(e.From))
}

func (Files) sealed() {}
