package effect

import "testing"

func TestLink(t *testing.T) {
	for url, want := range map[string]string{
		"https://prow/a?b=1": "https://prow/a?b=1", "javascript:alert(1)": "", "https://x)[y](z": "", "https://a b": "", "https://a|b": "", "": "",
	} {
		if got := Link(url); got != want {
			t.Errorf("%q: %q, want %q", url, got, want)
		}
	}
}
