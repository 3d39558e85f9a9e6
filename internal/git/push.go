package git

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// Reason is why a push was refused.
type Reason string

// The reasons.
const (
	Moved     Reason = "moved"     // the branch isn't where it was expected: somebody made it, pushed to it or deleted it
	Workflow  Reason = "workflow"  // it touches .github/workflows, and the App may not
	Protected Reason = "protected" // a rule of the repository forbids it
	Refused   Reason = "refused"   // anything else; Text says what
)

// Rejected is the server's or git's refusal to move a branch.
type Rejected struct {
	Branch release.Branch
	Reason Reason
	Text   string // in the server's words, on one line, without secrets; not fit for Markdown
}

// Error says the branch and the words of the refusal.
func (e *Rejected) Error() string {
	return fmt.Sprintf("push to %s refused (%s): %s", e.Branch, e.Reason, e.Text)
}

// Push makes a branch on GitHub point at a commit of a cache, if the branch is
// still at the expected commit; empty means that it must not exist. A branch
// that is at the commit already is fine, whatever was expected: so a push may
// be repeated after a crash. A refusal is a *Rejected.
//
// At first git is told that the cache is whole, else it would fetch files of
// the target only to send smaller differences from them. That fails when the
// target has moved since the fetch: git then doesn't know that the server has
// the pick's parent, and looks for all its files. So the second try asks the
// server what it has, and may fetch.
func (r *Repository) Push(ctx context.Context, commit string, to release.Branch, expected string) error {
	if r.access == nil {
		return fmt.Errorf("push to %s: this repository has no remote", to)
	}
	if _, err := release.ParseBranch(to.String()); err != nil {
		return fmt.Errorf("%q is not a branch name: %w", to, err)
	}
	if !isID(commit) || expected != "" && !isID(expected) {
		return fmt.Errorf("push %q, expecting %q: not commit ids", commit, expected)
	}
	return r.pushRef(ctx, commit, to.Ref(), to, "--force-with-lease="+to.Ref()+":"+expected)
}

// pushRef pushes a commit to a ref; to is what a refusal calls it.
func (r *Repository) pushRef(ctx context.Context, commit, ref string, to release.Branch, lease string) error {
	whole := *r.access
	whole.whole = true
	err := r.push(ctx, &whole, commit, ref, to, lease)
	var rejected *Rejected
	switch {
	case err == nil, ctx.Err() != nil, errors.Is(err, ErrDenied):
		return err
	case errors.As(err, &rejected):
		if rejected.Reason == Moved { // our own twin may have been quicker: then the branch is at the commit
			return r.push(ctx, &whole, commit, ref, to, lease)
		}
		return err
	}
	return r.push(ctx, r.access, commit, ref, to, lease)
}

func (r *Repository) push(ctx context.Context, access *Access, commit, ref string, to release.Branch, lease string) error {
	out, err := r.program.run(ctx, call{dir: r.dir, access: access, args: []string{"-c", fmt.Sprintf("push.negotiate=%t", !access.whole), "push",
		"--porcelain", "--no-verify", "--no-follow-tags", "--no-recurse-submodules", "--no-signed",
		lease, "--end-of-options", "origin", commit + ":" + ref}})
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 3 || !strings.HasSuffix(f[1], ":"+ref) {
			continue
		}
		if f[0] != "!" {
			return nil // new, moved, or there already
		}
		said := f[2]
		if e, ok := err.(*Error); ok {
			said += " " + e.Stderr
		}
		return &Rejected{Branch: to, Reason: reasonOf(said), Text: effect.Cut(strings.Join(strings.Fields(redact(said, r.access)), " "), 300)}
	}
	if err == nil {
		err = fmt.Errorf("git push answers %.200q", out)
	}
	return remoteError(err)
}

// reasons are known by these words, of git and of GitHub. The first that fits
// counts: GitHub's own explanation stands in the text beside git's.
var reasons = []struct {
	says   string
	reason Reason
}{
	{"to create or update workflow", Workflow},
	{"stale info", Moved},
	{"non-fast-forward", Moved},
	{"fetch first", Moved},
	{"already exists", Moved},
	{"reference already exists", Moved},
	{"cannot lock ref", Moved},
	{"failed to update ref", Moved},
	{"incorrect old value", Moved},
	{"remote ref updated since checkout", Moved},
	{"GH006", Protected},
	{"GH013", Protected},
	{"protected branch", Protected},
	{"repository rule violations", Protected},
}

func reasonOf(said string) Reason {
	for _, r := range reasons {
		if strings.Contains(said, r.says) {
			return r.reason
		}
	}
	return Refused
}
