package notes

import (
	"fmt"
	"path"
	"strings"
)

// Markdown is an item as it stands in the notes. The form is that of the tool
// that Istio has used so far, to the byte, but for its known defects: a stray
// dash is not doubled, and another repository's issue keeps its name.
func (i Item) Markdown(home string) string {
	switch i.Section {
	case InUpgrade:
		return fmt.Sprintf("## %s\n%s", i.Title, i.Text)
	case InSecurity:
		return "- " + unbulleted(i.Text)
	}
	return strings.TrimSpace(fmt.Sprintf("- %s %s %s", unbulleted(i.Text), docLinks(i.Docs), issueLinks(i.Issues, home))) + "\n"
}

// docLinks keeps a space between the brackets, where the older tool has it: in
// Markdown it shows nowhere.
func docLinks(docs []string) string {
	var b strings.Builder
	for _, d := range docs {
		if label, address, ok := strings.Cut(strings.TrimPrefix(d, "["), "]"); ok {
			fmt.Fprintf(&b, "([%s](%s))", label, address)
		}
	}
	return b.String()
}

func issueLinks(issues []Issue, home string) string {
	links := make([]string, len(issues))
	for i, one := range issues {
		if links[i] = "(Issue " + one.name(home) + ")"; one.address() != "" {
			links[i] = fmt.Sprintf("([Issue %s](%s))", one.name(home), one.address())
		}
	}
	return strings.Join(links, ",")
}

// name is how people call an issue: #7 at home, ztunnel/7 of the same owner, and
// with the owner anywhere else.
func (i Issue) name(home string) string {
	owner, repo, _ := strings.Cut(i.Repo, "/")
	at, _, _ := strings.Cut(home, "/")
	switch {
	case i.Repo == "" || strings.EqualFold(i.Repo, home):
		return "#" + i.Number
	case strings.EqualFold(owner, at):
		return path.Join(repo, i.Number)
	}
	return path.Join(owner, repo, i.Number)
}

// address is where an issue is, "" of a number of nobody knows which repository.
func (i Issue) address() string {
	if i.URL != "" || i.Repo == "" {
		return i.URL
	}
	return fmt.Sprintf("https://github.com/%s/issues/%s", i.Repo, i.Number)
}
