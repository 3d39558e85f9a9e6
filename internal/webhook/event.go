package webhook

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/command"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// delivery is an event with what only the machinery wants of its payload.
type delivery struct {
	github.Event
	viaApp int64    // the App through which a comment was written
	byApp  int64    // the App that made a check run
	said   *said    // the new text that may hold commands
	owners []string // accounts whose installation or repositories changed
	odd    oddities
}

// said is a text that somebody has just written.
type said struct {
	source command.Source
	id     int64
	body   string
	author github.User
	url    string
	at     time.Time
	number int
	onPR   bool
	head   string // commit of the pull request that its author looked at; "" where GitHub doesn't say
}

// parse reads a payload as the event it tells of. It is pure. Fields that are
// missing or null stay zero, and so do those that are odd, which it names. An event
// whose repository can't be named tells of nothing. An error means that the payload is
// no event at all.
func parse(kind, guid string, payload []byte) (delivery, error) {
	fail := func(err error) (delivery, error) {
		return delivery{}, fmt.Errorf("%s payload: %w", kind, err)
	}
	var env wireEnvelope
	d := delivery{Event: github.Event{Delivery: guid, Kind: kind}}
	err := d.odd.decode(payload, &env)
	if err != nil {
		return fail(err)
	}
	d.Action, d.Repo, d.Sender = env.Action, env.Repository.repo(&d.odd), env.Sender.user(&d.odd)
	if env.Repository != nil && d.Repo == (github.Repo{}) {
		return d, nil
	}
	if env.Repository != nil {
		d.RepoID, d.Default = env.Repository.ID, release.Branch(env.Repository.DefaultBranch)
	}
	if env.Installation != nil {
		d.Installation = env.Installation.ID
	}
	switch kind {
	case "pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_review_thread":
		err = d.readPullRequest(payload)
	case "issues", "issue_comment":
		err = d.readIssue(payload)
	case "push":
		err = d.readPush(payload, env.Repository)
	case "check_run", "check_suite", "status":
		err = d.readCommit(payload)
	case "label", "milestone":
		err = d.readRename(payload)
	case "merge_group":
		err = d.readMergeGroup(payload)
	case "installation", "installation_repositories":
		if env.Installation != nil && env.Installation.Account != nil {
			d.owners = append(d.owners, env.Installation.Account.user(&d.odd).Login)
		}
	case "repository":
		err = d.readRepository(payload)
	}
	if err != nil {
		return fail(err)
	}
	return d, nil
}

func (d *delivery) readPullRequest(payload []byte) error {
	var wire struct {
		PullRequest *wirePullRequest `json:"pull_request"`
		Review      *wireReview      `json:"review"`
		Label       *wireLabel       `json:"label"`
		Before      string           `json:"before"`
		Changes     *struct {
			Base *struct {
				Ref *struct {
					From string `json:"from"`
				} `json:"ref"`
			} `json:"base"`
		} `json:"changes"`
	}
	err := d.odd.decode(payload, &wire)
	if err != nil {
		return err
	}
	if wire.Label != nil {
		d.Label = wire.Label.Name
	}
	if c := wire.Changes; c != nil && c.Base != nil && c.Base.Ref != nil {
		d.OldBase = release.Branch(c.Base.Ref.From)
	}
	d.Before = wire.Before
	if d.PullRequest = wire.PullRequest.pullRequest(&d.odd); d.PullRequest == nil {
		return nil
	}
	if d.PullRequest.RepoID == 0 {
		d.PullRequest.RepoID = d.RepoID // its base is in the repository that the event is about
	}
	switch p, r := wire.PullRequest, wire.Review; {
	case d.Kind == "pull_request" && d.Action == "opened":
		d.said = &said{source: command.InDescription, id: p.ID, body: p.Body, author: p.User.user(&d.odd), url: p.HTMLURL, at: p.CreatedAt.time(&d.odd), number: p.Number, onPR: true, head: p.Head.SHA}
	case d.Kind == "pull_request_review" && d.Action == "submitted" && r != nil:
		d.said = &said{source: command.InReview, id: r.ID, body: r.Body, author: r.User.user(&d.odd), url: r.HTMLURL, at: r.SubmittedAt.time(&d.odd), number: p.Number, onPR: true, head: r.CommitID}
	}
	return nil
}

func (d *delivery) readIssue(payload []byte) error {
	var wire struct {
		Issue   *wireIssue   `json:"issue"`
		Comment *wireComment `json:"comment"`
		Label   *wireLabel   `json:"label"`
		Changes *struct {
			Body *struct {
				From string `json:"from"`
			} `json:"body"`
		} `json:"changes"`
	}
	if err := d.odd.decode(payload, &wire); err != nil {
		return err
	}
	d.Issue, d.Comment = wire.Issue.issue(&d.odd), wire.Comment.comment(&d.odd)
	if c := wire.Changes; d.Kind == "issues" && d.Action == "edited" && c != nil && c.Body != nil {
		d.OldBody = &c.Body.From
	}
	if wire.Label != nil {
		d.Label = wire.Label.Name
	}
	if wire.Comment != nil && wire.Comment.App != nil {
		d.viaApp = wire.Comment.App.ID
	}
	if c, i := d.Comment, d.Issue; d.Kind == "issue_comment" && d.Action == "created" && c != nil && i != nil {
		d.said = &said{source: command.InComment, id: c.ID, body: c.Body, author: c.Author, url: c.URL, at: c.CreatedAt, number: i.Number, onPR: i.IsPullRequest}
	}
	return nil
}

