package ghclient

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// refusal is a row of what GitHub's refusals mean.
type refusal struct {
	status int    // 0 is any: GitHub answers a broken rule with 405, 409 or 422, as the endpoint has it
	words  string // a part of what GitHub says, in lower case; "" fits all
	cause  string // for people, without a full stop
	next   string // what they can do, in Markdown, without a full stop
}

// refusals are known by GitHub's words, since one status stands for many causes. The first
// that fits counts. refusals_test.go tells where each was seen.
var refusals = []refusal{
	{0, "without `workflows` permission", "It would change files in .github/workflows, which Slipway may not", "do it by hand; Slipway doesn't ask for that permission, since whoever has it can run anything"},
	{422, "tree sha does not exist", "GitHub doesn't know the files of the commit that it is to make and sign, though they were just pushed to it", "ask again in some minutes"},
	{422, "parent sha does not exist", "GitHub doesn't know the commit that the one is to follow which it is to make and sign", "ask again in some minutes"},
	{0, "repository rule violations", "A rule of the repository forbids it", "let the App bypass the ruleset (the repository's settings, *Rules*, *Rulesets*), or do it by hand"},
	{0, "protected branch", "The protection of a branch forbids it", "let the App push there (the repository's settings, *Branches*), or do it by hand"},
	{0, "required status check", "The protection of a branch forbids it until its checks are green", "let the App bypass it (the repository's settings, *Branches* or *Rules*), or do it by hand"},
	{0, "archived so is read-only", "The repository is archived, so nothing in it can be changed", "have an administrator of the repository unarchive it"},
	{403, "ip allow list", "The organisation lets only some IP addresses in, and Slipway's isn't one of them", "have an owner of the organisation add Slipway's address to its IP allow list"},
	{403, "saml enforcement", "The organisation demands SAML single sign-on, for which the App isn't authorised", "have an owner of the organisation authorise the App"},
	{403, "not accessible by integration", "GitHub doesn't let Slipway do this; the App probably lacks a permission", "have an owner of the organisation grant it, on the page of the App's installation"},
	{422, "permissions requested are not granted", "The App lacks a permission", "have an owner of the organisation grant it, on the page of the App's installation"},
	{403, "issue is locked", "The conversation is locked", "unlock it"},
	{403, "repository access blocked", "GitHub has blocked the repository", "have its administrators settle that with GitHub"},
	{451, "", "GitHub has blocked the repository for legal reasons", "have its administrators settle that with GitHub"},
	{410, "issues has been disabled", "Issues are switched off in the repository", switchedOn},
	{410, "issues are disabled", "Issues are switched off in the repository", switchedOn},
	{410, "", "GitHub says that this is switched off in the repository's settings", "switch it on there"},
	{403, "", "GitHub doesn't let Slipway do this", ""},
	{422, "", "GitHub doesn't take this as valid", ""},
}

const switchedOn = "switch *Issues* on in the repository's settings"

// refused tells what people can mend of an answer; nil for one that is no refusal. What
// can no longer be read until then is a reconcile.ErrGone, too.
func refused(err *gh.ErrorResponse) error {
	said := saidBy(err)
	status, lower := err.Response.StatusCode, strings.ToLower(said)
	for _, row := range refusals {
		if row.status != 0 && row.status != status || !strings.Contains(lower, row.words) {
			continue
		}
		r := &reconcile.RefusedError{Reason: row.cause, Said: said, Next: row.next, Err: err}
		if needs := err.Response.Header.Get("X-Accepted-GitHub-Permissions"); needs != "" && notGranted(err) {
			// https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
			r.Reason += fmt.Sprintf(" (one of: %s)", needs)
		}
		read := err.Response.Request.Method == http.MethodGet
		switch {
		case status == http.StatusGone && read && row.words == "": // it was deleted
			return fmt.Errorf("GitHub answers %d: %w", status, reconcile.ErrGone)
		case status == http.StatusGone && read, status == http.StatusUnavailableForLegalReasons:
			r.Err = errors.Join(err, reconcile.ErrGone)
		}
		return r
	}
	return nil
}

// saidBy are GitHub's own words, on one line. If its errors are one text, go-github reads
// none of it.
func saidBy(err *gh.ErrorResponse) string {
	said := []string{err.Message}
	for _, e := range err.Errors {
		said = append(said, cmp.Or(e.Message, strings.TrimSpace(e.Field+" "+e.Code)))
	}
	var plain struct{ Errors string }
	if json.Unmarshal(beginning(err.Response), &plain) == nil {
		said = append(said, plain.Errors)
	}
	return strings.Join(strings.Fields(strings.Join(said, " ")), " ")
}
