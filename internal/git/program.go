package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// Program is the git program of this machine.
type Program struct {
	path   string
	env    []string
	bounds bounds
	large  chan struct{} // holds one: whose turn it is to have a large change in memory
}

// The oldest git that merges without a work tree.
const wantMajor, wantMinor = 2, 38

// passed are the variables of our own environment that git gets too: how to
// reach the network, and whom to trust there. Nothing else is passed; what
// somebody exported in a shell must not change what a pick comes to.
var passed = []string{
	"PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
}

// fixed is git's environment. A repository's own configuration is not looked at
// either, see workshop; these keep the system's and the user's away.
var fixed = []string{
	"LC_ALL=C",
	"TZ=UTC",
	"HOME=/nonexistent",
	"XDG_CONFIG_HOME=/nonexistent",
	"GIT_CONFIG_NOSYSTEM=1",
	"GIT_CONFIG_GLOBAL=" + os.DevNull,
	"GIT_ATTR_NOSYSTEM=1",
	"GIT_NO_REPLACE_OBJECTS=1",
	"GIT_LITERAL_PATHSPECS=1",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_ASKPASS=",
	"SSH_ASKPASS=",
	"GIT_PAGER=cat",
	"GIT_OPTIONAL_LOCKS=0",
	"GIT_PROTOCOL_FROM_USER=0",
	"GIT_ADVICE=0",
}

// settings hold for every run, above those of any file.
var settings = [][2]string{
	{"core.hooksPath", os.DevNull},
	{"core.warnAmbiguousRefs", "false"},
	{"core.attributesFile", os.DevNull},
	{"core.excludesFile", os.DevNull},
	{"core.bigFileThreshold", strconv.Itoa(largeFile)},
	{"core.fsync", "none"}, // a cache that a power cut breaks comes again
	{"credential.helper", ""},
	{"gc.auto", "0"},
	{"maintenance.auto", "false"},
	{"protocol.version", "2"},
	{"diff.renames", "true"},
	{"merge.conflictStyle", "merge"},
	{"diff.ini.xfuncname", "^[ \t]*(\\[.*)$"}, // git has no driver for it
}

// Find looks for git on PATH and asks for its version. The error names what is
// wanted when it is missing or too old.
func Find(ctx context.Context) (*Program, error) {
	path, err := exec.LookPath("git")
	if err != nil {
		return nil, fmt.Errorf("git %d.%d or later is needed: %w", wantMajor, wantMinor, err)
	}
	p := &Program{path: path, env: append([]string(nil), fixed...), bounds: usual, large: make(chan struct{}, 1)}
	for _, name := range passed {
		if v, ok := os.LookupEnv(name); ok {
			p.env = append(p.env, name+"="+v)
		}
	}
	out, err := p.run(ctx, call{args: []string{"version"}})
	if err != nil {
		return nil, err
	}
	if major, minor := versionOf(string(out)); major < wantMajor || major == wantMajor && minor < wantMinor {
		return nil, fmt.Errorf("git %d.%d or later is needed, %s says %q", wantMajor, wantMinor, path, strings.TrimSpace(string(out)))
	}
	return p, nil
}

var versionText = lazy.Regexp(`^git version (\d+)\.(\d+)`)

// versionOf is 0, 0 for what isn't a version.
func versionOf(text string) (major, minor int) {
	if m := versionText().FindStringSubmatch(text); m != nil {
		major, _ = strconv.Atoi(m[1])
		minor, _ = strconv.Atoi(m[2])
	}
	return major, minor
}

// Error is a run of git that ended with another status than was hoped for. Its
// text holds no secret and is short; it is git's own, so it isn't Markdown.
type Error struct {
	Command string // the subcommand: "merge-tree"
	Code    int    // the exit status; -1 when a signal ended it
	Stderr  string // the end of what git said
}

// Error says which command failed and what git said last.
func (e *Error) Error() string {
	if e.Stderr == "" {
		return fmt.Sprintf("git %s ended with status %d", e.Command, e.Code)
	}
	return fmt.Sprintf("git %s: %s", e.Command, strings.ReplaceAll(e.Stderr, "\n", "; "))
}

// codeOf is the exit status behind an error, or -1.
func codeOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return -1
}

// call is one run of git.
type call struct {
	dir     string // the git directory; empty: none is needed
	objects string // where new objects go, and are looked for first; empty: the directory's own
	in      []byte
	args    []string
	access  *Access // the network; nil: none at all
}

const (
	maxOutput = 128 << 20       // bytes; more than any list that we ask for
	maxObject = 32 << 20        // bytes; more than any file or directory that we read
	dieWithin = 2 * time.Second // after being killed
)

// errTooMuch ends a run whose output can't be of use any more.
var errTooMuch error = &TooLargeError{"more than 128 MB of what git writes"}

// run runs git to its end and returns what it wrote. It is killed with all its
// children when ctx is done, and the error then is the context's.
func (p *Program) run(ctx context.Context, c call) ([]byte, error) {
	cmd := p.command(ctx, c)
	var out bytes.Buffer
	said := &tail{}
	cmd.Stdout, cmd.Stderr = &limited{w: &out, left: maxOutput}, said
	if c.in != nil {
		cmd.Stdin = bytes.NewReader(c.in)
	}
	if err := cmd.Run(); err != nil {
		return out.Bytes(), p.failed(ctx, c, err, said)
	}
	return out.Bytes(), nil
}

// command is git with its environment, in a process group of its own.
func (p *Program) command(ctx context.Context, c call) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.path, c.args...)
	cmd.Dir = os.TempDir() // never where a .git might be found
	if c.dir != "" {
		cmd.Dir = c.dir
	}
	cmd.Env = p.environ(c)
	ownGroup(cmd)
	cmd.WaitDelay = dieWithin
	return cmd
}

func (p *Program) environ(c call) []string {
	env := append([]string(nil), p.env...)
	if c.dir != "" {
		env = append(env, "GIT_DIR="+c.dir)
	}
	if c.objects != "" {
		env = append(env, "GIT_OBJECT_DIRECTORY="+c.objects)
	}
	all, protocol := settings, ""
	if c.access != nil {
		all, protocol = slices.Concat(settings, c.access.settings()), c.access.protocol()
	}
	env = append(env, "GIT_ALLOW_PROTOCOL="+protocol, "GIT_CONFIG_COUNT="+strconv.Itoa(len(all)))
	for i, kv := range all {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, kv[0]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, kv[1]))
	}
	return env
}

// failed turns how a run ended into an error that may be shown.
func (p *Program) failed(ctx context.Context, c call, err error, said *tail) error {
	command := c.args[0]
	if command == "-c" {
		command = c.args[2]
	}
	if ctx.Err() != nil {
		return fmt.Errorf("git %s: %w", command, context.Cause(ctx))
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("git %s: %w", command, err)
	}
	return &Error{Command: command, Code: exit.ExitCode(), Stderr: redact(said.String(), c.access)}
}

// limited passes on so many bytes and then fails.
type limited struct {
	w    io.Writer
	left int
}

// Write implements io.Writer.
func (l *limited) Write(b []byte) (int, error) {
	if l.left -= len(b); l.left < 0 {
		return 0, errTooMuch
	}
	return l.w.Write(b)
}
