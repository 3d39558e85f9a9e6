// Package engine works keys: it observes, decides and applies through the
// registry's capabilities, runs the commands that people comment, and heals
// what webhooks lost.
//
//	engine.go          one key: plan, apply, log once
//	answer.go          the commands of one comment: role, run, one reply
//	read.go            the commands of a text, read once even if that kills
//	told.go            answers that change nothing: counted, and out of turn
//	per_repo.go        what one command does in several places
//	non_idempotent.go  effects that must not be repeated, by the ledger
//	reply.go           the text of that reply
//	heal.go            resync of every repository
//	sweep.go           deliveries that failed are asked for again
//
// It owns no queue and no database. Package queue calls Work, decides about
// retries by the kind of error, and stores the Finish.
package engine
