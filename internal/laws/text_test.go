package laws

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// secrets are the shapes of what must never be in the tree. Tests make the keys
// and tokens they need; a prefix alone is no secret.
var secrets = map[string]*regexp.Regexp{
	"a private key":          regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`),
	"a GitHub token":         regexp.MustCompile(`\bgh[pousr]_[A-Za-z0-9]{12,}`),
	"a fine-grained token":   regexp.MustCompile(`\bgithub_pat_[A-Za-z0-9_]{12,}`),
	"a JSON web token":       regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}`),
	"a Slack token":          regexp.MustCompile(`\bxox[a-z]-[0-9A-Za-z-]{10,}`),
	"a cloud provider's key": regexp.MustCompile(`\bAKIA[0-9A-Z]{16}\b`),
}

// settingsSecret finds a secret's value in a settings file, an environment or a
// payload. Go sources are left out: there the value would be an expression.
var settingsSecret = regexp.MustCompile(`(?i)\b(?:webhook_secret|previous_secret|client_secret|private_key|seal_secret|"secret")"?\s*[:=][ \t]*"?([^\s"#,}]{6,})`)

// placeholder is a value that says it is none.
var placeholder = regexp.MustCompile("^[`\\\\]?(?:\\*+|\\$|<|\\.\\.\\.|[A-Z_-]+$)")

func TestNoSecrets(t *testing.T) {
	files(t, func(name, text string) {
		for what, shape := range secrets {
			if at := shape.FindStringIndex(text); at != nil {
				t.Errorf("%s:%d holds what looks like %s", name, line(text, at[0]), what)
			}
		}
		if strings.HasSuffix(name, ".go") {
			return
		}
		for _, at := range settingsSecret.FindAllStringSubmatchIndex(text, -1) {
			if !placeholder.MatchString(text[at[2]:at[3]]) {
				t.Errorf("%s:%d holds the value of a secret", name, line(text, at[0]))
			}
		}
	})
}

func line(text string, offset int) int { return strings.Count(text[:offset], "\n") + 1 }

// The tree is about the project alone: it names no host that packages come from
// (that is each machine's own affair) and no directory of one machine.
var (
	registryHost = regexp.MustCompile(`(?i)\b(?:proxy\.golang\.org|sum\.golang\.org|index\.golang\.org|registry\.npmjs\.(?:org|com)|registry\.yarnpkg\.com|pypi\.org|deb\.debian\.org|archive\.ubuntu\.com|artifac[t]ory|goproxy\s*=|npm_confi[g]_registry|--registry[ =])`)
	machinePath  = regexp.MustCompile("(?m)(?:^|[\\s\"'`=:(,<>])/(?:work|root|home|Users)/[A-Za-z0-9._]")
)

func TestNothingOfOneMachine(t *testing.T) {
	files(t, func(name, text string) {
		if at := registryHost.FindStringIndex(text); at != nil {
			t.Errorf("%s:%d names a registry: %s", name, line(text, at[0]), text[at[0]:at[1]])
		}
		if at := machinePath.FindStringIndex(text); at != nil {
			t.Errorf("%s:%d names a directory of one machine: %s", name, line(text, at[0]), strings.TrimSpace(text[at[0]:at[1]]))
		}
	})
}

// ownPath is a path of this tree in backticks.
var ownPath = regexp.MustCompile("`((?:cmd|config|deploy|docs|handlers|internal|\\.ci)/[A-Za-z0-9._/-]*)`")

// TestPathsInTextsExist keeps the documents from pointing at what was renamed.
func TestPathsInTextsExist(t *testing.T) {
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
		return err == nil
	}
	files(t, func(name, text string) {
		if !strings.HasSuffix(name, ".md") || strings.Contains(name, "testdata/") {
			return
		}
		for _, m := range ownPath.FindAllStringSubmatchIndex(text, -1) {
			if path := text[m[2]:m[3]]; !exists(path) {
				t.Errorf("%s:%d: there is no %s", name, line(text, m[0]), path)
			}
		}
	})
}
