package provenance

import (
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// Undoing is what the texts of a change say that it takes back.
type Undoing struct {
	Commits []string // ids, not necessarily full ones
	Numbers []int    // of pull requests
	Title   string   // as Title has it; "" if none is said
}

// Any reports whether anything is said to be taken back.
func (u Undoing) Any() bool { return u.named() || u.Title != "" }

// named reports whether that is told by more than its title.
func (u Undoing) named() bool { return len(u.Commits)+len(u.Numbers) > 0 }

var (
	revertsCommit = lazy.Regexp(`(?i)\bthis reverts commit ([0-9a-f]{7,64})\b`)
	revertsNumber = lazy.Regexp(`(?im)^\W*reverts\s+(?:([\w.-]+/[\w.-]+)?#|https?://[^\s/]+/([\w.-]+/[\w.-]+)/pull/)(\d{1,9})\b`)
	revertTitle   = lazy.Regexp(`^(?i:(revert|reapply)) "(.*)"$`)
)

// Undoes reads what a change takes back, as git and GitHub write it: This reverts commit
// SHA, Reverts #N, Revert "title". To reapply is to take a revert back. In a body, HTML
// comments, quotes and code don't count.
func Undoes(t Text) (u Undoing) {
	texts := []string{Spoken(cut(t.Body))}
	for _, m := range t.Messages {
		texts = append(texts, cut(m))
	}
	for _, text := range texts {
		for _, m := range revertsCommit().FindAllStringSubmatch(text, maxMentions) {
			if id := strings.ToLower(m[1]); !slices.Contains(u.Commits, id) {
				u.Commits = append(u.Commits, id)
			}
		}
		for _, m := range revertsNumber().FindAllStringSubmatch(text, maxMentions) {
			if in := m[1] + m[2]; in != "" && t.Repo != "" && !strings.EqualFold(in, t.Repo) {
				continue // of another repository
			}
			u.number(number(m[3]))
		}
	}
	m := revertTitle().FindStringSubmatch(bare(t.Title))
	if m == nil {
		return u
	}
	inner, own := Squash(m[2])
	if u.Title = Title(inner.Title); strings.EqualFold(m[1], "reapply") {
		u.Title = Title(`Revert "` + bare(inner.Title) + `"`) // which had another number than what it took back
	} else if !u.named() {
		u.number(own)
	}
	return u
}

func (u *Undoing) number(n int) {
	if n > 0 && !slices.Contains(u.Numbers, n) {
		u.Numbers = append(u.Numbers, n)
	}
}

// bare is a title without the branch and the numbers around it, in its own letters.
func bare(title string) string {
	s := strings.Join(strings.Fields(strings.ToValidUTF8(title, "?")), " ")
	if len(s) > maxTitle {
		return ""
	}
	for before := ""; s != before; {
		before = s
		s = titleSuffixes().ReplaceAllString(titlePrefixes().ReplaceAllString(s, ""), "")
	}
	return s
}
