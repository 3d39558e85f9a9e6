package provenance

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// Text is what people wrote about a change.
type Text struct {
	Title, Body string
	Messages    []string // of its commits
	HeadBranch  string
	Repo        string // "owner/name", which links are of; empty: links to any repository count
}

// Mention is what a text names as a source. It is worth looking at, no more.
type Mention struct {
	Number int    // of a pull request or an issue; 0: Commit is named
	Commit string // an id, not necessarily a full one
	By     Way    // ByTrailer or ByReference
	Pick   bool   // as what is picked: beside the word cherry-pick, or as git cherry-pick -x writes it
	Closes bool   // as what it closes, by one of GitHub's keywords in a body or a message
}

// Bounds: anybody may write a text.
const (
	maxMentions = 20
	maxText     = 256 << 10 // bytes of each text that are read
)

// Mentions are the pull requests, issues and commits that a text names as where
// the change may have come from, in order of trust and without doubles: first
// what git cherry-pick -x writes, then what stands beside the word cherry-pick,
// then the title's, the head branch's, the body's and the messages' references.
// In a body, HTML comments, quotes and code don't count.
func Mentions(t Text) []Mention {
	s := &scan{repo: t.Repo}
	texts := []string{cut(t.Title), Spoken(cut(t.Body))}
	for _, m := range t.Messages {
		texts = append(texts, htmlComment().ReplaceAllString(cut(m), " "))
	}
	for _, text := range texts {
		for _, m := range trailer().FindAllStringSubmatch(text, -1) {
			s.add(Mention{Commit: strings.ToLower(m[1]), By: ByTrailer, Pick: true})
		}
	}
	for _, text := range texts {
		s.numbers(pickPhrase(), text, true)
		for _, m := range pickedCommit().FindAllStringSubmatch(text, -1) {
			s.add(Mention{Commit: strings.ToLower(m[1]), By: ByReference, Pick: true})
		}
	}
	s.references(texts[0])
	s.numbers(branchPick(), cut(t.HeadBranch), true)
	for _, text := range texts[1:] {
		s.references(text)
	}
	s.numbers(branchNumber(), cut(t.HeadBranch), false)
	s.closing(texts[1:])
	return s.found
}

// Closing is a keyword by which a pull request or a commit closes an issue, with that. GitHub takes it
// in descriptions and messages, not in titles:
// https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
var Closing = lazy.Regexp(`(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+(?:https?://[^\s/]+/([\w.-]+/[\w.-]+)/issues/|([\w.-]+/[\w.-]+)?#)(\d{1,9})\b`)

// closing notes of what is named which of it the texts say that it is closed.
func (s *scan) closing(texts []string) {
	for _, text := range texts {
		for _, m := range Closing().FindAllStringSubmatch(text, -1) {
			if of := m[1] + m[2]; of != "" && !s.ours(of) {
				continue
			}
			if i := slices.IndexFunc(s.found, func(o Mention) bool { return o.Number == number(m[3]) }); i >= 0 {
				s.found[i].Closes = true
			}
		}
	}
}

var (
	trailer      = lazy.Regexp(`(?i)\(cherry[ -]picked from commit ([0-9a-f]{7,64})\)`)
	pickPhrase   = lazy.Regexp(`(?i)(?:cherry[ -]?pick(?:s|ed|ing)?|backport(?:s|ed|ing)?)\b(?:\s+(?:of|from|for|pr|pull request|issue|commit))*[\s:]+(?:pr\s+)?((?:#|gh-)?\d{1,9})\b`)
	pickedCommit = lazy.Regexp(`(?i)cherry[ -]?pick(?:s|ed|ing)?(?:\s+(?:of|from|commit))*[\s:]+([0-9a-f]{40})\b`)
	branchPick   = lazy.Regexp(`(?i)(?:cherry[-_]?pick|backport|pick|pr)[-_/#]*(?:of[-_])?(\d{1,9})(?:[^0-9a-zA-Z]|$)`)
	branchNumber = lazy.Regexp(`(?:^|[^0-9a-zA-Z.])(\d{4,9})(?:[^0-9a-zA-Z.]|$)`)

	hashNumber = lazy.Regexp(`(?:([\w.-]+/[\w.-]+)|(\w|&))?#(\d{1,9})\b`)
	ghNumber   = lazy.Regexp(`\bGH-(\d{1,9})\b`)
	link       = lazy.Regexp(`(?i)https?://[^\s/]+/([\w.-]+/[\w.-]+)/(?:pull|issues)/(\d{1,9})\b`)
	commitLink = lazy.Regexp(`(?i)https?://[^\s/]+/([\w.-]+/[\w.-]+)/commit/([0-9a-f]{7,64})\b`)
	plainWord  = lazy.Regexp(`(?i)\b(?:issue|pr|pull request)\s+(\d{2,9})\b`)
)

