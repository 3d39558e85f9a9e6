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
	unbound, err := s.Seal(Place{Repo: 7}, mark, json.RawMessage(`{"n":1}`))
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := NewSealer([]byte("new secret"), []byte("deployment secret"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		sealer Sealer
		place  Place
		text   string
		want   Authenticity
	}{
		"as written":                {s, here, line + "\nmore", Bound},
		"before it had a number":    {s, here, unbound, Unbound},
		"unbound, elsewhere":        {s, Place{8, 42}, unbound, Tampered},
		"not at the beginning":      {s, here, "text\n" + line, Tampered},
		"another number":            {s, Place{7, 43}, line, Tampered},
		"another repository":        {s, Place{8, 42}, line, Tampered},
		"another deployment":        {sealer(t, "other"), here, line, Tampered},
		"after the secret's change": {rotated, here, line, Bound},
		"changed record":            {s, here, strings.Replace(line, `"n":1`, `"n":2`, 1), Tampered},
		"changed id":                {s, here, strings.Replace(line, "release-1.30", "release-1.29", 1), Tampered},
		"changed kind":              {s, here, strings.Replace(line, "slipway:freeze", "slipway:plan", 1), Tampered},
		"seal taken out":            {s, here, mark.String(), Tampered},
		"no mark":                   {s, here, "hello", Tampered},
		"nothing":                   {s, here, "", Tampered},
	} {
		got := tc.sealer.Unseal(tc.place, tc.text)
		if got.Authenticity != tc.want {
			t.Errorf("%s: standing %d, want %d", name, got.Authenticity, tc.want)
		}
		if got.Authenticity != Tampered && got.Mark != mark {
			t.Errorf("%s: mark %v", name, got.Mark)
		}
	}
}

func TestEmptySecretIsRefused(t *testing.T) {
	if _, err := NewSealer(nil); err == nil {
		t.Error("a sealer without a secret signs for everybody")
	}
	if _, err := NewSealer([]byte("x"), nil); err == nil {
		t.Error("an empty earlier secret verifies for everybody")
	}
}

func TestMarkSurvivesHostileIDs(t *testing.T) {
	s := sealer(t, "x")
	for _, id := range []string{"a/b", "--", "a-->b", "x y", "100%", "-%2D", "<b>", "a--b---c"} {
		m := Mark{Kind: "freeze", ID: id}
		if strings.Count(m.String(), "-->") != 1 {
			t.Errorf("%q ends its comment early: %s", id, m)
		}
		if !m.Begins(m.String()+" after") || m.Begins("before "+m.String()) {
			t.Errorf("%q isn't found again", id)
		}
		line, err := s.Seal(Place{1, 1}, m, json.RawMessage(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		if !m.Begins(line) {
			t.Errorf("%q isn't found again once sealed", id)
		}
		if r := s.Unseal(Place{1, 1}, line); r.Authenticity != Bound || r.Mark != m {
			t.Errorf("%q comes back as %v", id, r)
		}
	}
	if (Mark{Kind: "reply", ID: "12"}).Begins(Mark{Kind: "reply", ID: "123"}.String()) {
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
