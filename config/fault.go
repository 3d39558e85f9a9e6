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

	// EndLine and EndColumn are of the last character of what is wrong, and 0
	// where only its beginning is known.
	EndLine   int
	EndColumn int
	// Expected is what was wanted in its place, and DidYouMean the known word
	// that was probably meant. Both are in the message too.
	Expected   string
	DidYouMean string
}

// String is the fault as "line 3, column 5: ...".
func (f Fault) String() string {
	return fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, f.Message)
}

// faultAt is a fault that tells no more than its message.
func faultAt(p place, format string, args ...any) Fault {
	return Fault{Line: p.line, Column: p.column, EndLine: p.endLine, EndColumn: p.endColumn, Message: fmt.Sprintf(format, args...)}
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

// maxFaults bounds what a file of nothing but mistakes can make us write. With
// the one that says so they are still few enough for a comment.
const maxFaults = 50

func (fs Faults) sorted() Faults {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	fs = slices.Compact(fs)
	if len(fs) > maxFaults {
		last := fs[maxFaults]
		fs = append(fs[:maxFaults:maxFaults], Fault{Line: last.Line, Column: last.Column, Message: "there are more faults; these come first"})
	}
	return fs
}

// Wrong is an error about a value, in the parts that a fault is made of. What a
// scalar's UnmarshalText and a section's Validate return may be any error; with
// a Wrong the fault also knows what was wanted.
type Wrong struct {
	What       string // `"3 days" is not a duration`
	Want       string // "a duration like 24h or 7d"
	DidYouMean string // a known word, bare
}

// Error implements error.
func (w *Wrong) Error() string {
	text := w.What
	if w.Want != "" {
		text += ": want " + w.Want
	}
	if w.DidYouMean != "" {
		text += fmt.Sprintf("; did you mean %q?", w.DidYouMean)
	}
	return text
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
