package reconcile_test

import (
	"errors"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

func TestReach(t *testing.T) {
	own, api := github.Repo{Owner: "istio", Name: "istio"}, github.Repo{Owner: "istio", Name: "api"}
	ctx := reconcile.WithReach(t.Context(), own)
	check := func(name string, to github.Repo, a reconcile.Access, may bool) {
		t.Helper()
		err := reconcile.CheckReach(ctx, to, a)
		var refused *reconcile.RefusedError
		if (err == nil) != may || err != nil && !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	check("its own", own, reconcile.WriteAccess, true)
	check("its own, in any spelling", github.Repo{Owner: "Istio", Name: "ISTIO"}, reconcile.WriteAccess, true)
	check("its owner's teams", github.Repo{Owner: "istio"}, reconcile.ReadAccess, true)
	check("another owner's teams", github.Repo{Owner: "envoy"}, reconcile.ReadAccess, false)
	check("another owner's of that name", github.Repo{Owner: "envoy", Name: "istio"}, reconcile.ReadAccess, false)
	check("another", api, reconcile.ReadAccess, false)
	reconcile.GrantReach(ctx, github.Repo{Owner: "Istio", Name: "API"}, reconcile.ReadAccess)
	check("another, to read", api, reconcile.ReadAccess, true)
	check("another, to write", api, reconcile.WriteAccess, false)
	reconcile.GrantReach(reconcile.WithWriteClass(ctx, reconcile.Asked), api, reconcile.WriteAccess)
	reconcile.GrantReach(ctx, api, reconcile.ReadAccess) // takes nothing back
	check("another, to write by now", api, reconcile.WriteAccess, true)
	if err := reconcile.CheckReach(reconcile.BeforeReach(reconcile.WithReach(ctx, own)), github.Repo{Owner: "istio", Name: "tools"}, reconcile.ReadAccess); err != nil {
		t.Errorf("what the right rests on: %v", err)
	}
	ctx = reconcile.WithReach(ctx, own)
	check("another, of the next run", api, reconcile.ReadAccess, false)
}
