package facts_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/internal/facts"
	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/reconcile"
)

// owner is an organisation with the repositories core and other.
type owner struct {
	facts.GitHub
	policies map[string]string // where the policy of each is: "own", "owner's", or nowhere
	homes    map[string]string // which home it names
	lists    []string          // what the policy of a home lists
	secluded map[string]github.Visibility
	gone     bool // other
	pushes   bool // alice, to other
	manages  bool // alice, by the policy of other
}

func repoOf(name string) github.Repo { return github.Repo{Owner: "acme", Name: name} }

func (o owner) Policy(_ context.Context, repo github.Repo) (config.Loaded, error) {
	switch o.policies[repo.Name] {
	case "own":
		return config.Loaded{Policy: &config.Policy{Branches: []string{"release-*"}}, Repo: repo}, nil
	case "broken":
		return config.Loaded{Fault: errors.New("no policy"), Repo: repo}, nil
	case "owner's":
		return config.Loaded{Policy: &config.Policy{Branches: []string{"release-*"}}, Repo: repoOf(github.PolicyRepo)}, nil
	}
	return config.Loaded{}, nil
}

func (o owner) Called(_ context.Context, named, _ github.Repo) (github.Repo, error) {
	return named, nil
}

func (o owner) Visibility(_ context.Context, repo github.Repo) (github.Visibility, error) {
	if o.gone && repo.Name == "other" {
		return 0, fmt.Errorf("x: %w", reconcile.ErrGone)
	}
	return o.secluded[repo.Name], nil
}

func (o owner) Permission(context.Context, github.Repo, github.User) (github.Permission, error) {
	if o.pushes {
		return github.Write, nil
	}
	return github.Read, nil
}

func (o owner) look(ctx context.Context, at string) *facts.Look {
	home := func(l *facts.Look) string { return o.homes[l.Repo.Name] }
	return facts.NewLook(ctx, &facts.Sources{GitHub: o, Policies: o, Owned: facts.Owned{
		Home: func(l *facts.Look) (github.Repo, error) {
			if home(l) == "" {
				return github.Repo{}, nil
			}
			return repoOf(home(l)), nil
		},
		PartOf: func(l *facts.Look, of github.Repo) (bool, error) {
			return home(l) == l.Repo.Name && strings.Contains(strings.Join(o.lists, " "), of.Name), nil
		},
		Manages: func(l *facts.Look, _ facts.Role) (reconcile.RoleDecision, error) {
			return reconcile.RoleDecision{Holds: o.manages && l.Repo.Name == "other"}, nil
		},
	}}, repoOf(at), time.Time{})
}

const (
	may    = "may"
	secret = "may, and tells nothing"
	hushed = "may, and tells nothing there"
	unseen = "unseen"
	asks   = "it has to agree"
	broken = "nobody can tell"
)

func outcome(g facts.Grant) string {
	switch {
	case g.Unseen:
		return unseen
	case g.Unclear:
		return broken
	case g.Refused != "":
		return asks
	case g.Secret:
		return secret
	case g.Hushed:
		return hushed
	}
	return may
}

