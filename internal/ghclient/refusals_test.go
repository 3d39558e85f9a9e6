package ghclient

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	gh "github.com/google/go-github/v62/github"

	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// TestRefusals holds the table to what GitHub has been seen to answer, each with where.
func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		source string
		status int
		method string // "" is POST
		body   string
		cause  string // "" is no refusal
		next   string
		gone   bool
	}{
		{"https://github.com/satisfactory-factories/application/issues/67", 422, "", `{"message":"Repository rule violations found\n\nChanges must be made through a pull request.\n\n"}`, "A rule of the repository forbids it. GitHub says: `Repository rule violations found Changes must be made through a pull request.`", "bypass the ruleset", false},
		{"https://github.com/dmf-mxl/mxl/issues/356", 422, "", `{"message":"Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n"}`, "A rule of the repository forbids it", "bypass the ruleset", false},
		{"the same of contents, https://docs.github.com/en/rest/repos/contents", 409, "PUT", `{"message":"Repository rule violations found\n\nChanges must be made through a pull request.\n\n"}`, "A rule of the repository forbids it", "bypass the ruleset", false},
		{"the same of merges, https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request", 405, "PUT", `{"message":"Repository rule violations found\n\nRequired status check \"ci\" is expected.\n\n"}`, "A rule of the repository forbids it", "bypass the ruleset", false},
		{"in errors alone, as releases have it", 422, "", `{"message":"Validation Failed","errors":[{"resource":"Release","code":"custom","field":"pre_receive","message":"pre_receive Repository rule violations found"}]}`, "A rule of the repository forbids it. GitHub says: `Validation Failed pre_receive Repository rule violations found`", "bypass", false},
		{"https://github.com/kevgo/prettifier/issues/28", 409, "PUT", `{"message":"Could not update file: 6 of 6 required status checks are expected."}`, "The protection of a branch forbids it until its checks are green", "let the App bypass it", false},
		{"https://github.com/dependabot/dependabot-core/pull/3998", 422, "", `{"message":"Cannot force-push to a protected branch"}`, "The protection of a branch forbids it", "let the App push there", false},
		{"https://github.com/KeisukeYamashita/auto-pull-request-merge/issues/481", 405, "PUT", "{\"message\":\"refusing to allow a GitHub App to create or update workflow `.github/workflows/main.yml` without `workflows` permission\"}", "It would change files in .github/workflows, which Slipway may not", "do it by hand", false},
		{"https://github.com/Kong/kong-operator/issues/4536", 422, "", "{\"message\":\"Repository rule violations found\\n\\nrefusing to allow a GitHub App to create or update workflow `.github/workflows/charts-sync.yaml` without `workflows` permission\"}", "It would change files in .github/workflows", "do it by hand", false},
		{"https://github.com/SalesforceFoundation/NPSP/issues/7247", 403, "", "{\"message\":\"Although you appear to have the correct authorization credentials, the `SalesforceFoundation` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.\"}", "The organisation lets only some IP addresses in, and Slipway's isn't one of them. GitHub says: ``", "add Slipway's address", false},
		{"https://github.com/jhu-bids/TermHub/issues/935", 403, "", `{"message":"Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization."}`, "The organisation demands SAML single sign-on", "authorise the App", false},
		{"https://docs.github.com/en/repositories/archiving-a-github-repository/archiving-repositories", 403, "", `{"message":"Repository was archived so is read-only."}`, "The repository is archived", "unarchive it", false},
		{"https://github.com/einaregilsson/build-number/issues/23", 403, "", `{"message":"Resource not accessible by integration"}`, "GitHub doesn't let Slipway do this; the App probably lacks a permission. GitHub says: `Resource not accessible by integration`", "grant it", false},
		{"https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app", 422, "", `{"message":"The permissions requested are not granted to this installation."}`, "The App lacks a permission", "grant it", false},
		{"https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/enabling-features-for-your-repository/disabling-issues", 410, "", `{"message":"Issues has been disabled in this repository."}`, "Issues are switched off in the repository", "switch *Issues* on", false},
		{"the same, read", 410, "GET", `{"message":"Issues has been disabled in this repository."}`, "Issues are switched off in the repository", "switch *Issues* on", true},
		{"https://docs.github.com/en/rest/issues/issues#get-an-issue", 410, "GET", `{"message":"This issue was deleted"}`, "", "", true},
		{"the same, written", 410, "", `{"message":"This issue was deleted"}`, "GitHub says that this is switched off", "switch it on", false},
		{"https://github.com/github/rest-api-description/issues/3314", 451, "GET", `{"message":"Repository access blocked","block":{"reason":"dmca"}}`, "GitHub has blocked the repository", "settle that with GitHub", true},
		{"https://docs.github.com/en/communities/moderating-comments-and-conversations/locking-conversations", 403, "", `{"message":"Unable to create comment because issue is locked."}`, "The conversation is locked", "unlock it", false},
		{"https://github.com/repohistory/repohistory/issues/7", 403, "", `{"message":"This installation has been suspended"}`, "", "", true},
		{"anything else", 403, "", `{"message":"Forbidden"}`, "GitHub doesn't let Slipway do this. GitHub says: `Forbidden`", "settings mended", false},
		{"https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed", 422, "", `{"message":"Validation Failed","errors":[{"resource":"Label","code":"already_exists","field":"name"}]}`, "GitHub doesn't take this as valid. GitHub says: `Validation Failed name already_exists`", "settings mended", false},
		{"what may pass by itself", 409, "", `{"message":"Git Repository is empty."}`, "", "", false},
		{"the same", 500, "", `{"message":"Server Error"}`, "", "", false},
	} {
		method := tt.method
		if method == "" {
			method = http.MethodPost
		}
		req, err := http.NewRequest(method, "https://api.github.com/repos/o/r/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer := &gh.ErrorResponse{Response: &http.Response{StatusCode: tt.status, Request: req, Header: http.Header{}, Body: http.NoBody}}
		if err := json.Unmarshal([]byte(tt.body), answer); err != nil {
			t.Fatal(err)
		}
		err = (&Client{}).classify(answer)
		var told *reconcile.RefusedError
		cause, next := "", ""
		if errors.As(err, &told) {
			cause, next = told.Cause(), told.Mend()
		}
		if (cause == "") != (tt.cause == "") || !strings.HasPrefix(cause, tt.cause) || !strings.Contains(next, tt.next) || errors.Is(err, reconcile.ErrGone) != tt.gone {
			t.Errorf("%s: %v\n%s\n%s, want\n%s\n%s", tt.source, err, cause, next, tt.cause, tt.next)
		}
	}
}

