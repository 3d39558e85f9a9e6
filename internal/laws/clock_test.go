package laws

import (
	"go/ast"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// machineClock are the files that ask what time it is on the machine, or wait by it,
// and why. Everything else gets a clock from whoever makes it, and the tests of the
// program set it.
var machineClock = map[string]string{
	"cmd/slipway/clock_test.go":            "when the clock of a test begins",
	"cmd/slipway/pick.go":                  "tells how long a command took",
	"cmd/slipway/program.go":               "the clock that main hands on, and how often to look at it",
	"internal/bench":                       "measures, and is no part of the service",
	"internal/ghclient/client.go":          "the clock of a client to which nobody gave one",
	"internal/ghclient/pace.go":            "how fast GitHub is asked",
	"internal/git/cache.go":                "files age by the system's stamps",
	"internal/git/fetch.go":                "files age by the system's stamps",
	"internal/git/lock_unix.go":            "waits for other processes",
	"internal/queue/alive.go":              "which process lives",
	"internal/queue/bench_test.go":         "measures",
	"internal/queue/depth.go":              "looks for what other processes do",
	"internal/queue/queue.go":              "which process lives",
	"internal/queue/rig_test.go":           "gives up",
	"internal/queue/signal.go":             "the clock of a queue to which nobody gave one",
	"internal/sandbox/deliver.go":          "tells how long a webhook took, and delays one as a fault",
	"internal/sandbox/faults.go":           "delays an answer as a fault",
	"internal/sandbox/record.go":           "tells how long a request took",
	"internal/sandbox/server.go":           "the clock of a stand-in to which nobody gave one",
	"internal/store/open.go":               "the clock of a store to which nobody gave one",
	"internal/store/storetest/postgres.go": "waits for a server that tells nobody when it is up",
}

var (
	asks  = []string{"Now", "Since", "Until"}
	waits = []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Tick"}
)

// TestClock: no decision rests on the machine's clock, and nothing sleeps, but in a
// bubble of testing/synctest. Tests of packages may write the time of day into what
// they make up; conversations may not, and no test waits for it.
func TestClock(t *testing.T) {
	met := map[string]bool{}
	sources(t, func(name string, set *token.FileSet, file *ast.File) {
		inTest := strings.HasSuffix(name, "_test.go")
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && isOf(call.Fun, "synctest", "Test") {
				return false
			}
			sel, ok := n.(*ast.SelectorExpr)
			switch {
			case !ok:
			case isOf(sel, "time", "Sleep"):
				t.Errorf("%s: a sleep; wait for what is to happen", set.Position(sel.Pos()))
			case isOf(sel, "time", waits...), isOf(sel, "time", asks...) && (!inTest || path.Dir(name) == "cmd/slipway"):
				where := name
				if machineClock[where] == "" {
					where = path.Dir(name)
				}
				if met[where] = true; machineClock[where] == "" {
					t.Errorf("%s: time.%s is the machine's clock; take one, or tell here why not", set.Position(sel.Pos()), sel.Sel.Name)
				}
			}
			return true
		})
	})
	for _, where := range slices.Sorted(maps.Keys(machineClock)) {
		if !met[where] {
			t.Errorf("%s doesn't ask for the time any more", where)
		}
	}
}

// isOf tells whether an expression is one of a package's names.
func isOf(e ast.Expr, pkg string, names ...string) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok || !slices.Contains(names, sel.Sel.Name) {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == pkg
}