// TestReach: core looks at other.
func TestReach(t *testing.T) {
	own, owners := "own", "owner's"
	private := map[string]github.Visibility{"other": github.Private}
	internal := map[string]github.Visibility{"other": github.Internal}
	for name, tt := range map[string]struct {
		at   string // core
		o    owner
		want string
	}{
		"one policy for both":                   {"core", owner{policies: map[string]string{"core": owners, "other": owners}}, may},
		"one policy for both, other is private": {"core", owner{policies: map[string]string{"core": owners, "other": owners}, secluded: private}, unseen},
		"one policy, and core is private":       {"core", owner{policies: map[string]string{"core": owners, "other": owners}, secluded: map[string]github.Visibility{"core": 2}}, hushed},
		"its own policy, other has the owner's": {"core", owner{policies: map[string]string{"core": own, "other": owners}}, asks},
		"which names it as the home":            {"core", owner{policies: map[string]string{"core": own, "other": owners}, homes: map[string]string{"other": "core"}}, may},
		"in another spelling":                   {"core", owner{policies: map[string]string{"core": own, "other": own}, homes: map[string]string{"other": "CORE"}}, may},
		"which names another home":              {"core", owner{policies: map[string]string{"core": own, "other": owners}, homes: map[string]string{"other": "tools"}}, asks},
		"other has no policy at all":            {"core", owner{policies: map[string]string{"core": own}}, asks},
		"neither has one":                       {"core", owner{}, asks},
		"other agrees and is private":           {"core", owner{policies: map[string]string{"core": own, "other": own}, homes: map[string]string{"other": "core"}, secluded: private}, unseen},
		"other agrees and is internal":          {"core", owner{policies: map[string]string{"core": own, "other": own}, homes: map[string]string{"other": "core"}, secluded: internal}, unseen},
		"other doesn't agree and is private":    {"core", owner{policies: map[string]string{"core": own, "other": own}, secluded: private}, unseen},
		"both are private and other agrees":     {"core", owner{policies: map[string]string{"core": own, "other": own}, homes: map[string]string{"other": "core"}, secluded: map[string]github.Visibility{"core": 2, "other": 2}}, may},
		"both are private and it doesn't":       {"core", owner{policies: map[string]string{"core": own, "other": own}, secluded: map[string]github.Visibility{"core": 2, "other": 2}}, asks},
		"other has one that nobody can read":    {"core", owner{policies: map[string]string{"core": own, "other": "broken"}}, broken},
		"and is private":                        {"core", owner{policies: map[string]string{"core": own, "other": "broken"}, secluded: private}, unseen},
		"other isn't there":                     {"core", owner{policies: map[string]string{"core": own}, gone: true}, unseen},
		"other is the home, and lists it":       {"core", owner{policies: map[string]string{"core": own, "other": own}, homes: map[string]string{"core": "other", "other": "other"}, lists: []string{"core"}}, may},
		"the home is private":                   {"core", owner{policies: map[string]string{"core": own, "other": own}, homes: map[string]string{"core": "other", "other": "other"}, lists: []string{"core"}, secluded: private}, secret},
		"the home doesn't list it":              {"core", owner{policies: map[string]string{"core": own, "other": own}, homes: map[string]string{"core": "other", "other": "other"}}, asks},
		"the home is none":                      {"core", owner{policies: map[string]string{"core": own, "other": own}, homes: map[string]string{"core": "other"}, lists: []string{"core"}}, asks},
		"a private home that doesn't list it":   {"core", owner{policies: map[string]string{"core": own, "other": own}, homes: map[string]string{"core": "other", "other": "other"}, secluded: private}, unseen},
		"the owner's policy proposes":           {github.PolicyRepo, owner{}, may},
		"the owner's, other has its own":        {github.PolicyRepo, owner{policies: map[string]string{github.PolicyRepo: own, "other": own}}, asks},
	} {
		ctx := reconcile.WithReach(t.Context(), repoOf(tt.at))
		_, g, err := tt.o.look(ctx, tt.at).Elsewhere(repoOf("other"))
		got := outcome(g)
		if got != tt.want || (err != nil) != (g.Refused != "") {
			t.Errorf("%s: %q, want %q: %+v, %v", name, got, tt.want, g, err)
		}
		if granted := reconcile.CheckReach(ctx, repoOf("other"), reconcile.ReadAccess) == nil; granted != (g.Refused == "") {
			t.Errorf("%s: granted %t, said %q", name, granted, got)
		}
		if reconcile.CheckReach(ctx, repoOf("other"), reconcile.WriteAccess) == nil {
			t.Errorf("%s: who looks may write", name)
		}
		if tt.want == unseen && (strings.Contains(g.Refused, "private") || g.Refused != unseenWords) {
			t.Errorf("%s: it tells %q", name, g.Refused)
		}
	}
	// What to do next is the other's to say: a home says that it is one, others name theirs.
	for home, want := range map[string]string{"": "add `checklist: {home: core}` to", "other": "add `checklist: {home: other, repositories: [core]}` to"} {
		o := owner{policies: map[string]string{"core": own, "other": own}, homes: map[string]string{"core": home}}
		if _, g, _ := o.look(t.Context(), "core").Elsewhere(repoOf("other")); !strings.Contains(g.Next, want) {
			t.Errorf("a home %q: %s", home, g.Next)
		}
	}
	if _, g, _ := (owner{}).look(t.Context(), "core").Elsewhere(github.Repo{Owner: "umbrella", Name: "other"}); !g.Unseen {
		t.Errorf("another owner's: %+v", g)
	}
}

const unseenWords = "it isn't there, Slipway isn't installed on it, or nothing of it may be told here"

// TestProposedPoliciesReach: anybody may propose a policy, which then looks at nothing that
// is more private.
func TestProposedPoliciesReach(t *testing.T) {
	o := owner{policies: map[string]string{"core": "own", "other": "own"}, homes: map[string]string{"core": "other", "other": "other"}, lists: []string{"core"}}
	for seclusion, want := range map[github.Visibility]string{github.Public: may, github.Private: unseen} {
		o.secluded = map[string]github.Visibility{"other": seclusion}
		l := o.look(t.Context(), "core").Under("proposed", config.Loaded{Policy: &config.Policy{}, Repo: repoOf("core")})
		if _, g, _ := l.Elsewhere(repoOf("other")); outcome(g) != want {
			t.Errorf("%s: %+v", seclusion, g)
		}
	}
}

