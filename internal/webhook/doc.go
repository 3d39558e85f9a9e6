// Package webhook is the door that GitHub's deliveries come in by, and the only
// githubapp.EventHandler of the program (go-githubapp keeps one handler for a
// kind of event and drops the others without a word).
//
// A request goes through three rooms. The gate (verify.go) believes nothing: it
// caps, bounds the memory of all bodies together (memory.go), checks the
// signature and turns away what is malformed. go-githubapp's
// dispatcher then picks the handler by the kind of event. The Handler
// (handler.go) turns the payload into an Event (event.go), asks the capabilities
// which keys it may have changed, adds what the machinery itself wants to know
// (delivery.go) and hands everything to the Taker, which stores it in one
// transaction. Only then is GitHub answered 2xx; nothing is worked on here.
//
// Statuses: 405 and 413 and 400 for requests that GitHub doesn't make, 403 for
// a signature that is missing or wrong, 408 for a body that doesn't arrive, 202 for a kind of event that nobody
// wants, 500 when the Taker failed and 503 when there was no room for the body:
// GitHub is to keep both deliveries as failed.
package webhook
