package effect

import (
	"fmt"
	"strings"
	"testing"
)

func TestFilesThatCannotBeWritten(t *testing.T) {
	many := map[string]string{}
	for i := range MaxFiles + 1 {
		many[fmt.Sprint(i)] = ""
	}
	fine := Files{Branch: "notes", Base: "master", From: "c0ffee", Files: map[string]string{".github/a b": "x", "ü": ""}}
	if err := fine.Check(); err != nil {
		t.Errorf("%v", err)
	}
	for name, change := range map[string]func(*Files){
		"its own base": func(e *Files) { e.Branch = "master" },
		"no branch":    func(e *Files) { e.Branch = "" },
		"onto nothing": func(e *Files) { e.From = "" },
		"no files":     func(e *Files) { e.Files = nil },
		"too many":     func(e *Files) { e.Files = many },
		"too long":     func(e *Files) { e.Files = map[string]string{"a": strings.Repeat("x", MaxFileBytes+1)} },
		"not text":     func(e *Files) { e.Files = map[string]string{"a": "\xff"} },
	} {
		e := fine
		if change(&e); e.Check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for _, p := range []string{"", "/a", "a/", "a//b", "./a", "../a", "a/../b", ".git/config", "a/.GIT/x", "a\\b", "a\x00"} {
		e := fine
		if e.Files = map[string]string{p: ""}; e.Check() == nil {
			t.Errorf("the path %q is taken", p)
		}
	}
}
