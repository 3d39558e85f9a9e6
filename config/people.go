package config

import (
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/istio-ecosystem/slipway/internal/github"
	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/release"
)

// People are those whom a policy names for something: a list of teams, or a group with teams, users and
// a permission. Whoever is named in one of these ways is one of them.
type People struct {
	// Slugs of teams of the organisation that owns the repository; a personal account has none.
	// `{major}` and `{minor}` stand for the numbers that end a branch's name.
	Teams []TeamSlug `yaml:"teams" max:"200" example:"[\"release-managers-{major}-{minor}\"]"`
	// Accounts by their login. Each has to have the right to push here, since a login can be given up and taken over.
	Users []Login `yaml:"users" max:"100" example:"[alice]"`
	// Everybody with this permission in the repository or a higher one. `maintain` and `admin` are GitHub's roles; a
	// custom role counts as that which it is made of, without what was added. A bot has none.
	Permission Permission `yaml:"permission" example:"maintain"`
}

// Given reports whether it names anybody.
func (p People) Given() bool { return len(p.Teams)+len(p.Users) > 0 || p.Permission != "" }

// Who are they for a branch, as github.ReadWho reads them. A team that is named by the branch's numbers
// is left out when the branch has none by a scheme.
func (p People) Who(b release.Branch, scheme release.Scheme) (who []string) {
	for _, one := range p.Written() {
		if slug, ok := TeamSlug(one).For(b, scheme); ok {
			who = append(who, slug)
		}
	}
	return who
}

// Written are they as the policy has them, teams with their placeholders.
func (p People) Written() (who []string) {
	for _, t := range p.Teams {
		who = append(who, string(t))
	}
	for _, u := range p.Users {
		who = append(who, github.WhoUser(string(u)))
	}
	if p.Permission != "" {
		who = append(who, whoMay[p.Permission])
	}
	return who
}

var whoMay = map[Permission]string{
	"admin": github.WhoMay(github.Admin), "maintain": github.WhoMay(github.Maintain), "write": github.WhoMay(github.Write),
}

var peopleType = reflect.TypeFor[People]()

// teamsAlone reads people that are given as a list of teams, or as one.
func (d *decoder) teamsAlone(n ast.Node, dst reflect.Value, path string, at place, depth int) bool {
	f := fieldsOf(peopleType)[0]
	teams := dst.FieldByIndex(f.index)
	if isText(n) {
		one := reflect.New(teams.Type().Elem()).Elem()
		d.value(n, one, path, at, depth)
		teams.Set(reflect.Append(reflect.MakeSlice(teams.Type(), 0, 1), one))
		return true
	}
	if _, is := elements(n); !is {
		_, group := entries(n)
		if !group {
			d.mismatch(n, at, path, "a list of teams, or a group with teams, users or permission")
		}
		return !group
	}
	d.slice(n, teams, path, at, depth)
	if w := f.bounds(teams); w != nil {
		d.wrong(d.nearest(path, at), path, w)
	}
	return true
}

// Permission is what somebody may do in a repository.
type Permission string

// Values implements Choice.
func (Permission) Values() []string { return []string{"admin", "maintain", "write"} }

// Login is the name of an account on GitHub.
type Login string

// loginPattern is what GitHub allows in a login; those of enterprises have an underscore.
const loginPattern = `^[A-Za-z0-9_-]{1,100}$`

var login = lazy.Regexp(loginPattern)

// Form implements Scalar.
func (Login) Form() Form {
	return Form{Name: "login", Want: `an account's login, like alice`, Pattern: loginPattern, Examples: []string{"alice"}}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Login) UnmarshalText(text []byte) error {
	name := string(text)
	if !login().MatchString(name) {
		w := &Wrong{What: quote(name) + " is not a login", Want: Login("").Form().Want}
		if bare := strings.TrimPrefix(name, "@"); strings.Contains(bare, "/") {
			w.What = quote(name) + " is a team; teams stand under teams"
		} else if bare != name && login().MatchString(bare) {
			w.DidYouMean = bare
		}
		return w
	}
	*l = Login(name)
	return nil
}
