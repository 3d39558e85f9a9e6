package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// ErrNotFound is an error that says that one thing isn't there (or that the App
// may not know of it; GitHub doesn't tell these apart).
var ErrNotFound = errors.New("not found on GitHub")

// secondaryWait is how long to wait when GitHub limits us without saying until
// when; its documentation asks for at least a minute.
const secondaryWait = time.Minute

// classify turns what the libraries return into the errors the engine knows.
func (c *Client) classify(err error) error {
	var rate *gh.RateLimitError
	var abuse *gh.AbuseRateLimitError
	var token *noToken
	var resp *gh.ErrorResponse
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &rate):
		return &reconcile.RetryAfterError{At: rate.Rate.Reset.Time.Add(time.Second), Err: errors.New("GitHub's hourly limit is used up")}
	case errors.As(err, &abuse):
		wait := secondaryWait
		if abuse.RetryAfter != nil {
			wait = *abuse.RetryAfter
		}
		return &reconcile.RetryAfterError{At: c.opts.Now().Add(wait), Err: errors.New("GitHub's secondary limit")}
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
// for an installation that is gone and 403 for one that is suspended, but 403
// and 429 for its limits too.
func (c *Client) classifyToken(err *noToken) error {
	switch status := err.response.StatusCode; {
	case status == http.StatusNotFound:
		return fmt.Errorf("the App's installation %d was removed: %w", err.installation, reconcile.ErrGone)
	case status == http.StatusForbidden && strings.Contains(err.text, "suspended"):
		return fmt.Errorf("the App's installation %d is suspended: %w", err.installation, reconcile.ErrGone)
	case status == http.StatusForbidden, status == http.StatusTooManyRequests:
		return c.limited(err.response)
	}
	return err
}

// limited is how to wait for one of GitHub's limits, by what its answer says.
func (c *Client) limited(r *http.Response) *reconcile.RetryAfterError {
	at, said := limitEnds(r, c.opts.Now())
	if !said {
		at = c.opts.Now().Add(secondaryWait)
	}
	return &reconcile.RetryAfterError{At: at, Err: errors.New("one of GitHub's limits")}
}

func (c *Client) classifyAnswer(err *gh.ErrorResponse) error {
	r := err.Response
	switch status := r.StatusCode; {
	case status == http.StatusNotFound:
		return fmt.Errorf("%w: %s %s", ErrNotFound, r.Request.Method, r.Request.URL.Path)
	case status == http.StatusTooManyRequests, status == http.StatusForbidden && r.Header.Get("Retry-After") != "":
		return c.limited(r)
	case status == http.StatusForbidden && strings.Contains(err.Message, "suspended"):
		return fmt.Errorf("the App's installation is suspended: %w", reconcile.ErrGone)
	}
	if refusal := refused(err); refusal != nil {
		return refusal
	}
	return err
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

// metLimit tells whether go-github remembers a limit by this error.
func metLimit(err error) bool {
	var rate *gh.RateLimitError
	var abuse *gh.AbuseRateLimitError
	return errors.As(err, &rate) || errors.As(err, &abuse)
}
