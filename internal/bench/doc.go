// Package bench measures the real program from outside: it starts `slipway
// serve` as processes of their own against a stand-in for GitHub, sends them
// signed webhooks, kills them, and counts what came of it.
//
//	fleet.go       serve processes: start, wait until ready, kill, memory
//	world.go       the stand-in's organisation, and signed deliveries to it
//	throughput.go  deliveries a second, latencies, memory, requests
//	crash.go       kill -9 under load, and what must be so afterwards
//
// It is no test: cmd/slipway-bench prints its table. The crash run is also a
// test of cmd/slipway, with fewer rounds, because what it checks isn't time.
package bench
