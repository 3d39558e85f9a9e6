package github

import "testing"

// TestAuthors: the App is the author of no pick.
func TestAuthors(t *testing.T) {
	app, bob := User{ID: 7, Bot: true}, User{ID: 2}
	pick := ComparedCommit{Author: app, Committer: User{ID: 9}, Made: []User{bob, {}}}
	for id, want := range map[int64]bool{2: true, 7: true, 9: true, 3: false} {
		if pick.MadeBy(id) != want {
			t.Errorf("made by %d: %t", id, !want)
		}
	}
	if a := pick.Authors(); len(a) != 2 || a[0] != bob {
		t.Errorf("%v", a)
	}
	if a := (ComparedCommit{Author: bob}).Authors(); len(a) != 1 || a[0] != bob {
		t.Errorf("%v", a)
	}
}
