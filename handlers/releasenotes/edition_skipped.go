package releasenotes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// skipped are the earlier versions of the same minor release that somebody may miss.
type skipped struct {
	Untagged []string // after where the notes begin, and never tagged
	Within   []string // after it, and tagged
	Unnoted  []string // before it, since the last that has notes on the base
}

// maxSkipped bounds how many versions are looked at, and named, of each kind.
const maxSkipped = 10

// between parts the versions from where the notes begin to the one that they are of into those
// that have a tag and those that haven't. The newest come first.
func between(tags []string, from, of release.Version) (tagged, untagged []string) {
	have := map[release.Version]bool{}
	for _, t := range tags {
		if v, ok := of.Scheme.OfTag(t); ok {
			have[v] = true
		}
	}
	for v := before(of); v.Patch >= 0 && v.Compare(from) > 0 && len(tagged)+len(untagged) < maxSkipped; v.Patch-- {
		if have[v] {
			tagged = append(tagged, v.String())
		} else {
			untagged = append(untagged, v.String())
		}
	}
	return tagged, untagged
}

// before is the patch before one.
func before(of release.Version) release.Version {
	of.Patch--
	return of
}

// observeSkipped finds them for the notes of a patch release.
func (h *Handler) observeSkipped(ctx context.Context, e *edition) error {
	from, err := e.Settings.Scheme.Named(e.From)
	if err != nil || e.v.Stage != release.Final || from.Stage != release.Final || e.v.Patch == 0 || !from.SameLine(e.v) {
		return nil
	}
	tags, err := h.GitHub.Tags(ctx, e.Repo, e.Settings.Scheme.AllTags())
	if err != nil {
		return err
	}
	e.Skipped.Within, e.Skipped.Untagged = between(tags, from, e.v)
	after, _ := between(tags, from.First(), release.NextOf(from)[0])
	if len(after) == 0 || !strings.Contains(e.Settings.Release.Path, "{version}") {
		return nil // one folder for all says nothing
	}
	at, _, err := h.GitHub.Revision(ctx, e.Target, e.BaseHead)
	if err != nil {
		return err
	}
	for _, name := range after { // the newest first; a minor release's own notes are of another kind
		v, _ := e.Settings.Scheme.Named(name)
		files, err := h.GitHub.FilesBelow(ctx, e.Target, at.Tree, v.Fill(e.Settings.Release.Path))
		if err != nil || len(files) > 0 {
			return err
		}
		e.Skipped.Unnoted = append(e.Skipped.Unnoted, name)
	}
	return nil
}

// skippedText names them, the oldest first.
func skippedText(e edition) string {
	var b strings.Builder
	line := func(list []string, format string, args ...any) {
		if len(list) > 0 {
			list = slices.Clone(list)
			slices.Reverse(list)
			fmt.Fprintf(&b, "- %s: "+format+"\n", append([]any{effect.Codes(list)}, args...)...)
		}
	}
	line(e.Skipped.Untagged, "never tagged, so what changed for them is in these notes")
	line(e.Skipped.Within, "tagged after %s, so their notes are in these, too", effect.Code(e.From))
	if n := len(e.Skipped.Unnoted); n > 0 {
		line(e.Skipped.Unnoted, "tagged, and %s has no notes of them. They are not in these. **Next step:** comment %s", effect.Code(string(e.Base)),
			effect.Code("/release notes "+e.Skipped.Unnoted[n-1]))
	}
	if b.Len() == 0 {
		return ""
	}
	return "**Versions that are skipped:**\n\n" + b.String() + "\n"
}