// TestRefusalNamesThePermission: GitHub says in a header which one would do.
func TestRefusalNamesThePermission(t *testing.T) {
	req, err := http.NewRequest(http.MethodGet, "https://api.github.com/orgs/o/teams/t", nil)
	if err != nil {
		t.Fatal(err)
	}
	err = (&Client{}).classify(&gh.ErrorResponse{Message: "Resource not accessible by integration", Response: &http.Response{
		StatusCode: 403, Request: req, Header: http.Header{"X-Accepted-Github-Permissions": {"members=read"}}, Body: http.NoBody,
	}})
	var told *reconcile.RefusedError
	if !errors.As(err, &told) || !strings.Contains(told.Cause(), "lacks a permission (one of: members=read). GitHub says: `Resource") {
		t.Error(err)
	}
}

// TestRefusedTokens: who is refused a token learns the cause, and what to do, as with any
// other request.
func TestRefusedTokens(t *testing.T) {
	for _, tt := range []struct {
		status            int
		text, cause, next string
		gone              bool
	}{
		{403, "{\"message\":\"Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.\"}",
			"The organisation lets only some IP addresses in, and Slipway's isn't one of them. GitHub says: `` Although", "add Slipway's address", false},
		{422, `{"message":"The permissions requested are not granted to this installation."}`, "The App lacks a permission", "grant it", false},
		{422, `{"message":"Validation Failed","errors":"no such repository"}`, "GitHub doesn't take this as valid. GitHub says: `Validation Failed no such repository`", "settings mended", false},
		{403, "Blocked by a proxy", "GitHub doesn't let Slipway do this. GitHub says: `Blocked by a proxy`", "settings mended", false},
		{403, `{"message":"This installation has been suspended"}`, "", "", true},
		{404, `{"message":"Integration not found"}`, "", "", true},
		{401, `{"message":"A JSON web token could not be decoded"}`, "", "", false},
		{500, `{"message":"Server Error"}`, "", "", false},
	} {
		req, err := http.NewRequest(http.MethodPost, "https://api.github.com/app/installations/5/access_tokens", nil)
		if err != nil {
			t.Fatal(err)
		}
		response := &http.Response{StatusCode: tt.status, Status: http.StatusText(tt.status), Request: req, Header: http.Header{}, Body: http.NoBody}
		err = (&Client{}).classify(&noToken{installation: 5, response: response, text: tt.text})
		cause, next := "", ""
		if told, is := errors.AsType[*reconcile.RefusedError](err); is {
			cause, next = told.Cause(), told.Mend()
		}
		if (cause == "") != (tt.cause == "") || !strings.HasPrefix(cause, tt.cause) || !strings.Contains(next, tt.next) || errors.Is(err, reconcile.ErrGone) != tt.gone || !strings.Contains(err.Error(), "installation 5") {
			t.Errorf("%d %s: %v\n%s\n%s, want\n%s\n%s", tt.status, tt.text, err, cause, next, tt.cause, tt.next)
		}
	}
}

