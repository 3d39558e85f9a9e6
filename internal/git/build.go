package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Authoring is who makes the commits of a pick. The authors stay those of the
// sources.
type Authoring struct {
	Name, Email string // the committer
	// When is the committer's date. Zero means each source's own, so that a
	// pick that is made again, after a crash, has the same ids.
	When time.Time
	// SignOff is the NAME <EMAIL> of a Signed-off-by line; empty for none.
	SignOff string
	// Note is a paragraph above the trailers, for a commit with conflict markers.
	Note string
	// Own, if it isn't empty, makes the committer the author, too, and the source's
	// author a co-author: GitHub signs nothing that names another author. It is the
	// branch that the pick is for.
	Own string
	// Sign signs a commit, given as it is without its signature; nil for none.
	Sign func(commit []byte) string
}

// Build stores the commits that a pick becomes, one for each step that changed
// something, each a child of the one before, the first of the target. The last
// one is what to push; none if the pick is empty. The same pick and authoring
// give the same ids, on every machine and at every time.
func (r *Repository) Build(ctx context.Context, p Pick, by Authoring) ([]string, error) {
	if p.Outcome == Empty || p.Outcome == Nothing {
		return nil, nil
	}
	name, email := plain(by.Name), plain(by.Email)
	if name == "" || email == "" {
		return nil, errors.New("a commit needs a committer's name and email")
	}
	var ids []string
	parent := p.Onto
	for i, s := range p.Steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if s.Empty {
			continue
		}
		when, note := by.When, ""
		if when.IsZero() {
			when = s.Source.Committed()
		}
		if p.Outcome == Clash && i == len(p.Steps)-1 {
			note = by.Note
		}
		c := Commit{
			Tree: s.Tree, Parents: []string{parent}, Author: s.Source.Author, Encoding: s.Source.Encoding,
			Committer: fmt.Sprintf("%s <%s> %d %s", name, email, max(0, when.Unix()), when.Format("-0700")),
			Message:   messageOf(s.Source.Message, s.Source.ID, note, plainSignOff(by.SignOff)),
		}
		if by.Own != "" {
			c = by.own(c, s.Source, note)
		}
		if by.Sign != nil {
			c.Signature = by.Sign(c.encode())
		}
		id, err := r.format.put(r.write, "commit", c.encode())
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
		parent = id
	}
	return ids, nil
}

// plain keeps what git allows in a name or an address: one line, no brackets.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == '<' || r == '>' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	return strings.Trim(s, " .,:;\"'\\")
}

// plainSignOff keeps a sign-off on its line.
func plainSignOff(s string) string {
	name, email, ok := strings.Cut(s, "<")
	if !ok || plain(name) == "" {
		return ""
	}
	return plain(name) + " <" + plain(email) + ">"
}
