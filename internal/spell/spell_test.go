package spell

import (
	"strings"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b  string
		limit int
		want  int
	}{
		{"freeze", "freeze", 2, 0},
		{"frezee", "freeze", 2, 1}, // swapped
		{"freze", "freeze", 2, 1},
		{"freezze", "freeze", 2, 1},
		{"frieze", "freeze", 2, 1},
		{"thaw", "freeze", 2, Far},
		{"issues", "issue", 1, 1},
		{"é", "e", 1, 1},
		{"abc", "cab", 2, 2},
		{"abc", "cab", 1, Far},
		{strings.Repeat("x", 65), strings.Repeat("x", 65), 9, Far},
	} {
		if got := Distance(tc.a, tc.b, tc.limit); got != tc.want {
			t.Errorf("Distance(%.10q, %.10q, %d) = %d, want %d", tc.a, tc.b, tc.limit, got, tc.want)
		}
		if got := Distance(tc.b, tc.a, tc.limit); got != tc.want {
			t.Errorf("Distance(%.10q, %.10q, %d) = %d, want %d", tc.b, tc.a, tc.limit, got, tc.want)
		}
	}
}
