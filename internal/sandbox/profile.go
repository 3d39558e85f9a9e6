package sandbox

import (
	"net/http"
	"time"
)

// Profile is the product of GitHub's that the stand-in is, where the two differ.
type Profile string

const (
	// Enterprise is a GitHub Enterprise Server as it is installed: nobody is limited or told of a limit, and what an App
	// commits is not signed. It is what an empty Profile means.
	Enterprise Profile = "ghes"
	// GitHubCom is github.com: every answer tells of the limits, secondary ones come without Retry-After, what an App
	// commits by the API is signed by GitHub, and a fork's new commit isn't known at once.
	GitHubCom Profile = "github.com"
)

// lateness is how long github.com takes to know a fork's commits in the repository that they are proposed to.
const lateness = time.Second

// anonymousPerHour is how many requests github.com takes from an address that names nobody:
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
const anonymousPerHour = 60

// setProfile fills in what the options leave open and the profile knows.
func (o *Options) setProfile() {
	if o.Profile == "" {
		o.Profile = Enterprise
	}
	if o.Profile != GitHubCom {
		return
	}
	if o.Limits == (Limits{}) {
		o.Limits.PerHour = GitHubLimits(0, 0).PerHour
	}
	if o.LateCommits == 0 {
		o.LateCommits = lateness
	}
}

// version tells which release of the Enterprise Server it is: https://docs.github.com/en/enterprise-server@3.17/rest/meta
func (p Profile) version(h http.Header) {
	if p == Enterprise {
		h.Set("X-GitHub-Enterprise-Version", enterpriseVersion)
	}
}

const enterpriseVersion = "3.17.0"

// unknown says whether a repository doesn't know a commit: none of its own, or the head of a pull request from a fork that
// is still on its way to it (Options.LateCommits). Checks and statuses are then refused for a moment, as is seen at
// https://github.com/rust-lang/rust/issues/84906.
func (s *Server) unknown(r *repo, sha string) bool {
	if r.git.commit(sha) == nil || s.opts.LateCommits <= 0 {
		return r.git.commit(sha) == nil
	}
	for _, i := range r.order {
		p := i.pr
		if p != nil && p.headSHA == sha && p.headRepo != r && !p.merged && s.now().Before(p.headAt.Add(s.opts.LateCommits)) {
			return true
		}
	}
	return false
}
