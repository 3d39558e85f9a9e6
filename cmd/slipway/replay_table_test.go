package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const triggerHistory = "branch\tfile\tdate\tversion\tsubject\tcommit\n" +
	"release-1.30\ttrigger-build\t2026-05-01\t1.30-rc.0\tBuild <rc> 0\taaaaaaaaaaaa\n" +
	"release-1.30\ttrigger-publish\t2026-05-02\t1.30.0\tPublish 1.30.0\tbbbbbbbbbbbb\n"

func TestBacktestTriggers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history.tsv")
	if err := os.WriteFile(file, []byte(triggerHistory), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(in string, args ...string) (string, error) {
		cmd, out := root(), &bytes.Buffer{}
		cmd.SetArgs(append([]string{"backtest", "triggers"}, args...))
		cmd.SetIn(strings.NewReader(in))
		cmd.SetOut(out)
		cmd.SetErr(out)
		err := cmd.Execute()
		return out.String(), err
	}
	want := `{"branch":"release-1.30","file":"trigger-build","version":"1.30-rc.0","commit":"aaaaaaaaaaaa","verdict":"refuse","reason":"\"1.30-rc.0\" is not a version; did you mean 1.30.0-rc.0?"}
{"branch":"release-1.30","file":"trigger-publish","version":"1.30.0","commit":"bbbbbbbbbbbb","verdict":"warn","reason":"no build of 1.30.0 was triggered on release-1.30"}
`
	if got, err := run("", file, "--json"); err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	if got, err := run(triggerHistory, "-"); err != nil || !strings.HasSuffix(got, "2 changes: 0 ok, 1 to look at, 1 refused\n") {
		t.Errorf("%v\n%s", err, got)
	}
	for _, bad := range []struct{ in, want string }{
		{"nothing", "-: line 1: want the names of the columns"}, {"", "-: the file is empty"},
	} {
		if _, err := run(bad.in, "-"); err == nil || !strings.HasPrefix(err.Error(), bad.want) {
			t.Errorf("%q: %v", bad.in, err)
		}
	}
	if _, err := run("", file+".gone"); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}
