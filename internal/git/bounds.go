package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
)

// bounds are the largest change that is compared. A hundred kilobytes on the wire
// may be forty million lines: what is beyond is told so, and not read.
type bounds struct{ files, lines, bytes int }

// usual are many times what a release branch has ever taken in at once.
var usual = bounds{files: 20_000, lines: 300_000, bytes: 16 << 20}

// largeFile is from how many bytes on git doesn't compare the lines of a file, and takes
// it as it takes a binary one: it needs some thirty times a file of short lines in memory.
const largeFile = 4 << 20

// largeChange is from how many bytes of its patch on a change is compared
// while no other such is.
const largeChange = 1 << 20

// TooLargeError says of a change that it isn't compared, because it is too large.
type TooLargeError struct {
	What string // what there is too much of, as a phrase for people: "more than 300,000 lines"
}

// Error says it as a sentence.
func (e *TooLargeError) Error() string { return "too large to be compared: " + e.What }

// largeText is the error for a change of a text that git took for a binary file because of
// its size: whoever judges by lines would find none in it. One that is deleted has none.
func (r *Repository) largeText(ctx context.Context, c change) error {
	const looked = 8000 // bytes, as git does
	var ids []string
	for _, f := range c.files {
		for _, e := range []entry{f.old, f.new} {
			if f.binary && f.new.id != "" && fileID(e) != "" {
				ids = append(ids, e.id)
			}
		}
	}
	if err := r.prefetch(ctx, ids); err != nil {
		return err
	}
	for _, id := range ids {
		about, err := r.objects.stat(ctx, id)
		if err != nil || about.size <= largeFile {
			if err != nil {
				return err
			}
			continue
		}
		begin, err := r.objects.begin(ctx, id, looked)
		if err != nil {
			return err
		}
		if bytes.IndexByte(begin.body, 0) < 0 {
			return &TooLargeError{fmt.Sprintf("a text file of more than %d MB", largeFile>>20)}
		}
	}
	return nil
}

func isTooLarge(err error) bool {
	var large *TooLargeError
	return errors.As(err, &large)
}

// over says which bound is passed; nil for none.
func (b bounds) over(files, lines, bytes int) error {
	switch {
	case files > b.files:
		return &TooLargeError{fmt.Sprintf("more than %s files", thousands(b.files))}
	case lines > b.lines:
		return &TooLargeError{fmt.Sprintf("more than %s lines", thousands(b.lines))}
	case bytes > b.bytes:
		return &TooLargeError{fmt.Sprintf("more than %d MB of lines", b.bytes>>20)}
	}
	return nil
}

// thousands writes a number as people read it: 300,000.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// readPatch reads what git diff-tree answers to a question, which it repeats
// first. Of trees that it can't read it says nothing. It stops at the bounds, within a
// line too, and calls large once if the patch is a large one.
func (b bounds) readPatch(out *bufio.Reader, question string, large func() error) (string, error) {
	var text strings.Builder
	files, lines, begun, fresh, told := 0, 0, false, true, false // fresh: at a line's start
	for {
		part, err := out.ReadSlice('\n')
		switch {
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return "", err
		case begun && fresh && string(part) == endOfPatch:
			return text.String(), nil
		case !begun && string(part) != question:
			return "", fmt.Errorf("git diff-tree answers %.80q", part)
		case begun:
			text.Write(part)
		}
		if begun && err == nil {
			lines++
		}
		if begun && fresh && files == lines-1 && part[0] == ':' { // they come first
			files++
		}
		begun, fresh = true, err == nil
		if err := b.over(files, lines, text.Len()); err != nil {
			return "", err
		}
		if text.Len() > largeChange && !told {
			told = true
			if err := large(); err != nil {
				return "", err
			}
		}
	}
}

// takeLarge waits until no other use of git has a large change in memory. It holds
// for the rest of the repository's use.
func (r *Repository) takeLarge(ctx context.Context) error {
	if r.large.Load() {
		return nil
	}
	select {
	case r.program.large <- struct{}{}:
		r.large.Store(true)
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// freeLarge lets the next have its turn.
func (r *Repository) freeLarge() {
	if r.large.CompareAndSwap(true, false) {
		<-r.program.large
	}
}
