package lazy

import (
	"regexp"
	"sync"
)

// Regexp is regexp.MustCompile, put off until the expression is first asked for.
// A faulty one panics then, and in TestRegexpsCompile of internal/laws before.
func Regexp(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
