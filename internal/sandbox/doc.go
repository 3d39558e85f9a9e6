// Package sandbox is a stateful stand-in for GitHub: a real HTTP server over real bare git repositories. The tests, the
// benchmark and `slipway demo` run the bot against it, and nothing in the bot can tell that it is not GitHub.
//
// # A world in a few lines
//
//	s, err := sandbox.New(sandbox.Options{Dir: dir})
//	defer s.Close()
//	s.CreateOrg("istio")
//	s.CreateUser("alice")
//	s.CreateRepo("istio", "istio", sandbox.RepoOptions{Files: map[string]string{"README.md": "hi\n"}})
//	s.CreateBranch("istio/istio", "release-1.30", "master")
//	s.CreateTeam("istio", "release-managers", "alice")
//	s.AddCollaborator("istio/istio", "alice", "write")
//	id, err := s.Install("istio", sandbox.InstallOptions{}) // every repository, every permission
//	s.SetHook("http://127.0.0.1:8080/api/github/hook", s.App().WebhookSecret)
//
//	pr, err := s.As("alice").OpenPR("istio/istio", sandbox.PROptions{Base: "release-1.30", Title: "Fix", Files: ...})
//	s.As("alice").Comment("istio/istio", pr.Number, "/release freeze release-1.30")
//	s.WaitDeliveries(ctx)
//	run, ok := s.CheckRun("istio/istio", pr.HeadSHA, "slipway/freeze")
//
// The App connects as to GitHub Enterprise Server: the API is at URL()+"/api/v3/", the site and git at URL(). App() has
// its id, key and secret. A person's credential, for curl and for git, is the token "user:LOGIN".
//
// # How it is made
//
// All state is in memory under one lock (server.go, state.go); git objects are written by this package in git's own
// format (gitobject.go) and refs listed (githttprefs.go), while merges, diffs and transport are git's. Every endpoint is a line of one table (routes.go)
// that names its permission; every change of state is one function (act_*.go) that API handlers and [Person] share and
// that emits the webhooks GitHub would emit (webhooks.go, payloads.go). Faults (faults.go) sit in front of the API. What
// only GraphQL can tell or do is at URL()+"/api/graphql" (graphql.go), in types and fields that are named one by one.
//
// # What it copies deliberately
//
// Issues lists hold pull requests; lists of pull requests lack `mergeable`; `mergeable` may be null at first
// (Options.SlowMergeable); check runs belong to a SHA and those of a fork's commit name no pull request; labels match
// without regard to case; labels of somebody without push access are dropped silently; a renamed repository redirects; a
// redelivery keeps its GUID; a webhook is tried once; an event keeps the name that its label had; a comment on a line is
// none of the issue's; a text of a check may be too long in bytes alone; above 1 MB the contents API gives no content. An
// installation token may read what is public in repositories that it is not installed in, and write nothing there; within
// its installation every permission is enforced, on public repositories too.
//
// # Which GitHub it is
//
// Options.Profile says which of GitHub's products it is, where they differ (profile.go). A GitHub Enterprise Server, the
// default, has no limits and speaks of none. On github.com every answer tells of the limits, secondary ones come without
// Retry-After, a fork's new commit is late, and what an App commits is signed. What is awkward on a bad day only is asked for by
// a test: faults with GitHub's words ([Refusal], [SilentLimit], [ContentLimit], [ServerError]), rulesets, teams below teams,
// archived repositories and the like (world_odd.go).
//
// # The past of a real repository
//
// RepoOptions.Objects has a repository borrow the objects of a clone, none of them copied; PutRef and AddPast put what was there in its
// place, PROptions.Like proposes a change that was merged elsewhere, and MergeAs merges it as the commit that it became (past.go,
// gitborrow.go). What two branches of a long history differ in costs no walk through that history (gitwalk.go).
//
// # What keeps it honest
//
// It uses the standard library and git alone, and shares no code with the bot. In its own tests and in the bot's
// conversations with it, every answer, and every request that succeeded, is validated against GitHub's official OpenAPI
// document (package openapi). Its webhooks are compared with @octokit/webhooks-examples, all of which the bot's webhook
// handler also takes. On demand it loses, doubles and reorders webhooks, limits, fails and hangs up.
package sandbox
