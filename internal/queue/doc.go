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
// a person starts the key afresh. Deaths are counted apart (deaths.go), since no
// event makes a key harmless that ends the process. After as many as there are
// attempts it isn't worked: a run only tells that. That is tried as often as
// anything else, and counts for no death; then the key waits for hours, until its
// one more try. What a comment asks for gets none: the transaction that counts its
// last death ends it, so that its repository's next command waits for nothing.
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
// Locks are taken in one order: facts sorted by id, then subjects sorted by key,
// in few statements, then job rows.
//
// # What a key rests on
//
// A run may judge by facts of other things than its key names: a pull request by
// the labels of its source. An event about the source names the fact, not the
// pull request; who rests on it is remembered (table rest) by the transaction that
// ends the run, and T enqueues whatever rests on its facts. A run that ended with
// an error leaves what the last good one rested on: it is worked again anyway. What
// is gone rests on nothing. A lost database has nothing rest on anything until the
// next look at it, and the resync at the start looks at all.
//
// Facts have generations, as keys do (table fact). There are two parties more: N
// notes a fact's generation before the run reads the fact, in a transaction of its
// own that makes the row where there is none; P prunes facts that nothing rests on.
// T locks the facts' rows, counts, looks who rests on them and bumps those keys
// too. W's end locks them shared (many keys may rest on one fact), compares them
// with what N noted, and writes what the key rests on. Again PostgreSQL's cases,
// for a run of k and an event about f, of which T's look knows nothing if k comes
// to rest on f only by this run:
//
//   - T commits before N: what GitHub shows is newer than the event.
//   - T commits between N and W's end: W's end reads another generation and inserts
//     the next run.
//   - T has counted but not committed when W's end wants f: W's end waits for T,
//     then reads the new generation (a row lock reads the row anew).
//   - W's end has f when T wants it: T waits. Its look who rests on f is a statement
//     of its own, begun after W's commit, and finds k.
//   - T finds no row of f: nobody has noted it, or N hasn't committed, and reads f
//     later than that. Or P has deleted it after N: then W's end finds no row
//     either, or one that was made anew, which has another generation (they are
//     instants), and runs again. Or P deletes it just after W's end let go of it,
//     not seeing yet that k rests on f: so T looks who rests on its facts whether
//     they have rows or not.
//   - T finds that k rests on f since an earlier run: it bumps k, and what was said
//     above of T, F and W holds, whatever this run comes to rest on.
//
// Where more rest on a delivery's facts than it can enqueue while GitHub waits, it
// enqueues the key of a spread instead, which enqueues them in small transactions.
// T has counted by then, so a run that noted f before T runs again by itself, and
// one that comes to rest on f later has read it after the event. If the spread ends
// half way it is worked again, as every key is.
//
// # The order of work
//
// Keys that were named together get their jobs in the order in which they were
// named, and of each repository River fetches by time, then by id: so a list that
// begins with what is urgent is worked from its beginning. A job that waits for a paced write is
// scheduled at its slot, and slots are given out in the order of the runs.
//
// Nobody's many keep another's few from being worked. Jobs stand in lanes, one for each
// class (commands, answers that change nothing, all else) and repository; a lane is a
// queue in River's sense. A fetch goes through the lanes that have something due, who is
// worked least first, and takes of each what its share leaves: of a class there are more
// workers than one repository's share, and one owner's repositories leave one. How much
// of a lane is being worked is read from its rows. So a job that isn't fetched stays as
// it is, a run that ends frees its share with its row, in the same transaction, and what
// a dead process held is nobody's share. All that was said above of F holds: it fetches
// as ever, of one lane after another.
//
// Job rows may be taken in any order because the subjects come first: whoever
// inserts the jobs of two keys holds both subjects (for an ask, the order of
// its repository) until it commits, so two transactions with a job in common
// never get to their job rows at once. A rescue holds one subject and inserts
// one job; of an ask it holds the order, too, and may insert the next one's. So
// the one transaction that it may have to wait for there has all the subjects
// that it wants. Wake-ups have no subject: many are inserted only by themselves,
// sorted. What River locks in its own order may still deadlock with us; the store
// repeats the transaction.
//
// # Asks
//
// Comments with commands (reconcile.PendingCommand) are worked in the order in which they
// were written, per repository. Only the head of that order has a job, beside
// those that ended the process too often, whose jobs only tell it; the transaction that
// finishes, parks or ends the head enqueues the next. What waits of a person who
// has been told often enough (Finish.Spent) comes after everybody else's, in its own
// order: a manager's command waits for no more of a flood than that. The order's own
// subject row is the lock that makes "is there a next one" and "is there one
// before me" safe against each other.
//
// # Wake-ups
//
// A wake-up at an instant is a job of its own kind that only enqueues keys.
// Were it the reconcile job itself, scheduled, it would be the twin that
// swallows every event until then.
package queue
