package laws

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// floor is one line of the house's plan: a package may import those of the
// floors up to reach, and what also names, with the reason.
type floor struct {
	name    string // a package, or a pattern of packages as in path.Match
	level   int
	reach   int
	also    []string
	why     string // the exception's reason
	purpose string
}

// beside is the level of what isn't part of the program: tests, measurements
// and the stand-in use it. Nobody imports it who doesn't say so by also.
const beside = 100

// nothing is the reach of a package that imports no other of the module.
const nothing = -1

// floors is the law, top to bottom. The table in docs/design.md is made of it.
var floors = []floor{
	{name: "cmd/slipway", level: 8, reach: 7, also: []string{"internal/sandbox"}, why: "`slipway demo` and `slipway replay` run against the stand-in",
		purpose: "wiring, one file for each subcommand; the demo, and who plays a replay"},
	{name: "handlers", level: 7, reach: 3, also: []string{"handlers/*", "config", "internal/facts", "internal/gate"}, why: "lists the capabilities with their sections of the policy, and the sources of facts",
		purpose: "the table of contents, a line for each capability; the look-up of roles"},
	{name: "handlers/*", level: 6, reach: 3, also: []string{"config", "internal/facts", "internal/gate"}, why: "settings live beside their handler and are read by `config`; gates stand on the kit",
		purpose: "one capability each, never importing each other"},
	{name: "internal/gate", level: 5, reach: 3, also: []string{"config", "internal/facts"}, why: "a gate judges facts by a policy",
		purpose: "the kit of all checks on pull requests: a gate is its facts and a judgement, all else is derived"},
	{name: "internal/facts", level: 5, reach: 3, also: []string{"config"}, why: "the policy is a fact",
		purpose: "what decisions rest on: how it is read, and which events make it stale"},
	{name: "internal/engine", level: 5, reach: 3, purpose: "plans and applies a key, answers commands, resyncs and sweeps"},
	{name: "internal/webhook", level: 5, reach: 3, purpose: "the door: signature, payload to event, one transaction, status"},
	{name: "internal/queue", level: 5, reach: 3, also: []string{"internal/store"}, why: "a delivery and its jobs are one transaction",
		purpose: "River jobs: each key worked by one worker at a time, no event lost"},
	{name: "internal/store", level: 5, reach: 3, purpose: "SQLite and PostgreSQL: what GitHub doesn't keep"},
	{name: "internal/picker", level: 5, reach: 3, also: []string{"internal/git"}, why: "it is the engine's use for GitHub's repositories",
		purpose: "cherry-picks for GitHub repositories: what a pick comes to, and its push"},
	{name: "internal/calendars", level: 5, reach: 3, also: []string{"config"}, why: "the settings list the addresses",
		purpose: "iCalendar files at addresses that a deployment lists: what is fetched, and what stands meanwhile"},
	{name: "internal/noterange", level: 5, reach: 3, also: []string{"internal/git"}, why: "it reads notes from git repositories",
		purpose: "what the notes of a release are made of, from git: note files and changes of a range"},
	{name: "internal/replay", level: 5, reach: 3, also: []string{"internal/git"}, why: "it reads a clone's history",
		purpose: "the past of a project as events, and the report on what the program said of it"},
	{name: "internal/ghclient", level: 4, reach: 3, purpose: "the only package that talks to GitHub: reads, effects, pacing, cache"},
	{name: "internal/git", level: 4, reach: 1, purpose: "the cherry-pick engine over the git program: merge, prerequisites, bare caches, push"},
	{name: "config", level: 4, reach: 0, purpose: "the settings of a deployment and the policy of a repository"},
	{name: "config/istio", level: 4, reach: nothing, purpose: "Istio's policy as it ships, which the demo and the plays of `internal/bench` are on"},
	{name: "internal/reconcile", level: 3, reach: 2, purpose: "the contract: Key, Handler, Plan, Registry; Applier, Worker, Ledger"},
	{name: "internal/command", level: 2, reach: 1, purpose: "commands as values, and the parser that finds them in Markdown"},
	{name: "internal/notes", level: 2, reach: 1, purpose: "release notes: what may stand in a file, what is wrong with one, and how they are rendered"},
	{name: "internal/effect", level: 1, reach: 0, purpose: "outward changes as data; marks and seals; making text inert"},
	{name: "internal/ical", level: 1, reach: 0, purpose: "iCalendar files: when their events are"},
	{name: "internal/github", level: 0, reach: nothing, also: []string{"internal/release", "internal/lazy"}, why: "a pull request's base is a Branch; expressions are compiled when asked for",
		purpose: "the nouns of GitHub"},
	{name: "internal/provenance", level: 0, reach: nothing, also: []string{"internal/release", "internal/lazy"}, why: "sources have to be on a Branch; expressions are compiled when asked for",
		purpose: "where a change comes from: claims, findings, and what texts name as a source"},
	{name: "internal/release", level: 0, reach: nothing, also: []string{"internal/lazy"}, why: "expressions are compiled when asked for",
		purpose: "the nouns of a release: Branch, Version, Schedule, Phase; instants and durations as people write them"},
	{name: "internal/lazy", level: 0, reach: nothing, purpose: "regular expressions that are compiled when they are first asked for"},
	{name: "internal/sshsig", level: 0, reach: nothing, purpose: "signatures of commits by an SSH key"},
	{name: "internal/spell", level: 0, reach: nothing, purpose: "how far apart two words are, for \"did you mean\""},

	{name: "internal/sandbox", level: beside, reach: nothing, purpose: "the stand-in for GitHub: HTTP over real git repositories"},
	{name: "internal/bench", level: beside, reach: nothing, also: []string{"config/istio", "internal/sandbox", "internal/store/storetest", "internal/ghclient", "internal/git", "internal/git/gittest", "internal/provenance", "internal/release"},
		why: "measures serve processes on Istio's policy against the stand-in, which grants what `ghclient.Permissions` names, and picks against a git server", purpose: "loads, kills and measures the real program"},
	{name: "cmd/slipway-bench", level: beside, reach: nothing, also: []string{"internal/bench"}, why: "prints its table", purpose: "`make bench`"},
	{name: "internal/sandbox/openapi", level: beside, reach: nothing, purpose: "tests: holds requests and answers to GitHub's OpenAPI document"},
	{name: "internal/store/storetest", level: beside, reach: nothing, also: []string{"internal/store"}, why: "it has the store make the tables that tests get copies of",
		purpose: "tests and measurements: a PostgreSQL server of one's own"},
	{name: "internal/schema", level: beside, reach: nothing, also: []string{"config"}, why: "describes what `config` reads",
		purpose: "tests: makes the schemas and the pages of the policy of the types and their comments"},
	{name: "internal/git/gittest", level: beside, reach: nothing, purpose: "tests and measurements: git repositories over HTTP, as GitHub serves them"},
	{name: "internal/golden", level: beside, reach: nothing, purpose: "tests: compares texts that people read with files"},
	{name: "internal/laws", level: beside, reach: nothing, purpose: "tests: these laws"},
}

