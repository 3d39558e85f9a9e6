package webhook

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// machineryEvents are wanted whatever capabilities there are: comments for
// commands, the rest for what they make stale.
var machineryEvents = []string{
	"installation", "installation_repositories", "issue_comment", "issues", "pull_request", "pull_request_review", "push", "repository",
}

// intake is everything that a delivery leads to. The error is of capabilities that
// could make nothing of it; it leads to the rest all the same.
func intake(d *delivery, registry *reconcile.Registry, appID int64, now time.Time) (reconcile.Delivery, error) {
	keys, err := registry.Keys(d.Event)
	facts, staleErr := registry.Stale(d.Event)
	forget, forgetErr := registry.Forget(d.Event)
	in := reconcile.Delivery{
		GUID:     d.Delivery,
		Kind:     d.Kind,
		Repo:     d.Repo,
		Received: now,
		Keys:     storable(d, distinct(slices.Concat(keys, resyncs(*d)))),
		Commands: asks(*d, registry.Commands(), appID),
		Snapshot: snapshot(d.Event),
		Facts:    storable(d, distinct(facts)),
		Forget:   distinct(slices.Concat(forget, moves(*d))),
	}
	if d.Action != "" {
		in.Kind += "." + d.Action
	}
	return in, errors.Join(err, staleErr, forgetErr)
}

// empty reports that there is nothing to store: most deliveries.
func empty(in reconcile.Delivery) bool {
	return len(in.Keys) == 0 && len(in.Commands) == 0 && in.Snapshot == nil && len(in.Forget) == 0 && len(in.Facts) == 0
}

// storable passes over what no database takes, a name with a NUL in it for one. Refused
// whole, the delivery would come again for three days.
func storable[K comparable](d *delivery, names []K) []K {
	return slices.DeleteFunc(names, func(k K) bool {
		s := fmt.Sprint(k)
		odd := strings.ContainsRune(s, 0) || !utf8.ValidString(s)
		if odd {
			d.odd.add("name")
		}
		return odd
	})
}

func distinct[K comparable](keys []K) []K {
	seen := map[K]bool{}
	return slices.DeleteFunc(keys, func(k K) bool {
		again := seen[k]
		seen[k] = true
		return again
	})
}

// asks takes a new text that may hold commands; whether it does is read when it is
// worked, where its tries are counted. Edits are never read: what was signed is
// what was said first. Bots are never obeyed, ourselves first, and neither is
// an account that is gone: nobody could say which role it had.
func asks(d delivery, commands []command.Command, appID int64) []reconcile.PendingCommand {
	s := d.said
	if s == nil || s.id == 0 || d.RepoID == 0 || s.author.Bot || s.author.ID == 0 || (appID != 0 && d.viaApp == appID) {
		return nil
	}
	if !command.Addressed(s.body, commands) {
		return nil
	}
	return []reconcile.PendingCommand{{Text: s.body, Call: command.Call{
		Repo: d.Repo, RepoID: d.RepoID, Number: s.number, OnPR: s.onPR,
		Source: s.source, ID: s.id, URL: s.url, Author: s.author, At: s.at, Head: s.head,
	}}}
}

// resyncs are the keys for what no capability can name by itself: repositories
// that came into reach, and those that an organisation's policy governs.
func resyncs(d delivery) []reconcile.Key {
	var keys []reconcile.Key
	arrived := slices.Contains([]string{"created", "added", "unsuspend", "new_permissions_accepted"}, d.Action)
	if arrived && (d.Kind == "installation" || d.Kind == "installation_repositories") {
		for _, owner := range d.owners {
			keys = append(keys, reconcile.ResyncKey(github.Repo{Owner: owner, Name: reconcile.Any}))
		}
	}
	// A new default branch has a policy of its own; a new name or owner brings one.
	moved := d.NewDefault || d.Kind == "repository" && slices.Contains([]string{"renamed", "transferred", "unarchived"}, d.Action)
	seen := d.Kind == "repository" && slices.Contains([]string{"privatized", "publicized"}, d.Action)
	switch {
	case d.Repo == (github.Repo{}):
	case seen: // what of it stands elsewhere may no longer, or may now
		keys = append(keys, reconcile.ResyncKey(github.Repo{Owner: d.Repo.Owner, Name: reconcile.Any}))
	case d.Repo.Name == github.PolicyRepo && (moved || d.Push != nil && d.Push.TouchesPolicy):
		keys = append(keys, reconcile.ResyncKey(github.Repo{Owner: d.Repo.Owner, Name: reconcile.Any}))
	case moved:
		keys = append(keys, reconcile.ResyncKey(d.Repo))
	}
	return keys
}

