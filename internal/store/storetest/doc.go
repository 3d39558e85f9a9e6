// Package storetest starts databases for tests and measurements: a PostgreSQL
// server of one's own, found among the installed programs, without a password,
// in a temporary directory, gone with the process that started it, however that
// process ends.
package storetest
