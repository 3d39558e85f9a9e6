// Package ghclient is the only place that talks to GitHub. Its reads return the
// nouns of package github; its Apply carries out the effects of package effect.
//
// Under both lies one client an installation: go-githubapp's, with httpcache
// over a bounded store. Every read revalidates, which GitHub doesn't count when
// nothing changed; identical concurrent reads are one; writes are paced. What
// GitHub answers is turned into the kinds of error that the engine knows:
// reconcile.RetryAfterError (a limit), reconcile.ErrGone (no longer ours to reach),
// reconcile.RefusedError (people have to mend something), reconcile.PassingError (perhaps
// refused for a moment only), and everything else, which is tried again.
//
// What it does with requests:
//
//   - Reads go through httpcache over an LRU of 24 MB an installation. Every
//     read is revalidated, which GitHub doesn't count when nothing has changed.
//     Authorization is taken out of Vary, so that a rotated token revalidates
//     as far as the server's ETags allow it (github.com's depend on the token,
//     so each hour's first reads count); that is safe because installations
//     share no HTTP cache. Identical concurrent reads are one request.
//   - Policies are remembered in the database and forgotten in the very
//     transaction that stores a push which may touch them. They are read from
//     default branches only: a pull request can't change the policy that judges
//     it. What a policy refers to is believed for 5 minutes, because a push
//     there doesn't say who refers to it; the pull requests concerned are
//     looked at with their next event or the hourly resync.
//   - Our issues and check runs are remembered too, and our own writes change
//     what is remembered, so that a look after them costs no request. An event
//     about an issue of ours makes us forget, unless we did it ourselves. A
//     check run is nobody else's to change; what we wrote last is compared
//     without asking (memory.go has the argument).
//   - All that is remembered is described by name in remember.go, by age and by
//     what makes it stale, and read through that one mechanism: the cache, else
//     GitHub, and kept unless an event forgot something meanwhile. What git
//     says of sources is kept by the same rule (internal/picker/prove.go).
//   - Writes are paced for each installation (80 a minute, 500 an hour, a
//     second apart; settings pacing.*). A write waits for its slot in place
//     when that is short, else as a waiting job, so one installation's limit
//     doesn't delay another's work. Three lanes share the slots of an hour:
//     what somebody asked for, what follows from it (checks, issues), and
//     refusals, which have their own key and at most ten an hour for each
//     person, so that nobody can talk the checks out of their slots. At the
//     defaults the checks have 375 writes an hour: 93 at once, 282 an hour
//     after that. A freeze over 300 pull requests has reached each after three
//     quarters of an hour, one over 1,000 after three hours, those most
//     recently active first. Where a GitHub Enterprise Server has other limits,
//     pacing.* says so; where Tide merges, merge_blocker stops it at once.
//   - A limit that GitHub imposes holds for the installation that met it: nothing is sent
//     until it ends, or no write if it is on creating content. It is known by its
//     status, headers or words; go-github, which would wait by rules of its own, doesn't
//     learn of it (limits.go). It outlives a restart in the cache, as each key's wait does in
//     the queue.
//   - A fault of GitHub's own that comes with another status gets its true one before
//     anything else sees it (disguise.go).
//   - A run that is for one repository reaches another only where package facts has found
//     that it may (reconcile.CheckReach): each request, each token for git and all that is
//     remembered asks. Policies and who may see a repository are read before that, since
//     the right rests on them.
//   - Tokens are the installation's, kept in memory. One that GitHub refuses is
//     replaced once. What they need is Permissions; app.yml is held to it.
package ghclient
