package bench

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"github.com/istio-ecosystem/slipway/internal/ghclient"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// The world that is measured in: one repository with a governed branch for
// each of many release managers' commands.
const (
	repo     = "acme/rocket"
	home     = "acme/.github" // of the organisation's policy
	manager  = "alice"
	author   = "bob"
	stranger = "mallory"
)

const policyFile = ".github/slipway.yml"

const policy = `branches: ["release-*"]
release_managers: ["release-managers"]
`

func branch(i int) string { return fmt.Sprintf("release-1.%d", i) }

// NewWorld starts a stand-in with a repository of so many governed branches.
func NewWorld(dir string, branches int) (*sandbox.Server, error) {
	gh, err := sandbox.New(sandbox.Options{Dir: filepath.Join(dir, "github")})
	if err != nil {
		return nil, err
	}
	try := func(e error) { err = errors.Join(err, e) }
	for _, login := range []string{manager, author, stranger} {
		_, e := gh.CreateUser(login)
		try(e)
	}
	try(gh.CreateOrg("acme", manager, author))
	try(gh.CreateRepo("acme", ".github", sandbox.RepoOptions{Files: map[string]string{policyFile: policy}}))
	try(gh.CreateRepo("acme", "rocket", sandbox.RepoOptions{Files: map[string]string{"main.go": "package main\n"}}))
	try(gh.AddCollaborator(repo, author, "write"))
	try(gh.AddCollaborator(home, author, "write"))
	try(gh.CreateTeam("acme", "release-managers", manager))
	for i := range branches {
		try(gh.CreateBranch(repo, branch(i), "master"))
	}
	_, e := gh.Install("acme", sandbox.InstallOptions{Permissions: ghclient.Permissions()})
	try(e)
	if err != nil {
		return nil, errors.Join(err, gh.Close())
	}
	return gh, nil
}

// openPR opens a pull request against a branch and returns its number.
func openPR(gh *sandbox.Server, base, name string) (int, error) {
	pr, err := gh.As(author).OpenPR(repo, sandbox.PROptions{
		Base: base, Head: "patch-" + name, Title: "Change " + name,
		Files: map[string]string{name + ".go": "package main\n"},
	})
	return pr.Number, err
}

// synchronize is the payload that GitHub sends when a pull request was pushed
// to, cut down to what Slipway reads, padded to the size of a real one.
func synchronize(gh *sandbox.Server, number int) []byte {
	pr := gh.PR(repo, number)
	// It was updated when GitHub says so: Slipway waits for GitHub to show what it told of.
	payload := map[string]any{
		"action": "synchronize", "number": number,
		"pull_request": map[string]any{
			"number": number, "title": pr.Title, "state": "open", "updated_at": pr.Updated.UTC().Format(time.RFC3339),
			"user": map[string]any{"login": author, "id": 1, "type": "User"},
			"base": map[string]any{"ref": pr.Base, "sha": pr.BaseSHA, "repo": repository()},
			"head": map[string]any{"ref": pr.Head, "sha": pr.HeadSHA, "repo": repository()},
			"body": string(bytes.Repeat([]byte("A real payload has some 25 kB of addresses. "), 500)),
		},
		"repository":   repository(),
		"installation": map[string]any{"id": 1},
		"sender":       map[string]any{"login": author, "id": 1, "type": "User"},
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		panic(err) // a map of strings and numbers always encodes
	}
	return raw
}

func repository() map[string]any {
	return map[string]any{
		"id": 1, "name": "rocket", "full_name": repo, "default_branch": "master",
		"owner": map[string]any{"login": "acme", "id": 1, "type": "Organization"},
	}
}

// sender sends signed deliveries, each with a GUID of its own.
type sender struct {
	url    string
	secret string
	client *http.Client
}

func newSender(url, secret string) *sender {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 256
	return &sender{url: url, secret: secret, client: &http.Client{Transport: t, Timeout: 10 * time.Second}}
}

// send delivers once, and returns how long the answer took. Anything but 2xx
// is an error.
func (s *sender) send(ctx context.Context, event string, payload []byte) (time.Duration, error) {
	mac := hmac.New(sha256.New, []byte(s.secret))
	mac.Write(payload)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(payload))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-GitHub-Event", event)
	req.Header.Set("X-GitHub-Delivery", guid())
	req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	began := time.Now()
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	took := time.Since(began)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("answered %d: %s", resp.StatusCode, text)
	}
	return took, err
}

func guid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
