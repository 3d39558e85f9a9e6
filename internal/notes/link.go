package notes

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// Issue is what a note says that it is about.
type Issue struct {
	Repo   string // owner/name; "" of what is no issue of GitHub's
	Number string
	URL    string // as written; "" of a plain number
}

var (
	issueNumber = lazy.Regexp(`^[1-9][0-9]{0,8}$`)
	issueURL    = lazy.Regexp(`^https?://github\.com/([A-Za-z0-9_-]{1,100})/([A-Za-z0-9._-]{1,100})/(?:issues|pull)/([1-9][0-9]{0,8})(?:[/#?][^\s()]*)?$`)
	hashNumber  = lazy.Regexp(`^(?:#|issue[s ]*)([1-9][0-9]{0,8})$`)
	otherNumber = lazy.Regexp(`^([A-Za-z0-9_-]{1,100}/[A-Za-z0-9._-]{1,100})#([1-9][0-9]{0,8})$`)
)

func (r *fileReader) issues(v value) {
	items := v.list
	switch v.form {
	case nothing, list:
	case number, text:
		r.find(RuleIssue, v.line, v.line, "- "+v.text, "%s is %s; want a list, each below a dash", keyIssue, v.form)
		items = []value{v}
	default:
		r.find(RuleIssue, v.line, v.line, "", "%s is %s; want a list of numbers or links", keyIssue, v.form)
	}
	for _, e := range items {
		if e.form == nothing {
			continue // a dash without anything says nothing wrong
		}
		r.issue(e)
	}
}

func (r *fileReader) issue(e value) {
	word := strings.TrimSpace(e.text)
	switch {
	case e.form != number && e.form != text:
		r.find(RuleIssue, e.line, e.line, "", "an issue is %s; want a number or a link", e.form)
	case issueNumber().MatchString(word):
		r.file.Issues = append(r.file.Issues, Issue{Repo: r.schema.Home, Number: word})
	case issueURL().MatchString(word):
		m := issueURL().FindStringSubmatch(word)
		r.file.Issues = append(r.file.Issues, Issue{Repo: m[1] + "/" + m[2], Number: m[3], URL: word})
	default:
		fix := ""
		if m := hashNumber().FindStringSubmatch(strings.ToLower(word)); m != nil {
			fix = "- " + m[1]
		} else if m := otherNumber().FindStringSubmatch(word); m != nil {
			fix = fmt.Sprintf("- https://github.com/%s/issues/%s", m[1], m[2])
		}
		r.find(RuleIssue, e.line, e.line, fix, "%s is neither the number of an issue nor a link like https://github.com/%s/issues/123", quote(word), r.home())
		if strings.Contains(word, "github.com") && isLink(word) {
			r.file.Issues = append(r.file.Issues, Issue{Number: cut(word[strings.LastIndexByte(word, '/')+1:]), URL: word})
		}
	}
}

func (r *fileReader) home() string {
	if r.schema.Home == "" {
		return "OWNER/REPOSITORY"
	}
	return r.schema.Home
}

// doc is "[label] address".
var doc = lazy.Regexp(`^\[([^\[\]]+)\]\s*(\S+)$`)

func (r *fileReader) docs(v value) {
	items := v.list
	switch v.form {
	case nothing, list:
	case text:
		r.find(RuleDocs, v.line, v.line, "", "%s is a text; want a list, each below a dash", keyDocs)
		items = []value{v}
	default:
		r.find(RuleDocs, v.line, v.line, "", "%s is %s; want a list of entries like '[usage] https://...'", keyDocs, v.form)
	}
	for _, e := range items {
		if e.form == nothing {
			continue
		}
		word := strings.TrimSpace(e.text)
		m := doc().FindStringSubmatch(word)
		switch {
		case e.form == list:
			r.find(RuleDocs, e.line, e.line, "", "an entry of %s begins with a bracket, which YAML takes for a list; put it in quotes", keyDocs)
		case e.form != text:
			r.find(RuleDocs, e.line, e.line, "", "an entry of %s is %s; want a text like '[usage] https://...'", keyDocs, e.form)
		case isLink(word):
			r.find(RuleDocs, e.line, e.line, fmt.Sprintf("- '[usage] %s'", word), "a link without a label is left out of the notes")
		case m != nil && !balanced(m[2]):
			r.find(RuleDocs, e.line, e.line, "", "the address in %s has a parenthesis without its other, at which the link would end; write %%28 for ( and %%29 for )", quote(word))
		case m == nil || !isLink(m[2]):
			r.find(RuleDocs, e.line, e.line, "", "%s is not of the form '[label] https://...'", quote(word))
		default:
			r.file.Docs = append(r.file.Docs, e.text)
		}
	}
}

// isLink reports whether a word is an address that a browser opens, and that
// can't end the Markdown link it is put into.
func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(s, " \t\n<>\"\\") && balanced(s)
}

// balanced reports whether each parenthesis has its other, as a link's address
// needs them.
func balanced(s string) bool {
	depth := 0
	for _, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}