// GitHub leaves commits out of a large push (the newest 2,048 come, on older
// servers 20) and files out of a large commit, and doesn't say so.
const (
	maxPushCommits = 20
	maxCommitFiles = 300
)

func (d *delivery) readPush(payload []byte, repo *wireRepo) error {
	var wire wirePush
	if err := d.odd.decode(payload, &wire); err != nil {
		return err
	}
	d.Push = &github.Push{Created: wire.Created, Deleted: wire.Deleted}
	if branch, ok := strings.CutPrefix(wire.Ref, "refs/heads/"); ok {
		d.Push.Branch = release.Branch(branch)
		d.Push.Default = repo != nil && branch == repo.DefaultBranch
	}
	// A forced push also takes commits away, and their files are named nowhere.
	complete := !wire.Created && !wire.Deleted && !wire.Forced && len(wire.Commits) < maxPushCommits
	last, reverts := false, false
	for _, c := range wire.Commits {
		reverts = reverts || strings.Contains(strings.ToLower(c.Message), "revert")
		files := slices.Concat(c.Added, c.Removed, c.Modified)
		d.Push.Touched = append(d.Push.Touched, files...)
		complete = complete && len(files) < maxCommitFiles
		last = last || c.ID == wire.After
	}
	d.Push.Complete = complete && last
	d.Push.Reverts = reverts || !d.Push.Complete
	slices.Sort(d.Push.Touched)
	d.Push.Touched = slices.Compact(d.Push.Touched)
	d.Push.TouchesPolicy = d.Push.Default && (!d.Push.Complete || slices.ContainsFunc(d.Push.Touched, github.OfPolicy))
	return nil
}

func (d *delivery) readCommit(payload []byte) error {
	type run struct {
		HeadSHA    string   `json:"head_sha"`
		Name       string   `json:"name"`
		ExternalID string   `json:"external_id"`
		App        *wireApp `json:"app"`
		CheckSuite struct {
			HeadBranch release.Branch `json:"head_branch"`
		} `json:"check_suite"`
	}
	var wire struct {
		CheckRun   *run   `json:"check_run"`
		CheckSuite *run   `json:"check_suite"`
		SHA        string `json:"sha"`
		Context    string `json:"context"`
		Branches   []struct {
			Name release.Branch `json:"name"`
		} `json:"branches"`
	}
	if err := d.odd.decode(payload, &wire); err != nil {
		return err
	}
	switch {
	case d.Kind == "check_run" && wire.CheckRun != nil:
		d.Commit, d.CheckName, d.ExternalID = wire.CheckRun.HeadSHA, wire.CheckRun.Name, wire.CheckRun.ExternalID
		if wire.CheckRun.App != nil {
			d.byApp = wire.CheckRun.App.ID
		}
		if b := wire.CheckRun.CheckSuite.HeadBranch; b != "" {
			d.Branches = []release.Branch{b}
		}
	case d.Kind == "check_suite" && wire.CheckSuite != nil:
		d.Commit = wire.CheckSuite.HeadSHA
	case d.Kind == "status":
		d.Commit, d.CheckName = wire.SHA, wire.Context
		for _, b := range wire.Branches {
			d.Branches = append(d.Branches, b.Name)
		}
	}
	return nil
}

// readRename tells another name from another colour, description or day.
func (d *delivery) readRename(payload []byte) error {
	var wire struct {
		Changes *struct {
			Name  *struct{} `json:"name"`
			Title *struct{} `json:"title"`
		} `json:"changes"`
	}
	err := d.odd.decode(payload, &wire)
	c := wire.Changes
	d.Renamed = d.Action == "edited" && (c == nil || c.Name != nil || c.Title != nil)
	return err
}

func (d *delivery) readMergeGroup(payload []byte) error {
	var wire struct {
		Group struct {
			HeadSHA string `json:"head_sha"`
			HeadRef string `json:"head_ref"`
			BaseSHA string `json:"base_sha"`
			BaseRef string `json:"base_ref"`
		} `json:"merge_group"`
	}
	if err := d.odd.decode(payload, &wire); err != nil {
		return err
	}
	g := wire.Group
	d.Group = &github.MergeGroup{
		Branch: release.Branch(strings.TrimPrefix(g.BaseRef, "refs/heads/")), Ref: g.HeadRef, Base: g.BaseSHA, Head: g.HeadSHA,
	}
	return nil
}

// readRepository names both owners of a repository that changed hands, and tells another
// default branch from another description.
func (d *delivery) readRepository(payload []byte) error {
	var wire struct {
		Changes *struct {
			DefaultBranch *struct{} `json:"default_branch"`
			Owner         *struct {
				From *struct {
					User         *wireUser `json:"user"`
					Organization *wireUser `json:"organization"`
				} `json:"from"`
			} `json:"owner"`
		} `json:"changes"`
	}
	if err := d.odd.decode(payload, &wire); err != nil {
		return err
	}
	if d.Action == "edited" {
		d.NewDefault = wire.Changes == nil || wire.Changes.DefaultBranch != nil
		return nil // it has its name and its owner still
	}
	owners := []string{d.Repo.Owner}
	if c := wire.Changes; c != nil && c.Owner != nil && c.Owner.From != nil {
		owners = append(owners, c.Owner.From.User.user(&d.odd).Login, c.Owner.From.Organization.user(&d.odd).Login)
	}
	d.owners = slices.DeleteFunc(owners, func(o string) bool { return o == "" })
	return nil
}

// isBot reports an App, or an account that calls itself one.
func isBot(u wireUser) bool {
	return u.Type == "Bot" || strings.HasSuffix(u.Login, "[bot]")
}
