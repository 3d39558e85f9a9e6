package effect

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Inert makes what a person wrote safe to show again inside our Markdown, on
// one line: it can't mention anyone, can't be a command, can't open HTML or
// formatting, and is cut at limit runes.
func Inert(s string, limit int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	s = Cut(s, limit)
	var b strings.Builder
	for i, r := range s {
		switch {
		case unicode.Is(unicode.Cf, r): // bidirectional overrides, joiners
			continue
		case r == '@':
			b.WriteString("@\u200b") // a zero-width space: no mention
		case r == '/' && i == 0:
			b.WriteString("\u200b/") // never at the start of a line
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]|~#!", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Cut shortens a text to at most limit runes, with an ellipsis.
func Cut(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	if limit <= 0 {
		return ""
	}
	return string(runes[:limit-1]) + "…"
}

// Linked is a link with a text in Markdown, and the text alone where the address isn't for
// all who read it, and so is "".
func Linked(markdown, address string) string {
	if address == "" {
		return markdown
	}
	return "[" + markdown + "](" + address + ")"
}

// Code shows a text as a code span, whatever it contains; in a code span
// GitHub makes no mentions, references or formatting.
func Code(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	}), " ")
	longest, run := 0, 0
	for _, r := range s {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	if longest == 0 {
		return "`" + s + "`"
	}
	fence := strings.Repeat("`", longest+1)
	return fence + " " + s + " " + fence
}

// Codes lists texts as code spans.
func Codes(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = Code(n)
	}
	return strings.Join(quoted, ", ")
}

// Who names an account by its login, "" for none.
func Who(login string) string {
	if login == "" {
		return "nobody in particular"
	}
	return Code(login)
}

// Count is "1 step" or "3 steps".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Link returns an address that somebody else has given, if it is one that can stand
// in a link of ours, and "" if not.
func Link(url string) string {
	web := strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")
	if !web || strings.ContainsAny(url, " \t\r\n<>()[]\"`|\\") || len(url) > maxLink {
		return ""
	}
	return url
}

const maxLink = 500

// SharedHead says, in a check about one pull request, for which others with the same
// commit it speaks besides; "" when it is for one alone. same are the facts about all
// of them, and of tells whose each is.
func SharedHead[F any](about github.PullRequest, same []F, of func(F) github.PullRequest) string {
	var others []string
	for _, f := range same {
		if pr := of(f); pr.Number != about.Number {
			others = append(others, fmt.Sprintf("#%d against %s", pr.Number, Code(string(pr.Base))))
		}
	}
	if len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("\n\nThis is about #%d. Its commit is also the head of %s; a check belongs to a commit, so all of them show the same "+
		"one, and it is green only when each may merge. A branch of its own for each pull request keeps them apart.",
		about.Number, strings.Join(others, ", "))
}
