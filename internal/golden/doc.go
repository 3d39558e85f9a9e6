// Package golden compares texts that people read with files under testdata, so
// that a change of wording is seen in review. Run a test with -update to write
// them anew.
package golden
