package webhook

import (
	"encoding/json"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// The payloads, cut down to what Slipway reads. Every object is a pointer or
// has a zero value that means "not there": GitHub sends null for a deleted
// account, a deleted fork, and more. Types are ours and not go-github's, which
// fail on a field of unexpected type even where nobody reads it.

type wireUser struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Type  string `json:"type"`
}

func (u *wireUser) user() github.User {
	if u == nil {
		return github.User{}
	}
	return github.User{ID: u.ID, Login: u.Login, Bot: isBot(*u)}
}

type wireRepo struct {
	ID            int64  `json:"id"`
	FullName      string `json:"full_name"`
	DefaultBranch string `json:"default_branch"`
}

// repo gives zero for a repository that isn't there.
func (r *wireRepo) repo() (github.Repo, error) {
	if r == nil {
		return github.Repo{}, nil
	}
	return github.ParseRepo(r.FullName)
}

type wireLabel struct {
	Name string `json:"name"`
}

func labelNames(labels []*wireLabel) []string {
	var names []string
	for _, l := range labels {
		if l != nil {
			names = append(names, l.Name)
		}
	}
	return names
}

type wireApp struct {
	ID int64 `json:"id"`
}

// wireEnvelope is what every kind of event may have.
type wireEnvelope struct {
	Action       string    `json:"action"`
	Repository   *wireRepo `json:"repository"`
	Sender       *wireUser `json:"sender"`
	Installation *struct {
		ID      int64     `json:"id"`
		Account *wireUser `json:"account"`
	} `json:"installation"`
}

type wirePullRequest struct {
	ID        int64        `json:"id"`
	Number    int          `json:"number"`
	Title     string       `json:"title"`
	Body      string       `json:"body"`
	User      *wireUser    `json:"user"`
	State     string       `json:"state"`
	Draft     bool         `json:"draft"`
	Merged    bool         `json:"merged"`
	Labels    []*wireLabel `json:"labels"`
	HTMLURL   string       `json:"html_url"`
	CreatedAt time.Time    `json:"created_at"`
	UpdatedAt time.Time    `json:"updated_at"`
	MergedAt  time.Time    `json:"merged_at"` // null leaves it zero
	Base      struct {
		Ref  string    `json:"ref"`
		Repo *wireRepo `json:"repo"`
	} `json:"base"`
	Head struct {
		Ref  string    `json:"ref"`
		SHA  string    `json:"sha"`
		Repo *wireRepo `json:"repo"`
	} `json:"head"`
}

func (p *wirePullRequest) pullRequest() (*github.PullRequest, error) {
	if p == nil || p.Number <= 0 {
		return nil, nil
	}
	head, err := p.Head.Repo.repo()
	if err != nil {
		return nil, err
	}
	var repoID int64
	if p.Base.Repo != nil {
		repoID = p.Base.Repo.ID
	}
	return &github.PullRequest{
		RepoID:    repoID,
		Number:    p.Number,
		Title:     p.Title,
		Author:    p.User.user(),
		State:     github.State(p.State),
		Draft:     p.Draft,
		Merged:    p.Merged || !p.MergedAt.IsZero(), // a review's pull request has only merged_at
		Base:      release.Branch(p.Base.Ref),
		Head:      p.Head.SHA,
		HeadRef:   release.Branch(p.Head.Ref),
		HeadRepo:  head,
		Labels:    labelNames(p.Labels),
		URL:       p.HTMLURL,
		CreatedAt: p.CreatedAt,
		UpdatedAt: p.UpdatedAt,
		MergedAt:  p.MergedAt,
	}, nil
}

type wireIssue struct {
	Number      int              `json:"number"`
	Title       string           `json:"title"`
	Body        string           `json:"body"`
	User        *wireUser        `json:"user"`
	State       string           `json:"state"`
	Labels      []*wireLabel     `json:"labels"`
	PullRequest *json.RawMessage `json:"pull_request"`
	HTMLURL     string           `json:"html_url"`
	CreatedAt   time.Time        `json:"created_at"`
	UpdatedAt   time.Time        `json:"updated_at"`
	ClosedAt    time.Time        `json:"closed_at"`
}

func (i *wireIssue) issue() *github.Issue {
	if i == nil || i.Number <= 0 {
		return nil
	}
	return &github.Issue{
		Number:        i.Number,
		Title:         i.Title,
		Body:          i.Body,
		Author:        i.User.user(),
		State:         github.State(i.State),
		Labels:        labelNames(i.Labels),
		IsPullRequest: i.PullRequest != nil,
		URL:           i.HTMLURL,
		CreatedAt:     i.CreatedAt,
		UpdatedAt:     i.UpdatedAt,
		ClosedAt:      i.ClosedAt,
	}
}

type wireComment struct {
	ID        int64     `json:"id"`
	Body      string    `json:"body"`
	User      *wireUser `json:"user"`
	HTMLURL   string    `json:"html_url"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	App       *wireApp  `json:"performed_via_github_app"`
}

func (c *wireComment) comment() *github.Comment {
	if c == nil || c.ID <= 0 {
		return nil
	}
	return &github.Comment{
		ID:        c.ID,
		Body:      c.Body,
		Author:    c.User.user(),
		URL:       c.HTMLURL,
		CreatedAt: c.CreatedAt,
		UpdatedAt: c.UpdatedAt,
	}
}

// wireReview is a review; one without a word has no body.
type wireReview struct {
	ID          int64     `json:"id"`
	Body        string    `json:"body"`
	User        *wireUser `json:"user"`
	HTMLURL     string    `json:"html_url"`
	SubmittedAt time.Time `json:"submitted_at"`
}

type wirePush struct {
	Ref     string `json:"ref"`
	After   string `json:"after"`
	Created bool   `json:"created"`
	Deleted bool   `json:"deleted"`
	Forced  bool   `json:"forced"`
	Commits []struct {
		ID       string   `json:"id"`
		Message  string   `json:"message"`
		Added    []string `json:"added"`
		Removed  []string `json:"removed"`
		Modified []string `json:"modified"`
	} `json:"commits"`
}