// scan collects mentions.
type scan struct {
	repo  string
	found []Mention
}

func (s *scan) add(m Mention) {
	double := slices.ContainsFunc(s.found, func(o Mention) bool { return o.Number == m.Number && o.Commit == m.Commit })
	if (m.Number > 0 || m.Commit != "") && !double && len(s.found) < maxMentions {
		s.found = append(s.found, m)
	}
}

// numbers adds what a pattern's group finds, unless it goes on like a version,
// "1.27".
func (s *scan) numbers(re *regexp.Regexp, text string, pick bool) {
	for _, m := range re.FindAllStringSubmatchIndex(text, -1) {
		if !versionLike(text, m[3]) {
			s.add(Mention{Number: number(strings.TrimLeft(text[m[2]:m[3]], "#GHgh-")), By: ByReference, Pick: pick})
		}
	}
}

func versionLike(text string, end int) bool {
	return end+1 < len(text) && text[end] == '.' && text[end+1] >= '0' && text[end+1] <= '9'
}

// references adds the references of a text in the order in which they stand.
func (s *scan) references(text string) {
	type at struct {
		pos int
		m   Mention
	}
	var all []at
	put := func(pos, end int, digits string) {
		if !versionLike(text, end) {
			all = append(all, at{pos, Mention{Number: number(digits), By: ByReference}})
		}
	}
	for _, m := range hashNumber().FindAllStringSubmatchIndex(text, -1) {
		switch {
		case m[4] >= 0: // abc#1, or an HTML entity
			continue
		case m[2] >= 0 && !s.ours(text[m[2]:m[3]]):
			continue
		}
		put(m[6], m[7], text[m[6]:m[7]])
	}
	for _, m := range ghNumber().FindAllStringSubmatchIndex(text, -1) {
		put(m[2], m[3], text[m[2]:m[3]])
	}
	for _, m := range plainWord().FindAllStringSubmatchIndex(text, -1) {
		put(m[2], m[3], text[m[2]:m[3]])
	}
	for _, m := range link().FindAllStringSubmatchIndex(text, -1) {
		if s.repo == "" || s.ours(text[m[2]:m[3]]) {
			put(m[4], m[5], text[m[4]:m[5]])
		}
	}
	for _, m := range commitLink().FindAllStringSubmatchIndex(text, -1) {
		if s.repo == "" || s.ours(text[m[2]:m[3]]) {
			all = append(all, at{m[4], Mention{Commit: strings.ToLower(text[m[4]:m[5]]), By: ByReference}})
		}
	}
	slices.SortStableFunc(all, func(a, b at) int { return a.pos - b.pos })
	for _, a := range all {
		s.add(a.m)
	}
}

// ours says whether "owner/name" is the change's own repository; one whose
// name isn't known owns no qualified reference.
func (s *scan) ours(repo string) bool { return strings.EqualFold(repo, s.repo) }

func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func cut(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\r\n", "\n")
}

var (
	htmlComment = lazy.Regexp(`(?s)<!--.*?(?:-->|$)`)
	fence       = lazy.Regexp("^ {0,3}(```+|~~~+)")
	codeSpan    = lazy.Regexp("(?s)``.+?``|`[^`\n]*`")
)

// Said is what a commit's message says beyond what was copied into it: what git
// cherry-pick -x wrote last, and all that follows. What stands before that is the message
// of the commit that was picked.
func Said(message string) string {
	if all := trailer().FindAllStringIndex(message, -1); len(all) > 0 {
		return message[all[len(all)-1][0]:]
	}
	return message
}

// Spoken is what a body says itself: without HTML comments, quotes and code.
func Spoken(body string) string {
	var b strings.Builder
	open := "" // the fence that a block of code began with
	for line := range strings.Lines(htmlComment().ReplaceAllString(body, " ")) {
		m := fence().FindStringSubmatch(line)
		switch {
		case open != "":
			if m != nil && strings.HasPrefix(m[1], open) && strings.TrimSpace(line) == m[1] {
				open = ""
			}
		case m != nil:
			open = m[1]
		case strings.HasPrefix(strings.TrimLeft(line, " "), ">"), strings.HasPrefix(line, "    "), strings.HasPrefix(line, "\t"):
		default:
			b.WriteString(line)
		}
	}
	return codeSpan().ReplaceAllString(b.String(), " ")
}