// snapshot is what the payload shows of a pull request; nil if it is about none. Where it
// lacks what others go by, or has it in an odd form, it says nothing but whose event it is,
// so that the pull request is read anew.
func snapshot(e github.Event) *github.PullSnapshot {
	if e.Kind != "pull_request" || e.PullRequest == nil || e.Repo == (github.Repo{}) {
		return nil
	}
	s := &github.PullSnapshot{Repo: e.Repo, PullRequest: *e.PullRequest}
	if pr := s.PullRequest; pr.State != github.Open && pr.State != github.Closed || pr.Base == "" || pr.Head == "" || pr.UpdatedAt.IsZero() {
		s.PullRequest = github.PullRequest{RepoID: pr.RepoID, Number: pr.Number}
		return s
	}
	if e.Action == "opened" || e.Action == "synchronize" { // it tells of a push
		s.HeadSince, s.HeadBy = e.PullRequest.UpdatedAt, e.Sender.ID
		s.Moves = moveOf(e)
	}
	return s
}

// moveOf is the move of a head that a payload tells of; none where it lacks whose it is.
func moveOf(e github.Event) []github.HeadMove {
	if e.Sender.ID == 0 || e.PullRequest.Head == "" {
		return nil
	}
	m := github.HeadMove{Before: e.Before, After: e.PullRequest.Head, By: e.Sender}
	if e.Action == "synchronize" { // which is no beginning, whatever else it lacks
		m.Before = cmp.Or(m.Before, "unknown")
	}
	return []github.HeadMove{m}
}

// moves lists the prefixes of cache keys that no longer hold once installations, or the
// names and owners of repositories, have changed. What else an event makes stale is told by
// the facts.
func moves(d delivery) []string {
	var prefixes []string
	for _, owner := range d.owners {
		all := github.Repo{Owner: owner}
		prefixes = append(prefixes, github.PolicyCacheKey(all), github.InstallationCacheKey(all),
			github.OwnIssuesCacheKey(all), github.RepoCacheKey(all))
	}
	if d.Kind == "repository" && len(d.owners) > 0 && d.Repo != (github.Repo{}) {
		prefixes = append(prefixes, github.CheckCacheKey(d.Repo, "", "")) // it may be another one of that name
	}
	slices.Sort(prefixes)
	return slices.Compact(prefixes)
}

// namesake is the name of a check of ours under which another App has just reported; "" for
// none. A required check that isn't bound to our App takes that one's word.
func namesake(d delivery, appID int64) string {
	if d.Kind != "check_run" || d.Action != "created" && d.Action != "completed" || d.byApp == 0 || appID == 0 || d.byApp == appID ||
		!strings.HasPrefix(d.CheckName, github.OwnChecks) {
		return ""
	}
	return d.CheckName
}

// mayBeOurs reports an issue, or a comment, that our App wrote, or that a bot wrote while
// it isn't known who we are.
func mayBeOurs(e github.Event, self int64) bool {
	var by github.User
	switch {
	case e.Comment != nil:
		by = e.Comment.Author
	case e.Issue != nil:
		by = e.Issue.Author
	}
	return by.Bot && (self == 0 || by.ID == self)
}