func (f floor) owns(pkg string) bool {
	ok, err := path.Match(f.name, pkg)
	return ok && err == nil
}

// may tells whether a package of this floor may import another of the module.
func (f floor) may(other floor, pkg string) bool {
	if other.level <= f.reach {
		return true
	}
	return slices.ContainsFunc(f.also, func(pattern string) bool { return floor{name: pattern}.owns(pkg) })
}

func floorOf(pkg string) (floor, error) {
	var found []floor
	for _, f := range floors {
		if f.owns(pkg) {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		return floor{}, fmt.Errorf("package %s stands on %d floors of the table in imports_test.go, want one", pkg, len(found))
	}
	return found[0], nil
}

func TestFloors(t *testing.T) {
	used := map[string]bool{}
	for _, p := range packages(t) {
		f, err := floorOf(p.rel())
		if err != nil {
			t.Error(err)
			continue
		}
		used[f.name] = true
		for _, imported := range p.Imports {
			if rel(imported) == "" {
				continue
			}
			other, err := floorOf(rel(imported))
			if err != nil {
				t.Error(err)
			} else if !f.may(other, rel(imported)) {
				t.Errorf("%s may not import %s", p.rel(), rel(imported))
			}
		}
	}
	for _, f := range floors {
		if !used[f.name] {
			t.Errorf("no package stands on the floor %s", f.name)
		}
		if f.reach >= f.level {
			t.Errorf("floor %s reaches itself", f.name)
		}
		if (len(f.also) > 0) != (f.why != "") {
			t.Errorf("floor %s: an exception needs a reason, and a reason an exception", f.name)
		}
	}
}

// homes names for each library the packages that may import it, in files that
// are no tests: a library's types stay where it lives. A library that isn't
// here has no home yet. So do the parts of the standard library that reach out.
var homes = map[string][]string{
	"github.com/arran4/golang-ical":           {"internal/ical"},
	"github.com/bmatcuk/doublestar":           {"config", "internal/git"},
	"github.com/bradleyfalzon/ghinstallation": {},
	"github.com/golang-jwt/jwt":               {"internal/ghclient"},
	"github.com/getkin/kin-openapi":           {"internal/sandbox/openapi"},
	"github.com/goccy/go-yaml":                {"config", "internal/notes"},
	"github.com/google/go-cmp":                {"internal/golden"},
	"github.com/google/go-github":             {"internal/ghclient"},
	"github.com/gregjones/httpcache":          {"internal/ghclient"},
	"github.com/jackc/pgx":                    {"internal/store", "internal/queue", "internal/store/storetest"},
	"github.com/palantir/go-githubapp":        {"config", "internal/ghclient", "internal/webhook", "cmd/slipway"},
	"github.com/prometheus/client_golang":     {"cmd/slipway"},
	"github.com/riverqueue/river":             {"internal/queue", "internal/store"},
	"github.com/rs/zerolog":                   {"config", "internal/engine", "internal/webhook", "cmd/slipway"},
	"github.com/spf13/cobra":                  {"cmd/slipway"},
	"github.com/yuin/goldmark":                {"internal/command", "internal/notes"},
	"golang.org/x/sync":                       {"internal/webhook"},
	"golang.org/x/time":                       {"internal/ghclient"},
	"modernc.org/sqlite":                      {"internal/store"},

	"database/sql": {"internal/store", "internal/queue"},
	"log":          {},
	"log/slog":     {"internal/store", "internal/queue", "cmd/slipway"},
	"net/http":     {"internal/calendars", "internal/ghclient", "internal/webhook", "internal/sandbox", "internal/sandbox/openapi", "internal/bench", "internal/git/gittest", "cmd/slipway"},
	"os/exec":      {"internal/git", "internal/git/gittest", "internal/sandbox", "internal/bench", "internal/store/storetest"},
	"testing":      {"internal/golden", "internal/sandbox/openapi", "internal/store/storetest"},
	"unsafe":       {},
}

// whole are the entries of homes that mean one package, not those below it too.
var whole = []string{"log", "testing"}

// homeOf finds the library that an import belongs to.
func homeOf(imported string) (library string, known bool) {
	for library = range homes {
		if imported == library || !slices.Contains(whole, library) && strings.HasPrefix(imported, library+"/") {
			return library, true
		}
	}
	return "", false
}

func TestLibrariesStayAtHome(t *testing.T) {
	used := map[string]bool{}
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			library, known := homeOf(imported)
			first, _, _ := strings.Cut(imported, "/")
			switch {
			case rel(imported) != "":
			case known && !slices.Contains(homes[library], p.rel()):
				t.Errorf("%s may not import %s: its home is %q", p.rel(), imported, homes[library])
			case !known && strings.Contains(first, "."):
				t.Errorf("%s imports %s, a library without a home in imports_test.go", p.rel(), imported)
			}
			used[library+" in "+p.rel()] = true
		}
	}
	for library, pkgs := range homes {
		for _, p := range pkgs {
			if !used[library+" in "+p] {
				t.Errorf("%s has a home in %s, which doesn't import it", library, p)
			}
		}
	}
}

// TestPureFloors keeps I/O out of everything that only thinks. Capabilities
// reach the world through their own interfaces alone.
func TestPureFloors(t *testing.T) {
	outside := []string{"os", "os/exec", "net", "net/http", "database/sql", "log", "log/slog", "github.com/rs/zerolog", "math/rand", "math/rand/v2"}
	for _, p := range packages(t) {
		f, err := floorOf(p.rel())
		if err != nil || f.level > 3 && f.level != 6 {
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains(outside, imported) {
				t.Errorf("%s may not import %s", p.rel(), imported)
			}
		}
	}
}

// TestStandInStandsAlone: nothing of the bot may lend the stand-in its own idea
// of GitHub.
func TestStandInStandsAlone(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			first, _, _ := strings.Cut(imported, "/")
			if p.rel() == "internal/sandbox" && strings.Contains(first, ".") {
				t.Errorf("the stand-in imports %s; it has the standard library and git alone", imported)
			}
		}
	}
}
