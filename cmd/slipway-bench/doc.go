// Command slipway-bench measures the program named by its first argument and
// prints a table. `make bench` runs it.
package main
