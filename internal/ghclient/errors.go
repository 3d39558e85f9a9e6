package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// ErrNotFound is an error that says that one thing isn't there (or that the App
// may not know of it; GitHub doesn't tell these apart).
var ErrNotFound = errors.New("not found on GitHub")

// classify turns what the libraries return into the errors the engine knows.
func (c *Client) classify(err error) error {
	var token *noToken
	var resp *gh.ErrorResponse
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &token):
		return c.classifyToken(token)
	case errors.As(err, &resp) && resp.Response != nil:
		return c.classifyAnswer(resp)
	}
	return err
}

// ErrNotInstalled says that the App is not installed where something was to be
// read. It is a reconcile.ErrGone.
var ErrNotInstalled = fmt.Errorf("the App is not installed there: %w", reconcile.ErrGone)

// classifyToken reads why no installation token was given. GitHub answers 404
// for an installation that is gone and 403 for one that is suspended. What else it
// refuses means what it means of other requests.
func (c *Client) classifyToken(err *noToken) error {
	switch status := err.response.StatusCode; {
	case status == http.StatusNotFound:
		return fmt.Errorf("the App's installation %d was removed: %w", err.installation, reconcile.ErrGone)
	case status == http.StatusUnauthorized:
		return c.doubted(err)
	case status == http.StatusForbidden && strings.Contains(err.text, "suspended"):
		return fmt.Errorf("the App's installation %d is suspended: %w", err.installation, reconcile.ErrGone)
	}
	if refusal := refused(err.answer()); refusal != nil {
		return fmt.Errorf("GitHub gives installation %d no token: %w", err.installation, refusal)
	}
	return err
}

func (c *Client) classifyAnswer(err *gh.ErrorResponse) error {
	r := err.Response
	switch status := r.StatusCode; {
	case status == http.StatusNotFound:
		return fmt.Errorf("%w: %s %s", ErrNotFound, r.Request.Method, r.Request.URL.Path)
	case status == http.StatusUnauthorized:
		return c.doubted(err)
	case status == http.StatusForbidden && strings.Contains(err.Message, "suspended"):
		return fmt.Errorf("the App's installation is suspended: %w", reconcile.ErrGone)
	case r.Request.Method != http.MethodGet && passes(err):
		refusal := &reconcile.RefusedError{Reason: "GitHub refuses this again and again", Said: saidBy(err), Next: "mend what it names, or try again later", Err: err}
		if known, ok := errors.AsType[*reconcile.RefusedError](refused(err)); ok && known.Next != "" { // a rule that uses such words
			refusal = known
		}
		return &reconcile.PassingError{Refusal: refusal}
	}
	if refusal := refused(err); refusal != nil {
		return refusal
	}
	return err
}

// passing are GitHub's words for what it refuses a moment after it was made, while not
// all of its servers know of it: a fork's commit
// (https://github.com/rust-lang/homu/issues/141), a branch
// (https://github.com/github/rest-api-description/issues/4887), comments that follow each
// other. Some of them stand for rules, too.
var passing = []string{
	"No commit found for SHA", "Reference update failed", "Object does not exist", "not all refs are readable",
	"Tree SHA does not exist", "Parent SHA does not exist", // just pushed
	"was submitted too quickly",
}

// passes tells whether a write was refused in words that may pass.
func passes(err *gh.ErrorResponse) bool {
	said := saidBy(err)
	return slices.ContainsFunc(passing, func(s string) bool { return strings.Contains(said, s) })
}

// locked recognises what GitHub answers to a comment on a locked thread.
func locked(err error) bool {
	var resp *gh.ErrorResponse
	return errors.As(err, &resp) && strings.Contains(resp.Message, "locked")
}

func unauthorized(err error) bool {
	var resp *gh.ErrorResponse
	return errors.As(err, &resp) && resp.Response != nil && resp.Response.StatusCode == http.StatusUnauthorized
}

// notGranted recognises a permission that the token doesn't have. A token keeps those
// of the moment when it was made, so the installation may have granted it since.
func notGranted(err error) bool {
	var resp *gh.ErrorResponse
	return errors.As(err, &resp) && resp.Response != nil && resp.Response.StatusCode == http.StatusForbidden &&
		strings.Contains(resp.Message, "not accessible by integration")
}

// installationLost says that the installation we remembered for a repository
// may be another one by now: the App was removed and installed anew.
func installationLost(err error) bool {
	var token *noToken
	return errors.As(err, &token) && token.response.StatusCode == http.StatusNotFound
}
