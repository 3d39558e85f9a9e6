package effect

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestFit: what is too long is cut at a line, by GitHub's measure, and says so.
func TestFit(t *testing.T) {
	const limit = 1000
	row := "| 船 | `船 @all` |\n"
	for name, tt := range map[string]struct {
		fit        func(string, int) string
		text       string
		is, has, n string // all of it; a part; the line at the cut says so
	}{
		"short":                      {FitBytes, "船\n", "船\n", "", ""},
		"exactly so long, in bytes":  {FitBytes, strings.Repeat("x", limit), strings.Repeat("x", limit), "", ""},
		"so long in characters":      {FitCharacters, strings.Repeat("船", limit), strings.Repeat("船", limit), "", ""},
		"lines, in bytes":            {FitBytes, strings.Repeat(row, 200), "", row + "\n**This", "1000 bytes of it. 162 lines are"},
		"lines, in characters":       {FitCharacters, strings.Repeat(row, 200), "", row + "\n**This", "1000 characters of it. 153 lines are"},
		"the last line alone":        {FitBytes, strings.Repeat("x", 700) + "\n" + strings.Repeat("y", 500), "", "x\n\n**This", "1 line is"},
		"a code block":               {FitBytes, "````go\n```\n" + strings.Repeat("船\n", 999), "", "船\n````\n\n**This", "lines are"},
		"a code block that is ended": {FitBytes, "```\nx\n```\n" + strings.Repeat("船\n", 999), "", "船\n\n**This", "lines are"},
		"details":                    {FitBytes, "<details><summary>x</summary>\n\n" + strings.Repeat("船\n", 999), "", "船\n\n</details>\n\n**This", "lines are"},
		"one long line":              {FitBytes, "first\n" + strings.Repeat("船 @all ", 999), "", "first\n`船 @all 船", "1 line is"},
		"a line of backticks":        {FitBytes, strings.Repeat("`x", 999), "", "`` `x`x", "1 line is"},
		"no text":                    {FitBytes, strings.Repeat("\xffx", 999), "", "`\ufffdx", "1 line is"},
	} {
		got := tt.fit(tt.text, limit)
		size := len(got)
		if tt.fit(strings.Repeat("船", limit), limit) == strings.Repeat("船", limit) {
			size = utf8.RuneCountInString(got)
		}
		if tt.is != "" && got != tt.is || !strings.Contains(got, tt.has) || !strings.Contains(got, tt.n) || size > limit || !utf8.ValidString(got) {
			t.Errorf("%s: %d\n%s", name, size, got)
		}
	}
}
