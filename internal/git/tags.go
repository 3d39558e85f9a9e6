package git

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/release"
)

// Tag is a tag that leads to a commit.
type Tag struct {
	Name, Commit string
	Made         time.Time // of one without a message, when its commit was made
}

// Tags lists the tags of somebody's repository that lead to commits, in the order of their names.
func (r *Repository) Tags(ctx context.Context) ([]Tag, error) {
	out, err := r.program.run(ctx, call{dir: r.dir, args: []string{"for-each-ref",
		"--format=%(objecttype) %(*objecttype) %(objectname) %(*objectname) %(creatordate:unix) %(refname:lstrip=2)", "refs/tags"}})
	if err != nil {
		return nil, err
	}
	var tags []Tag
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line) // those of a tag without a message are fewer
		switch {
		case len(f) == 6 && f[0] == "tag" && f[1] == "commit":
			f = f[3:]
		case len(f) == 4 && f[0] == "commit":
			f = f[1:]
		default:
			continue
		}
		seconds, err := strconv.ParseInt(f[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the time of the tag %s: %w", f[2], err)
		}
		tags = append(tags, Tag{Name: f[2], Commit: f[0], Made: time.Unix(seconds, 0).UTC()})
	}
	return tags, nil
}

// Branches lists the branches of somebody's repository, its own and those that its remote "origin" has, in the order of their names.
func (r *Repository) Branches(ctx context.Context) (all []release.Branch, err error) {
	out, err := r.program.run(ctx, call{dir: r.dir, args: []string{"for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes/origin"}})
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(out)) {
		name := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "refs/heads/"), "refs/remotes/origin/")
		if b, err := release.ParseBranch(name); err == nil && name != "HEAD" && !slices.Contains(all, b) {
			all = append(all, b)
		}
	}
	return all, nil
}
