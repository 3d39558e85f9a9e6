package github

import "testing"

// TestWho: a login holds only with the right to push, a permission for who has it or a higher one, and what
// nobody knows for nobody.
func TestWho(t *testing.T) {
	alice := User{ID: 1, Login: "Alice"}
	for _, tc := range []struct {
		who  string
		is   User
		has  Permission
		want bool
	}{
		{WhoUser("alice"), alice, Write, true},
		{WhoUser("alice"), alice, Triage, false},
		{WhoUser("alice"), User{ID: 2, Login: "bob"}, Admin, false},
		{WhoUser("alice"), User{Login: "alice"}, Admin, false},
		{WhoMay(Maintain), alice, Write, false},
		{WhoMay(Maintain), alice, Maintain, true},
		{WhoMay(Maintain), alice, Admin, true},
		{WhoMay(Maintain), User{Login: "alice"}, Admin, false},
		{WhoUser("app[bot]"), User{ID: 3, Login: "app[bot]", Bot: true}, Admin, false},
		{WhoMay(Write), User{ID: 3, Login: "app[bot]", Bot: true}, Admin, false},
		{">=owner", alice, Admin, false},
		{">=none", alice, Admin, false},
		{"", alice, Admin, false},
		{"rm", alice, Admin, false},
	} {
		if got := Is(tc.who, tc.is, tc.has); got != tc.want {
			t.Errorf("%s, %v with %s: %t", tc.who, tc.is, tc.has, got)
		}
	}
	if !IsTeam("rm-1-30") || IsTeam("@rm") || IsTeam(">=write") {
		t.Error("a team is told wrong")
	}
}
