// Package bench measures the real program from outside: it starts `slipway
// serve` as processes of their own against a stand-in for GitHub, sends them
// signed webhooks, kills them, and counts what came of it.
//
//	run.go         all measurements, as a table
//	fleet.go       serve processes: start, wait until ready, kill, memory
//	clock.go       one clock for several processes
//	world.go       the stand-in's organisation, and signed deliveries to it
//	throughput.go  deliveries a second, latencies, memory, requests
//	edge.go        a freeze that begins over many open pull requests
//	flood.go       memory while what costs most is judged and answered
//	bad.go         how long a manager waits on a bad day of GitHub's, the network's or the disk's
//	turns.go       how long a manager's command waits for a stranger's flood
//	crash.go       kill -9 under load, and what must be so afterwards
//	play.go        whole releases, as data that can be played to a program
//	play_kill.go   playing one to a process that is killed at some of its writes
//	play_state.go  what stands on GitHub afterwards, comparable between runs
//	play_bench.go  all of it: killed at each single write
//
// It also measures the cherry-pick engine, on a large repository that the caller
// has, beside what today's bot does with the same picks:
//
//	pick.go        the table, and merges alone
//	pick_whole.go  whole picks over HTTP: fetch, merge, commit, push
//	pick_old.go    copy of the mirror, checkout, git am -3
//
// And where commits of release branches are said to come from, over the same
// sample:
//
//	provenance.go       verdicts and sources, counted by class; times
//	provenance_http.go  the same from caches that fetch
//	notes.go            checks and renders thousands of release notes
//
// It is no test: cmd/slipway-bench prints its table. The crash run and the plays
// are also tests of cmd/slipway, with fewer kills, because what they check isn't
// time.
package bench
