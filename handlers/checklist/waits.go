package checklist

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
)

// maxWaits is of how many pull requests of a repository it is told what each waits
// for: those that were active last.
const maxWaits = 10

// wait is what a pull request waits for.
type wait struct {
	Number int
	For    []string // Markdown phrases; empty when nothing is known that holds it
	// Unknown says that nobody has looked at its head yet, so it may wait for
	// anything.
	Unknown bool
}

// observeWaits finds what pull requests wait for, by what is remembered: a look
// at each of them would cost a request for each.
func (h *Handler) observeWaits(l *facts.Look, c *count) error {
	for _, pr := range c.Open[:min(len(c.Open), maxWaits)] {
		seen, err := h.From.GitHub.Remembered(l.Context(), c.Repo, pr, h.Checks)
		if err != nil {
			return err
		}
		c.Waits = append(c.Waits, waitOf(pr, seen))
	}
	slices.SortFunc(c.Waits, func(a, b wait) int { return a.Number - b.Number })
	return nil
}

// waitOf is what a pull request waits for, the author's part first.
func waitOf(pr github.PullRequest, seen github.Remembered) wait {
	w := wait{Number: pr.Number, Unknown: len(seen.Runs) == 0}
	if pr.Draft {
		w.For = append(w.For, "draft")
	}
	for _, l := range pr.Labels {
		if strings.HasPrefix(l, "do-not-merge") || l == "needs-rebase" {
			w.For = append(w.For, effect.Code(l))
		}
	}
	if seen.Conflicts {
		w.For = append(w.For, "conflicts with the branch")
	}
	if seen.ReviewsKnown {
		w.For = append(w.For, reviewWaits(pr, seen.Reviews)...)
	}
	for _, run := range seen.Runs {
		if run.Holds {
			w.For = append(w.For, fmt.Sprintf("%s: %s", effect.Code(run.Name), effect.Inert(run.Title, maxTitle)))
		}
	}
	return w
}

// reviewWaits is what reviews leave open: changes that somebody asked for, or that
// nobody has approved. Whether one has to approve who hasn't, the gates know.
func reviewWaits(pr github.PullRequest, reviews []github.Review) []string {
	var asked []string
	approved := false
	for _, r := range github.LatestReviews(reviews) {
		switch {
		case r.Author.ID == pr.Author.ID:
		case r.State == github.ChangesRequested:
			asked = append(asked, effect.Code(r.Author.Login))
		case r.State == github.Approved:
			approved = true
		}
	}
	switch {
	case len(asked) > 0:
		return []string{"changes requested by " + strings.Join(asked, ", ")}
	case !approved:
		return []string{"no approval yet"}
	}
	return nil
}

// What stands before those of which there is no more to tell.
const (
	waitFree    = "- nothing that Slipway knows of: "
	waitUnknown = "- unknown, since no check of Slipway's on their newest commit is known: "
)

// line tells what a pull request waits for, if that is known.
func (w wait) line(name string) string {
	line := "- " + name + ": " + strings.Join(w.For, "; ")
	if w.Unknown {
		line += "; no check of Slipway's on its newest commit is known"
	}
	return line
}

// shownIn reports whether a tracking issue shows just that of a pull request.
func (w wait) shownIn(t Tracker, name string) bool {
	among := waitFree
	if w.Unknown {
		among = waitUnknown
	}
	for line := range strings.Lines(effect.ReadShared(t.Issue.Body).Blocks[blockStatus]) {
		line = strings.TrimSpace(line)
		list, is := strings.CutPrefix(line, among)
		if len(w.For) > 0 && line == w.line(name) || len(w.For) == 0 && is && slices.Contains(strings.Split(list, ", "), name) {
			return true
		}
	}
	return false
}

// waitsText tells what the open pull requests wait for; "" when there are none.
func waitsText(all []count) string {
	var b strings.Builder
	var free, unknown []string
	more := 0
	for _, c := range all {
		if c.Unknown {
			continue
		}
		more += len(c.Open) - len(c.Waits)
		for _, w := range c.Waits {
			name := fmt.Sprintf("%s#%d", c.Repo, w.Number)
			switch {
			case len(w.For) > 0:
				b.WriteString(w.line(name) + "\n")
			case w.Unknown:
				unknown = append(unknown, name)
			default:
				free = append(free, name)
			}
		}
	}
	if len(free) > 0 {
		b.WriteString(waitFree + strings.Join(free, ", ") + "\n")
	}
	if len(unknown) > 0 {
		b.WriteString(waitUnknown + strings.Join(unknown, ", ") + "\n")
	}
	if more > 0 {
		fmt.Fprintf(&b, "- and %d more\n", more)
	}
	if b.Len() == 0 {
		return ""
	}
	return "\n**What the open pull requests wait for**, by Slipway's own checks, reviews and labels; other checks aren't looked at:\n\n" + b.String()
}
