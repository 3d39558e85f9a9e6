// Package queue is the work: keys go in durably, each is worked by one worker
// at a time, and no event about it is lost. It wraps River, whose tables live in
// the store's database, and adds what River leaves open.
//
// # A key's events
//
// River refuses a second job for a key while one waits or runs (unique by
// arguments), which is what turns many events into one run; but an event that
// comes while the key is being worked would be refused with it. So each event
// also counts up subject(key).generation. The worker reads the generation
// before it looks at anything; the transaction that ends its run locks the
// subject and reads it again. Changed means: run again, at once.
//
// # A job's row is run once
//
// The end of a run and what follows from it (the next run, a retry, the keys
// that come after, the wake-up, the audit row) is one transaction. It completes
// the job's row for good; whatever is to be worked again gets a new row. River
// is told nothing that it could get wrong later: when the worker returns, its
// row is final already. This makes a crash simple. The rows that a dead process
// left running are struck out and replaced; if that process was only slow, its
// own ending transaction finds the row struck out and comes to nothing.
//
// Failures are therefore counted in subject, not in River's attempts: retried
// with growing pauses, then parked, where a person sees them, until an event or
// a person starts the key afresh.
//
// # Why no interleaving loses an event
//
// There are three parties: T takes an event (bump the generation, then insert
// the job), F fetches a job (River, one statement, FOR UPDATE SKIP LOCKED) and
// W works it (read generation g; work; in one transaction lock the subject,
// compare with g, complete the row, insert what follows). SQLite runs one
// transaction at a time, so T and W's end are simply in some order. PostgreSQL
// runs them READ COMMITTED: a statement sees what was committed before it
// began, and waits for row locks.
//
//   - T before W's read: T's change is part of g, and what GitHub shows by then
//     is newer than the event.
//   - T commits between W's read and W's end: W's end reads another generation
//     and inserts the next run.
//   - T has bumped but not committed when W's end wants the lock: W's end waits
//     for T (the subject row is locked by T's bump), then reads the new
//     generation. T meanwhile saw the twin running and rightly did nothing.
//   - W's end has the lock when T wants to bump: T waits. Its insert runs after
//     W's commit, as a statement of its own, and sees the row completed: it
//     inserts a new job, or meets the one that W's end inserted.
//   - T meets a twin that waits (a retry): the conflict locks the twin's row, T
//     pulls it forward in the same transaction. While it waits for a rate limit
//     it is left alone; its run will read a generation that includes T.
//   - T meets a twin that is available: T holds the lock on the twin's row until
//     it commits, and F skips locked rows. So F comes after T's commit, and W's
//     read after F. Had F come first, T would have seen the twin running.
//   - River's scheduler makes waiting rows available; it changes no count and
//     inserts nothing.
//   - A rescue of a dead process's job locks the subject, strikes the row out
//     and inserts a new one; towards T it behaves like W's end.
//
// Locks are taken in one order: subjects sorted by key, in few statements, then
// job rows.
//
// # The order of work
//
// Keys that were named together get their jobs in the order in which they were
// named, and River fetches by time, then by id: so a list that begins with what
// is urgent is worked from its beginning. A job that waits for a paced write is
// scheduled at its slot, and slots are given out in the order of the runs.
//
// Job rows may be taken in any order because the subjects come first: whoever
// inserts the jobs of two keys holds both subjects (for an ask, the order of
// its repository) until it commits, so two transactions with a job in common
// never get to their job rows at once. A rescue holds one subject and inserts
// one job, so the one transaction that it may have to wait for there has all
// the subjects that it wants. Wake-ups have no subject: many are inserted only
// by themselves, sorted. What River locks in its own order may still deadlock
// with us; the store repeats the transaction.
//
// # Asks
//
// Comments with commands (reconcile.Ask) are worked in the order in which they
// were written, per repository. Only the head of that order has a job; the
// transaction that finishes or parks it enqueues the next. The order's own
// subject row is the lock that makes "is there a next one" and "is there one
// before me" safe against each other.
//
// # Wake-ups
//
// A wake-up at an instant is a job of its own kind that only enqueues keys.
// Were it the reconcile job itself, scheduled, it would be the twin that
// swallows every event until then.
package queue