// TestToldInTheEnd: what GitHub goes on to refuse in words that may pass is told in its own
// words, and by its row of the table if a rule is behind them.
func TestToldInTheEnd(t *testing.T) {
	const listed = `{"message":"Validation Failed","errors":[{"resource":"PullRequest","code":"custom","message":"%s"}]}`
	for _, tt := range []struct {
		status            int
		body, cause, next string
	}{
		{422, `{"message":"Reference update failed"}`, "GitHub refuses this again and again. GitHub says: `Reference update failed`", "mend what it names, or try again later"},
		{422, strings.Replace(listed, "%s", "was submitted too quickly", 1), "GitHub refuses this again and again. GitHub says: `Validation Failed was submitted too quickly`", "mend what it names, or try again later"},
		{403, `{"message":"Object does not exist"}`, "GitHub refuses this again and again. GitHub says: `Object does not exist`", "mend what it names, or try again later"},
		{422, `{"message":"Repository rule violations found\n\nReference update failed"}`, "A rule of the repository forbids it. GitHub says: `Repository rule violations found Reference update failed`", "let the App bypass the ruleset"},
		{422, `{"message":"Reference update failed: protected branch hook declined"}`, "The protection of a branch forbids it. GitHub says: `Reference update failed: protected branch", "let the App push there"},
		{403, `{"message":"Reference update failed: Repository was archived so is read-only."}`, "The repository is archived, so nothing in it can be changed. GitHub says: `Reference update failed", "unarchive it"},
	} {
		req, err := http.NewRequest(http.MethodPatch, "https://api.github.com/repos/o/r/git/refs/heads/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer := &gh.ErrorResponse{Response: &http.Response{StatusCode: tt.status, Request: req, Header: http.Header{}, Body: http.NoBody}}
		if err := json.Unmarshal([]byte(tt.body), answer); err != nil {
			t.Fatal(err)
		}
		passing, is := errors.AsType[*reconcile.PassingError]((&Client{}).classify(answer))
		if !is {
			t.Errorf("%s: it may not pass", tt.body)
			continue
		}
		if r := passing.Refusal; !strings.HasPrefix(r.Cause(), tt.cause) || !strings.Contains(r.Mend(), tt.next) {
			t.Errorf("%s:\n%s\n%s, want\n%s\n%s", tt.body, r.Cause(), r.Mend(), tt.cause, tt.next)
		}
	}
}
