package cherrypick

import (
	"context"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// maxOwn is how many files with markers are looked into. More of them count.
const maxOwn = 20

// leaveOwn leaves out the files whose markers are the source's own, as those of a fixture:
// each such line stands in the source's file as often. What can't be read counts.
func (h *Handler) leaveOwn(ctx context.Context, repo github.Repo, m github.Marked, head, source string) (github.Marked, error) {
	if source == "" { // an older record doesn't say
		return m, nil
	}
	own := map[string]bool{}
	for i, name := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(m.Sides, m.Middle)))) {
		if i == maxOwn {
			break
		}
		here, _, err := h.GitHub.FileAtCommit(ctx, repo, head, name, true)
		if err != nil {
			return m, err
		}
		there, _, err := h.GitHub.FileAtCommit(ctx, repo, source, name, true)
		if err != nil {
			return m, err
		}
		own[name] = here.Found && there.Found && !here.Unread() && !there.Unread() && holdsMarkers(there.Text, here.Text)
	}
	isOwn := func(name string) bool { return own[name] }
	m.Sides = slices.DeleteFunc(slices.Clone(m.Sides), isOwn)
	m.Middle = slices.DeleteFunc(slices.Clone(m.Middle), isOwn)
	return m, nil
}

// holdsMarkers reports whether a text has each marker of another one, as often.
func holdsMarkers(source, pick string) bool {
	have := markerLines(source)
	for line, n := range markerLines(pick) {
		if n > have[line] {
			return false
		}
	}
	return true
}

func markerLines(text string) map[string]int {
	lines := map[string]int{}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if side, middle := github.Marker(line); side || middle {
			lines[line]++
		}
	}
	return lines
}
