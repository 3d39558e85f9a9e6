// Package ghclient is the only place that talks to GitHub. Its reads return the
// nouns of package github; its Apply carries out the effects of package effect.
//
// Under both lies one client an installation: go-githubapp's, with httpcache
// over a bounded store. Every read revalidates, which GitHub doesn't count when
// nothing changed; identical concurrent reads are one; writes are paced. What
// GitHub answers is turned into the three kinds of error that the engine knows:
// reconcile.Later (a limit), reconcile.ErrGone (no longer ours to reach), and
// everything else, which is tried again.
package ghclient
