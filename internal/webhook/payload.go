package webhook

import (
	"encoding/json"
	"errors"
	"slices"
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

// user leaves out a login that nobody could write anywhere. The account is known by its id.
func (u *wireUser) user(odd *oddities) github.User {
	if u == nil {
		return github.User{}
	}
	is := github.User{ID: u.ID, Login: u.Login, Bot: isBot(*u)}
	if !github.IsHarmless(u.Login) {
		is.Login = ""
		odd.add("login")
	}
	return is
}

// oddities are the names of the fields that are not as GitHub sends them. Each is passed
// over, and the rest of the payload counts.
type oddities []string

func (o *oddities) add(field string) {
	if !slices.Contains(*o, field) {
		*o = append(*o, field)
	}
}

// decode reads a payload, but for the fields that are of another type than GitHub's. An
// error means that it is no object.
func (o *oddities) decode(payload []byte, into any) error {
	err := json.Unmarshal(payload, into)
	var one *json.UnmarshalTypeError
	if errors.As(err, &one) && one.Field != "" { // encoding/json has read all others
		o.add(one.Field)
		return nil
	}
	return err
}

// wireTime is an instant as GitHub writes it; null leaves it zero, and so does what is none.
type wireTime struct {
	at  time.Time
	odd bool
}

// UnmarshalJSON implements json.Unmarshaler. It takes everything, since an error would end
// the reading of the whole payload.
func (t *wireTime) UnmarshalJSON(raw []byte) error {
	if t.odd = json.Unmarshal(raw, &t.at) != nil; t.odd {
		t.at = time.Time{}
	}
	return nil
}

func (t wireTime) time(odd *oddities) time.Time {
	if t.odd {
		odd.add("time")
	}
	return t.at
}

type wireRepo struct {
	ID            int64  `json:"id"`
	FullName      string `json:"full_name"`
	DefaultBranch string `json:"default_branch"`
}

// repo gives zero for a repository that isn't there, and for one whose name would lead
// an address astray.
func (r *wireRepo) repo(odd *oddities) github.Repo {
	if r == nil {
		return github.Repo{}
	}
	is, err := github.ParseRepo(r.FullName)
	if err != nil {
		odd.add("full_name")
	}
	return is
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
	CreatedAt wireTime     `json:"created_at"`
	UpdatedAt wireTime     `json:"updated_at"`
	MergedAt  wireTime     `json:"merged_at"`
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

func (p *wirePullRequest) pullRequest(odd *oddities) *github.PullRequest {
	if p == nil || p.Number <= 0 {
		return nil
	}
	var repoID int64
	if p.Base.Repo != nil {
		repoID = p.Base.Repo.ID
	}
	return &github.PullRequest{
		RepoID:    repoID,
		Number:    p.Number,
		Title:     p.Title,
		Author:    p.User.user(odd),
		State:     github.State(p.State),
		Draft:     p.Draft,
		Merged:    p.Merged || !p.MergedAt.at.IsZero(), // a review's pull request has only merged_at
		Base:      release.Branch(p.Base.Ref),
		Head:      p.Head.SHA,
		HeadRef:   release.Branch(p.Head.Ref),
		HeadRepo:  p.Head.Repo.repo(odd),
		Labels:    labelNames(p.Labels),
		URL:       p.HTMLURL,
		CreatedAt: p.CreatedAt.time(odd),
		UpdatedAt: p.UpdatedAt.time(odd),
		MergedAt:  p.MergedAt.time(odd),
	}
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
	CreatedAt   wireTime         `json:"created_at"`
	UpdatedAt   wireTime         `json:"updated_at"`
	ClosedAt    wireTime         `json:"closed_at"`
}

func (i *wireIssue) issue(odd *oddities) *github.Issue {
	if i == nil || i.Number <= 0 {
		return nil
	}
	return &github.Issue{
		Number:        i.Number,
		Title:         i.Title,
		Body:          i.Body,
		Author:        i.User.user(odd),
		State:         github.State(i.State),
		Labels:        labelNames(i.Labels),
		IsPullRequest: i.PullRequest != nil,
		URL:           i.HTMLURL,
		CreatedAt:     i.CreatedAt.time(odd),
		UpdatedAt:     i.UpdatedAt.time(odd),
		ClosedAt:      i.ClosedAt.time(odd),
	}
}

type wireComment struct {
	ID        int64     `json:"id"`
	Body      string    `json:"body"`
	User      *wireUser `json:"user"`
	HTMLURL   string    `json:"html_url"`
	CreatedAt wireTime  `json:"created_at"`
	UpdatedAt wireTime  `json:"updated_at"`
	App       *wireApp  `json:"performed_via_github_app"`
}

func (c *wireComment) comment(odd *oddities) *github.Comment {
	if c == nil || c.ID <= 0 {
		return nil
	}
	return &github.Comment{
		ID:        c.ID,
		Body:      c.Body,
		Author:    c.User.user(odd),
		URL:       c.HTMLURL,
		CreatedAt: c.CreatedAt.time(odd),
		UpdatedAt: c.UpdatedAt.time(odd),
	}
}

// wireReview is a review; one without a word has no body.
type wireReview struct {
	ID          int64     `json:"id"`
	Body        string    `json:"body"`
	User        *wireUser `json:"user"`
	HTMLURL     string    `json:"html_url"`
	SubmittedAt wireTime  `json:"submitted_at"`
	CommitID    string    `json:"commit_id"`
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
