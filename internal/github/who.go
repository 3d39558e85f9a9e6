package github

import (
	"slices"
	"strings"
)

// Whom the policy names is a text: a team's slug as it is, an account "@login", and whoever has a permission
// or a higher one ">=maintain". A login doesn't hold by itself: it can be given up and taken over, so that
// somebody named by it has to have the right to push. A bot has no permission, whatever its App was given: GitHub
// tells one of people alone.

const whoMay = ">="

// WhoUser names an account by its login.
func WhoUser(login string) string { return "@" + login }

// WhoMay names everybody with a permission or a higher one.
func WhoMay(p Permission) string { return whoMay + p.String() }

// ReadWho reads such a text: one of a team's slug, a login, or a permission.
func ReadWho(who string) (team, login string, least Permission) {
	if name, is := strings.CutPrefix(who, whoMay); is {
		return "", "", Permission(slices.Index(permissionNames, name)) // -1 is of nobody, see Is
	}
	if login, is := strings.CutPrefix(who, "@"); is {
		return "", login, NoPermission
	}
	return who, "", NoPermission
}

// IsTeam reports whether it names a team.
func IsTeam(who string) bool { team, _, _ := ReadWho(who); return team != "" }

// Is reports whether it names somebody with a permission, of what isn't a team. It fails closed.
func Is(who string, u User, has Permission) bool {
	_, login, least := ReadWho(who)
	if u.Bot {
		return false
	}
	if login != "" {
		return u.ID != 0 && strings.EqualFold(login, u.Login) && has >= Write
	}
	return u.ID != 0 && least > NoPermission && has >= least
}

// MayBe reports whether it could name somebody, so that what they may do matters.
func MayBe(who string, u User) bool { return Is(who, u, Admin) }

var permissionNames = []string{"none", "read", "triage", "write", "maintain", "admin"}

// String is GitHub's name of the role.
func (p Permission) String() string {
	if p < NoPermission || p > Admin {
		return permissionNames[NoPermission]
	}
	return permissionNames[p]
}
