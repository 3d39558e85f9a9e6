package ghclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
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
	var token *ghinstallation.HTTPError
	var resp *gh.ErrorResponse
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &rate):
		return &reconcile.Later{At: rate.Rate.Reset.Time.Add(time.Second), Err: errors.New("GitHub's hourly limit is used up")}
	case errors.As(err, &abuse):
		wait := secondaryWait
		if abuse.RetryAfter != nil {
			wait = *abuse.RetryAfter
		}
		return &reconcile.Later{At: c.opts.Now().Add(wait), Err: errors.New("GitHub's secondary limit")}
	case errors.As(err, &token):
		return c.classifyToken(token)
	case errors.As(err, &resp) && resp.Response != nil:
		return c.classifyAnswer(resp)
	}
	return err
}

// classifyToken reads why no installation token was given. GitHub answers 404
// for an installation that is gone and 403 for one that is suspended.
func (c *Client) classifyToken(err *ghinstallation.HTTPError) error {
	if err.Response != nil {
		switch err.Response.StatusCode {
		case http.StatusNotFound:
			return fmt.Errorf("the App's installation %d was removed: %w", err.InstallationID, reconcile.ErrGone)
		case http.StatusForbidden:
			return fmt.Errorf("the App's installation %d is suspended: %w", err.InstallationID, reconcile.ErrGone)
		}
	}
	return err
}

func (c *Client) classifyAnswer(err *gh.ErrorResponse) error {
	status := err.Response.StatusCode
	switch {
	case status == http.StatusNotFound:
		return fmt.Errorf("%w: %s %s", ErrNotFound, err.Response.Request.Method, err.Response.Request.URL.Path)
	case status == http.StatusGone, status == http.StatusUnavailableForLegalReasons:
		return fmt.Errorf("GitHub answers %d: %w", status, reconcile.ErrGone)
	case status == http.StatusTooManyRequests, status == http.StatusForbidden && err.Response.Header.Get("Retry-After") != "":
		wait := secondaryWait
		if s, e := strconv.Atoi(err.Response.Header.Get("Retry-After")); e == nil {
			wait = time.Duration(s) * time.Second
		}
		return &reconcile.Later{At: c.opts.Now().Add(wait), Err: errors.New("GitHub's secondary limit")}
	case status == http.StatusForbidden && suspended(err.Message):
		return fmt.Errorf("the App's installation is suspended: %w", reconcile.ErrGone)
	}
	return err
}

func suspended(message string) bool { return message == "This installation has been suspended" }

func unauthorized(err error) bool {
	var resp *gh.ErrorResponse
	return errors.As(err, &resp) && resp.Response != nil && resp.Response.StatusCode == http.StatusUnauthorized
}

// installationLost says that the installation we remembered for a repository
// may be another one by now: the App was removed and installed anew.
func installationLost(err error) bool {
	var token *ghinstallation.HTTPError
	return errors.As(err, &token) && token.Response != nil && token.Response.StatusCode == http.StatusNotFound
}

// forbidden says that the App lacks a permission.
func forbidden(err error) bool {
	var resp *gh.ErrorResponse
	return errors.As(err, &resp) && resp.Response != nil && resp.Response.StatusCode == http.StatusForbidden
}