// TestActs: who may have something done in other from core.
func TestActs(t *testing.T) {
	agreed := owner{policies: map[string]string{"core": "own", "other": "own"}, homes: map[string]string{"other": "core"}}
	for name, tt := range map[string]struct {
		change  func(*owner)
		in      string
		ongoing bool
		may     bool
	}{
		"nobody there":                   {func(*owner) {}, "other", false, false},
		"a manager there":                {func(o *owner) { o.manages = true }, "other", false, true},
		"who may push there":             {func(o *owner) { o.pushes = true }, "other", false, true},
		"a manager, and no agreement":    {func(o *owner) { o.manages, o.homes = true, nil }, "other", false, false},
		"a manager, and it is private":   {func(o *owner) { o.manages, o.secluded = true, map[string]github.Visibility{"other": 2} }, "other", false, false},
		"what goes on":                   {func(*owner) {}, "other", true, true},
		"what goes on, and no longer":    {func(o *owner) { o.homes = nil }, "other", true, false},
		"at home, the command has asked": {func(*owner) {}, "core", false, true},
		"in a home that is more private": {func(o *owner) {
			o.homes, o.lists, o.manages = map[string]string{"core": "other", "other": "other"}, []string{"core"}, true
			o.secluded = map[string]github.Visibility{"other": github.Private}
		}, "other", false, false},
	} {
		o := agreed
		tt.change(&o)
		ctx := reconcile.WithReach(t.Context(), repoOf("core"))
		g, err := facts.Acts.Of(o.look(ctx, "core"), facts.Act{In: repoOf(tt.in), Branch: "release-1.30", Who: github.User{ID: 1, Login: "alice"}, Ongoing: tt.ongoing})
		if err != nil || (g.Refused == "") != tt.may || g.Refused != "" && g.Next == "" {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
		if granted := reconcile.CheckReach(ctx, repoOf(tt.in), reconcile.WriteAccess) == nil; granted != tt.may {
			t.Errorf("%s: write access is %t", name, granted)
		}
	}
}

// TestOrders: whose command for other is carried out from core. No policy has to agree; the right there
// is all that counts, and whoever has none learns no more than its policy says to all.
func TestOrders(t *testing.T) {
	seclusion := func(core, other github.Visibility) func(*owner) {
		return func(o *owner) { o.secluded = map[string]github.Visibility{"core": core, "other": other} }
	}
	for name, tt := range map[string]struct {
		manages  bool
		change   func(*owner)
		in       string
		branches string
		want     string
	}{
		"a manager there":                   {true, seclusion(0, 0), "other", "release-1.30 release-1.29", may},
		"nobody there":                      {false, seclusion(0, 0), "other", "release-1.30", asks},
		"who may push there":                {false, func(o *owner) { o.pushes = true }, "other", "release-1.30", asks},
		"a manager, of nothing":             {true, seclusion(0, 0), "other", "", asks},
		"a manager, of what isn't governed": {true, seclusion(0, 0), "other", "release-1.30 master", asks},
		"no policy there":                   {true, func(o *owner) { o.policies = map[string]string{"core": "own"} }, "other", "release-1.30", asks},
		"a policy that can't be read":       {true, func(o *owner) { o.policies["other"] = "broken" }, "other", "release-1.30", broken},
		"it isn't there":                    {true, func(o *owner) { o.gone = true }, "other", "release-1.30", unseen},
		"it is more private":                {true, seclusion(0, 2), "other", "release-1.30", unseen},
		"it is internal, and core public":   {true, seclusion(0, 1), "other", "release-1.30", unseen},
		"both are private":                  {true, seclusion(2, 2), "other", "release-1.30", may},
		"both are private, and nobody":      {false, seclusion(2, 2), "other", "release-1.30", unseen},
		"core is more private":              {true, seclusion(2, 0), "other", "release-1.30", hushed},
		"in core, the command has asked":    {false, seclusion(0, 0), "core", "release-1.30", may},
	} {
		o := owner{policies: map[string]string{"core": "own", "other": "own"}, manages: tt.manages}
		tt.change(&o)
		ctx := reconcile.WithReach(t.Context(), repoOf("core"))
		_, g, err := o.look(ctx, "core").Ordered(facts.Order{In: repoOf(tt.in), Branches: tt.branches, Who: github.User{ID: 1, Login: "alice"}})
		if got := outcome(g); err != nil || got != tt.want || g.Refused != "" && g.Next == "" {
			t.Errorf("%s: %q, want %q: %+v, %v", name, got, tt.want, g, err)
		}
		if granted := reconcile.CheckReach(ctx, repoOf(tt.in), reconcile.WriteAccess) == nil; granted != (g.Refused == "") {
			t.Errorf("%s: write access is %t", name, granted)
		}
	}
	if _, g, _ := (owner{manages: true}).look(t.Context(), "core").Ordered(facts.Order{In: github.Repo{Owner: "umbrella", Name: "other"}, Branches: "release-1.30"}); !g.Unseen {
		t.Errorf("another owner's: %+v", g)
	}
}
