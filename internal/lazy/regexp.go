package lazy

import (
	"regexp"
	"sync/atomic"
)

// Regexp is regexp.MustCompile, put off until the expression is first asked for.
// A faulty one panics then, and in TestRegexpsCompile of internal/laws before.
func Regexp(expression string) func() *regexp.Regexp {
	l := &lazily{expression: expression}
	return l.get
}

// lazily costs a start less than sync.OnceValue does. Two that ask at once may both compile it.
type lazily struct {
	expression string
	made       atomic.Pointer[regexp.Regexp]
}

func (l *lazily) get() *regexp.Regexp {
	if l.made.Load() == nil {
		l.made.CompareAndSwap(nil, regexp.MustCompile(l.expression))
	}
	return l.made.Load()
}
