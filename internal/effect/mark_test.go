package effect

import (
	"encoding/json"
	"strings"
	"testing"
)

func sealer(t *testing.T, secret string) Sealer {
	t.Helper()
	s, err := NewSealer([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealedRecordVerifiesOnlyAsWritten(t *testing.T) {
	s := sealer(t, "deployment secret")
	here := Place{Repo: 7, Number: 42}
	mark := Mark{Kind: "freeze", ID: "release-1.30"}
	line, err := s.Seal(here, mark, json.RawMessage(`{"reason":"a --> b <script>","n":1}`))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(line, "-->") != 1 || !strings.HasSuffix(line, "-->") {
		t.Fatalf("a record can end the comment it stands in: %s", line)
	}
	for name, tc := range map[string]struct {
		sealer      Sealer
		place       Place
		kind, text  string
		found, good bool
	}{
		"as written":           {s, here, "freeze", "text\n" + line + "\nmore", true, true},
		"another number":       {s, Place{7, 43}, "freeze", line, true, false},
		"another repository":   {s, Place{8, 42}, "freeze", line, true, false},
		"another deployment":   {sealer(t, "other"), here, "freeze", line, true, false},
		"changed record":       {s, here, "freeze", strings.Replace(line, `"n":1`, `"n":2`, 1), true, false},
		"changed id":           {s, here, "freeze", strings.Replace(line, "release-1.30", "release-1.29", 1), true, false},
		"seal taken out":       {s, here, "freeze", mark.String(), true, false},
		"another kind":         {s, here, "plan", line, false, false},
		"no mark":              {s, here, "freeze", "hello", false, false},
		"mark without a space": {s, here, "freeze", strings.Replace(line, "freeze release", "freezerelease", 1), false, false},
	} {
		got, found := tc.sealer.Unseal(tc.place, tc.kind, tc.text)
		if found != tc.found || got.Valid != tc.good {
			t.Errorf("%s: found %t valid %t, want %t %t", name, found, got.Valid, tc.found, tc.good)
		}
		if got.Valid && got.ID != mark.ID {
			t.Errorf("%s: id %q", name, got.ID)
		}
	}
}

func TestEmptySecretIsRefused(t *testing.T) {
	if _, err := NewSealer(nil); err == nil {
		t.Error("a sealer without a secret signs for everybody")
	}
}

func TestMarkSurvivesHostileIDs(t *testing.T) {
	s := sealer(t, "x")
	for _, id := range []string{"a/b", "--", "a-->b", "x y", "100%", "-%2D", "<b>", "a--b---c"} {
		m := Mark{Kind: "freeze", ID: id}
		if strings.Count(m.String(), "-->") != 1 {
			t.Errorf("%q ends its comment early: %s", id, m)
		}
		if !m.In("before " + m.String() + " after") {
			t.Errorf("%q isn't found again", id)
		}
		line, err := s.Seal(Place{1, 1}, m, json.RawMessage(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		if !m.In(line) {
			t.Errorf("%q isn't found again once sealed", id)
		}
		if r, ok := s.Unseal(Place{1, 1}, "freeze", line); !ok || !r.Valid || r.ID != id {
			t.Errorf("%q comes back as %q, valid %t", id, r.ID, r.Valid)
		}
	}
	if (Mark{Kind: "reply", ID: "12"}).In(Mark{Kind: "reply", ID: "123"}.String()) {
		t.Error("one id's mark is found in another's that it begins")
	}
}

func TestInertTextDoesNothing(t *testing.T) {
	for in, want := range map[string]string{
		"plain words":               "plain words",
		"@istio/everyone look":      "@\u200bistio/everyone look",
		"/release thaw release-1.6": "\u200b/release thaw release-1.6",
		"a\n/release thaw x":        "a /release thaw x",
		"<script>&":                 "&lt;script&gt;&amp;",
		"`x` *y* [z](u) | #1 ~ !":   "\\`x\\` \\*y\\* \\[z\\](u) \\| \\#1 \\~ \\!",
		"left \u202eright":          "left right",
	} {
		if got := Inert(in, 100); got != want {
			t.Errorf("Inert(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Inert(strings.Repeat("é", 20), 10); len([]rune(got)) != 10 || !strings.HasSuffix(got, "…") {
		t.Errorf("cut to %q", got)
	}
}

func TestCodeHoldsBackticks(t *testing.T) {
	for in, want := range map[string]string{
		"x":        "`x`",
		"a`b":      "`` a`b ``",
		"``":       "``` `` ```",
		"a\nb":     "`a b`",
		"@a/b <b>": "`@a/b <b>`",
	} {
		if got := Code(in); got != want {
			t.Errorf("Code(%q) = %q, want %q", in, got, want)
		}
	}
}
