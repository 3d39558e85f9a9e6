package effect

import (
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// Members says who some are whom the policy names (github.ReadWho), as "the members of `a`, and `alice`".
func Members(who []string) string { return people(who, "the members of ", "everybody", ", ", ", and ") }

// Member says the same of one of them, as "a member of `a` or `b`".
func Member(who []string) string { return people(who, "a member of ", "somebody", " or ", " or ") }

func people(who []string, of, body, join, last string) string {
	var teams, users, parts []string
	for _, w := range who {
		switch team, login, least := github.ReadWho(w); {
		case team != "":
			teams = append(teams, Code(team))
		case login != "":
			users = append(users, Code(login))
		default:
			parts = append(parts, body+" who has the permission "+Code(least.String())+" here or a higher one")
		}
	}
	if len(users) > 0 {
		parts = append([]string{strings.Join(users, join)}, parts...)
	}
	if len(teams) > 0 {
		parts = append([]string{of + strings.Join(teams, join)}, parts...)
	}
	return strings.Join(parts, last)
}
