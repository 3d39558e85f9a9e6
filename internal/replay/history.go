package replay

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/git"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// History is what a clone tells of a repository: all of it is real.
type History struct {
	Repo   string // OWNER/NAME, as GitHub calls it
	Source release.Branch
	Scheme release.Scheme
	Start  string // where the source branch was when the first of the release branches left it
	// Merged are the commits on the source branch's own line since the first of the
	// release branches left it, the oldest first.
	Merged   []git.Commit
	Branches []Line
	Tags     []git.Tag // of versions of these branches
	// Watched are commits of the source branch that are looked at like those of a
	// release branch: there builds are started, too.
	Watched map[string]bool
}

// Line is a release branch: where it left the source branch, and the commits on its own line since, the oldest first.
type Line struct {
	Branch  release.Branch
	From    string
	Commits []git.Commit
}

// Kind is what happens.
type Kind string

// The kinds of events.
const (
	Cut    Kind = "cut"    // a release branch is made
	Source Kind = "source" // a change is merged on the source branch
	Merge  Kind = "merge"  // a change is merged that a check looks at
	Tag    Kind = "tag"    // a version is tagged
	Start  Kind = "start"  // a tracking issue is opened, which is assumed
	Close  Kind = "close"  // and closed
)

// Event is something that really happened in a repository, when it did.
type Event struct {
	Kind   Kind
	Repo   string
	At     time.Time
	Branch release.Branch
	Commit string // that came to be, or is tagged, or at which the branch was cut
	Tag    string

	// Of a change.
	Parent  string
	Number  int // of its pull request by the message; 0 if that names none
	Title   string
	Message string // all of it, without that number
	Author  Person
}

// Person is who made a commit, by the commit alone.
type Person struct{ Login, Name, Address string }

// Events are what happened in repositories, and what is planned, in the order of time. Within a branch it is the branch's own
// order: a clock that was wrong doesn't change it.
func Events(plans []Event, histories ...History) []Event {
	all := slices.Clone(plans)
	for _, h := range histories {
		taken := map[int]bool{}
		all = append(all, line(h, Source, h.Source, h.Merged, taken)...)
		for _, l := range h.Branches {
			events := line(h, Merge, l.Branch, l.Commits, taken)
			if len(events) == 0 {
				continue // nobody knows when it was cut
			}
			cut := Event{Kind: Cut, Repo: h.Repo, Branch: l.Branch, Commit: l.From, At: events[0].At.Add(-time.Minute)}
			all = append(append(all, cut), events...)
		}
		for _, t := range h.Tags {
			all = append(all, Event{Kind: Tag, Repo: h.Repo, At: t.Made, Commit: t.Commit, Tag: t.Name})
		}
	}
	slices.SortStableFunc(all, func(a, b Event) int { return a.At.Compare(b.At) })
	return all
}

// line are the events of one branch. A number that was taken names another pull request.
func line(h History, kind Kind, branch release.Branch, commits []git.Commit, taken map[int]bool) (events []Event) {
	var last time.Time
	for _, c := range commits {
		e := Event{Kind: kind, Repo: h.Repo, Branch: branch, Commit: c.ID, At: c.Committed(), Author: author(c)}
		if h.Watched[c.ID] {
			e.Kind = Merge
		}
		if len(c.Parents) > 0 {
			e.Parent = c.Parents[0]
		}
		if e.At.Before(last) {
			e.At = last
		}
		last = e.At
		e.Title, e.Message, e.Number = proposed(c)
		if taken[e.Number] {
			e.Number = 0
		}
		taken[e.Number] = e.Number != 0
		events = append(events, e)
	}
	return events
}

var (
	squashed = lazy.Regexp(`^(.*?)\s*\(#([1-9][0-9]{0,8})\)\s*$`)
	merged   = lazy.Regexp(`^Merge pull request #([1-9][0-9]{0,8}) from `)
)

// Proposed is the title and the number of the pull request that a commit came by; 0 if its message names none.
func Proposed(c git.Commit) (title string, number int) {
	title, _, number = proposed(c)
	return title, number
}

// proposed is the pull request that a commit came by, as its message has it: of a squash the first line ends in its number. Of a
// merge the title is the message's second paragraph.
func proposed(c git.Commit) (title, message string, number int) {
	message = strings.ToValidUTF8(strings.TrimLeft(c.Message, "\n"), "?")
	first, rest, _ := strings.Cut(message, "\n")
	if m := squashed().FindStringSubmatch(first); m != nil {
		number, _ = strconv.Atoi(m[2])
		return cmp.Or(m[1], first), m[1] + "\n" + rest, number
	}
	title = strings.TrimSpace(first)
	if m := merged().FindStringSubmatch(first); m != nil {
		number, _ = strconv.Atoi(m[1])
		second, _, _ := strings.Cut(strings.TrimSpace(rest), "\n")
		title = cmp.Or(second, title)
	}
	return title, message, number
}

// author is who a commit says made it. A private address of GitHub's has the login; else the address is made one.
func author(c git.Commit) Person {
	name, rest, _ := strings.Cut(c.Author, "<")
	address, _, _ := strings.Cut(rest, ">")
	p := Person{Name: strings.ToValidUTF8(strings.TrimSpace(name), "?"), Address: address}
	local, domain, _ := strings.Cut(address, "@")
	if domain == "users.noreply.github.com" {
		if _, after, found := strings.Cut(local, "+"); found {
			local = after
		}
		p.Login = local
	}
	if p.Login == "" || strings.ContainsAny(p.Login, "/ \n") {
		p.Login = strings.Trim(notLogin().ReplaceAllString(strings.ToLower(local), "-"), "-")
	}
	p.Login = cmp.Or(p.Login, "somebody")
	return p
}

var notLogin = lazy.Regexp(`[^a-z0-9]+`)
