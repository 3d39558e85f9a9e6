package ghclient_test

import (
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestWritten: only what GitHub says of a comment's edits counts, and not what it leaves out.
func TestWritten(t *testing.T) {
	gh, c, pr := newClient(t)
	id, err := gh.As("bob").Comment("acme/rocket", pr.Number, "hello")
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.CommentsSince(t.Context(), rocket, time.Unix(0, 0))
	if err != nil || len(list) != 1 || list[0].Node == "" {
		t.Fatalf("%v %v", list, err)
	}
	node := list[0].Node
	if is, err := c.Written(t.Context(), rocket, node); err != nil || is != (github.Written{Body: "hello"}) {
		t.Errorf("never edited: %+v, %v", is, err)
	}
	if err := gh.As("bob").EditComment("acme/rocket", id, "bye"); err != nil {
		t.Fatal(err)
	}
	if is, err := c.Written(t.Context(), rocket, node); err != nil || is != (github.Written{Body: "bye", Edited: true}) {
		t.Errorf("edited: %+v, %v", is, err)
	}
	path := regexp.MustCompile("^/api/graphql$")
	for name, tc := range map[string]struct {
		node   string
		fault  sandbox.Fault
		untold bool
	}{
		"no such comment":       {"IC_none", sandbox.Fault{Skip: 1}, true},
		"no answer":             {node, sandbox.Fault{Status: 200, Body: `{}`}, true},
		"null":                  {node, sandbox.Fault{Status: 200, Body: `{"data":{"node":null}}`}, true},
		"nothing of edits":      {node, sandbox.Fault{Status: 200, Body: `{"data":{"node":{"body":"hello"}}}`}, true},
		"another kind of thing": {node, sandbox.Fault{Status: 200, Body: `{"data":{"node":{}}}`}, true},
		"an error beside it":    {node, sandbox.Fault{Status: 200, Body: `{"data":{"node":{"body":"hello","lastEditedAt":null}},"errors":[{"type":"FORBIDDEN","message":"No"}]}`}, true},
		"no such API":           {node, sandbox.Fault{Status: 404, Body: `{"message":"Not Found"}`}, true},
		"not allowed":           {node, sandbox.Fault{Status: 403, Body: `{"message":"Resource not accessible by integration"}`}, true},
		"a limit":               {node, sandbox.Fault{Status: 200, Body: `{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}`}, false},
		"trouble":               {node, sandbox.ServerError(0), false},
	} {
		gh.ClearFaults()
		tc.fault.Path = path
		gh.Fault(tc.fault)
		is, err := c.Written(t.Context(), rocket, tc.node)
		var untold *reconcile.RefusedError
		if got := errors.As(err, &untold); err == nil || got != tc.untold {
			t.Errorf("%s: %+v, %v", name, is, err)
		}
	}
}
