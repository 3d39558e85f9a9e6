package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong in a file, and where. Its message may quote
// the file, cut short: whoever shows it in Markdown makes it inert first.
type Fault struct {
	Line    int // from 1
	Column  int // from 1
	Message string
}

// String is the fault as "line 3, column 5: ...".
func (f Fault) String() string {
	return fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, f.Message)
}

// Faults is every fault of one file, in the order of the file.
type Faults []Fault

// Error implements error, on one line.
func (fs Faults) Error() string {
	texts := make([]string, len(fs))
	for i, f := range fs {
		texts[i] = f.String()
	}
	return strings.Join(texts, "; ")
}

// maxFaults bounds what a file of nothing but mistakes can make us write.
const maxFaults = 50

func (fs Faults) sorted() Faults {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	fs = slices.Compact(fs)
	if len(fs) > maxFaults {
		last := fs[maxFaults]
		fs = append(fs[:maxFaults:maxFaults], Fault{last.Line, last.Column, "there are more faults; these come first"})
	}
	return fs
}

// fieldError is an error about one field of a section.
type fieldError struct {
	path string
	err  error
}

func (e *fieldError) Error() string { return e.path + ": " + e.err.Error() }
func (e *fieldError) Unwrap() error { return e.err }

// At says which field of a section an error is about, so that the fault gets
// that field's line: At("windows[0].end", errors.New("is before its start")).
// A Validate with several of them returns errors.Join of all.
func At(path string, err error) error { return &fieldError{path, err} }

// leafErrors takes apart what a Validate returned.
func leafErrors(err error) []error {
	if err == nil {
		return nil
	}
	if _, ok := err.(*fieldError); ok {
		return []error{err}
	}
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, leafErrors(e)...)
	}
	return all
}
