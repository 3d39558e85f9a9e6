package provenance

import (
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

var (
	// version is a release as titles name it: "release-1.27", "1.27", "v1.27.3".
	version = `(?:release[-/ ])?v?\d+\.\d+(?:\.\d+)?(?:\.x)?`

	titlePrefixes = lazy.Regexp(`(?i)^(?:` +
		`[\[({]` + version + `[\])}]\s*:?|` + // [release-1.27]
		version + `\s*:|` + // release-1.27:
		`(?:this is an?\s+)?(?:(?:manual(?:ly)?|automated|auto)\s+)*cherry[ -]?pick(?:s|ed|ing)?(?:\s+(?:of|from|for|pr|issue))*(?:\s*:|\s+#\d+(?:\s*[:,-])?|\s+\d+\b\.?)|` +
		`(?:(?:manual(?:ly)?|automated)\s+)cherry[ -]?pick(?:ed)?\b(?:\s+(?:of|from)\b)?|` +
		`cherry[ -]?pick(?:ed)?\s+(?:of|from)\b|` +
		`[\[(](?:(?:manual|automated)\s+)?(?:cherry[ -]?pick|backport)(?:ed)?[\])]|` +
		`backport(?:\s+of)?(?:\s*:|\s+#\d+(?:\s*[:,-])?)|` +
		`[-:,]` +
		`)\s*`)

	titleSuffixes = lazy.Regexp(`(?i)\s*(?:` +
		`\(#\d+\)|` + // the squash's own number, or the source's
		`[\[({]` + version + `[\])}]|` +
		`(?:-\s*|\b(?:for|to|on|onto|in|into)\s+)(?:release[-/ ])v?\d+\.\d+|` +
		`\((?:manual\s+)?(?:cherry[ -]?pick|backport)[^()]*\)` +
		`)\s*$`)
)

// Title is a title as it can be compared: in small letters, without the release
// branch, the numbers and the "Manual cherrypick of" that people put around
// their original's. It is empty when nothing else is there.
func Title(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if len(s) > maxTitle {
		return "" // nobody's title; and no time is spent on it
	}
	for before := ""; s != before; {
		before = s
		s = titlePrefixes().ReplaceAllString(s, "")
		s = titleSuffixes().ReplaceAllString(s, "")
	}
	return strings.ToLower(strings.Trim(s, " .…"))
}

// maxTitle is more than GitHub allows for a title, in bytes.
const maxTitle = 1100

var ownNumber = lazy.Regexp(`^(.*\S)\s*\(#(\d{1,9})\)\s*$`)

// Squash reads the message of a squash or merge commit as text about a change.
// own is the number of the pull request that the commit is itself; 0 if its
// subject names none.
func Squash(message string) (t Text, own int) {
	subject, body := cutSubject(message)
	if m := mergeSubject().FindStringSubmatch(subject); m != nil {
		t.HeadBranch = m[2]
		t.Title, body = cutSubject(body)
		t.Messages = []string{body}
		return t, number(m[1])
	}
	t.Title, t.Messages = subject, []string{body}
	if m := ownNumber().FindStringSubmatch(subject); m != nil {
		t.Title, own = m[1], number(m[2])
	}
	return t, own
}

var mergeSubject = lazy.Regexp(`^Merge pull request #(\d{1,9}) from [^/\s]+/(\S+)$`)

// cutSubject parts a message's first paragraph, on one line, from the rest.
func cutSubject(message string) (subject, body string) {
	message = strings.TrimLeft(strings.ReplaceAll(message, "\r\n", "\n"), "\n")
	subject, body, _ = strings.Cut(message, "\n\n")
	return strings.Join(strings.Fields(strings.ToValidUTF8(subject, "?")), " "), strings.TrimLeft(body, "\n")
}
