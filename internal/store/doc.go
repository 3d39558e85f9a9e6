// Package store is the database: SQLite in one file by default, PostgreSQL
// when several replicas share the work. It keeps what GitHub does not: which
// deliveries were taken, how often each key has changed, comments that ask for
// something, what each key rests on, the ledger of effects that must not be
// repeated, the audit trail and caches. Everything decided stands on GitHub; this
// can be deleted.
//
// There is one code path for both databases. Tx is the seam: statements are
// written once, in PostgreSQL's dialect with "?" for arguments, and the seam
// rewrites the few words that differ. Instants are stored as microseconds since
// 1970 in UTC, 0 for "none", so that neither database's idea of time matters.
//
// On SQLite there is one connection and one writer. Update hands its function
// to that writer, which runs everything that waits in one transaction: an
// answered delivery must survive a power cut (synchronous=FULL), and one sync
// of the disk can serve many callers. Each caller is answered only after the
// commit that holds its work.
//
// Package queue stands on this one and adds River, whose tables live in the
// same database so that a delivery and its jobs are one transaction.
package store
