// Package storetest starts databases for tests and measurements: a PostgreSQL
// server of one's own, found among the installed programs, without a password,
// in a temporary directory, gone with the process that started it, however that
// process ends. A test's database has its tables: it is a copy of one that was
// made as a start of the program makes it.
package storetest
