package provenance

import (
	"fmt"
	"strings"
	"testing"
)

// TestFates: which changes of a range stand. Each is NUMBER|COMMIT|TITLE|BODY, the oldest
// first; wanted is for each "stands" or by which it was taken back, and what it reverts.
func TestFates(t *testing.T) {
	const a, b, c = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccccccccccccccccccccccc"
	elsewhere := map[int]Text{
		200: {Title: `Revert "Fix it"`, Body: "Reverts istio/istio#100", Repo: "istio/istio"},
		201: {Title: `Back it out`, Messages: []string{"This reverts commit " + a + "."}},
		202: {Title: `Revert "Fix it"`},
		203: {Title: "Fix another"},
	}
	for name, tt := range map[string]struct {
		list []string
		want string
	}{
		"nothing":                          {[]string{"1||Fix it|"}, "stands"},
		"by number":                        {[]string{"1||Fix it|", `2||Revert "Fix it"|Reverts istio/istio#1`}, "by 1; stands, reverts [0]"},
		"by number, under another title":   {[]string{"1||Fix it|", "2||Back it out|Reverts #1"}, "by 1; stands, reverts [0]"},
		"by a link":                        {[]string{"1||Fix it|", "2||Back it out|Reverts https://github.com/istio/istio/pull/1"}, "by 1; stands, reverts [0]"},
		"of another repository":            {[]string{"1||Fix it|", "2||Update|Reverts istio/api#1"}, "stands; stands"},
		"in a quote":                       {[]string{"1||Fix it|", "2||Go on|> Reverts #1"}, "stands; stands"},
		"by commit":                        {[]string{"1|" + a + "|Fix it|", "0|" + b + "|Back|This reverts commit " + a + "."}, "by 1; stands, reverts [0]"},
		"by a short commit":                {[]string{"1|" + a + "|Fix it|", "0|" + b + "|Back|This reverts commit " + a[:8] + "."}, "by 1; stands, reverts [0]"},
		"by title":                         {[]string{"1||Fix it|", `2||Revert "Fix it"|`}, "by 1; stands, reverts [0]"},
		"by the number in its title":       {[]string{"1||Fix it|", "3||Fix it|", `2||Revert "Fix it (#1)"|`}, "by 2; stands; stands, reverts [0]"},
		"on the branch, by title":          {[]string{"1||[release-1.30] Fix it (#100)|", `2||[release-1.30] Revert "Fix it" (#202)|`}, "by 1; stands, reverts [0]"},
		"a revert of a revert":             {[]string{"1||Fix it|", `2||Revert "Fix it"|Reverts #1`, `3||Revert "Revert "Fix it""|Reverts #2`}, "stands; by 2, reverts [0]; stands, reverts [1]"},
		"reapplied":                        {[]string{"1||Fix it|", `2||Revert "Fix it"|`, `3||Reapply "Fix it"|`}, "stands; by 2, reverts [0]; stands, reverts [1]"},
		"several at once":                  {[]string{"1||One|", "2||Two|", "3||Back|Reverts #1\nReverts #2"}, "by 2; by 2; stands, reverts [0 1]"},
		"of an earlier release":            {[]string{"5||Other|", `2||Revert "Fix it"|Reverts #1`}, "stands; stands, reverts []"},
		"of its namesake's":                {[]string{"3||Fix it|", `2||Revert "Fix it"|Reverts #1`}, "stands; stands, reverts []"},
		"what it doesn't come after":       {[]string{`2||Revert "Fix it"|Reverts #1`, "1||Fix it|"}, "stands, reverts []; stands"},
		"of what is picked, by its source": {[]string{"1||[release-1.30] Fix it|This is an automated cherry-pick of #100", "2||Back it out|Reverts #100"}, "by 1; stands, reverts [0]"},
		"of what is picked, by its commit": {[]string{"1|" + b + "|Fix it|(cherry picked from commit " + a + ")", "2|" + c + "|Back|This reverts commit " + a + "."}, "by 1; stands, reverts [0]"},
		"a pick of a revert":               {[]string{"1||[release-1.30] Fix it|This is an automated cherry-pick of #100", "2||[release-1.30] Take it out|This is an automated cherry-pick of #200"}, "by 1; stands, reverts [0]"},
		"a pick of one by commit":          {[]string{"1||Fix it|(cherry picked from commit " + a + ")", "2||[release-1.30] Back it out (#201)|"}, "by 1; stands, reverts [0]"},
		"a pick of one that says its title": {[]string{"1||[release-1.30] Fix it|This is an automated cherry-pick of #100", "2||[release-1.30] Out|This is an automated cherry-pick of #202"},
			"by 1; stands, reverts [0]"},
		"a pick of one of an earlier release": {[]string{"5||[release-1.30] Fix it|This is an automated cherry-pick of #105", `2||[release-1.30] Revert "Fix it"|This is an automated cherry-pick of #200`},
			"stands; stands, reverts []"},
		"a pick of no revert":          {[]string{"1||Fix it|", "2||[release-1.30] Fix another|This is an automated cherry-pick of #203"}, "stands; stands"},
		"a pick of an unknown revert":  {[]string{"1||[release-1.30] Fix it|This is an automated cherry-pick of #100", `2||[release-1.30] Revert "Fix it"|This is an automated cherry-pick of #999`}, "by 1; stands, reverts [0]"},
		"picked with its revert":       {[]string{"100||Fix it|", "200||Out|Reverts #100", "1||[release-1.30] Fix it|cherry-pick of #100", "2||[release-1.30] Out|cherry-pick of #200"}, "by 1; stands, reverts [0]; by 3; stands, reverts [2]"},
		"talk of the revert of others": {[]string{"1||Fix it|", "2||Explain how this reverts|It reverts #1 no more"}, "stands; stands"},
	} {
		var list []Landed
		for _, one := range tt.list {
			f := strings.SplitN(one, "|", 4)
			c := Landed{Text: Text{Title: f[2], Body: f[3], Repo: "istio/istio"}}
			fmt.Sscan(f[0], &c.Number)
			if f[1] != "" {
				c.Commits = []string{f[1]}
			}
			list = append(list, c)
		}
		var got []string
		for _, f := range Fates(list, func(m Mention) (Text, bool) { text, ok := elsewhere[m.Number]; return text, ok }) {
			s := "stands"
			if !f.Stands() {
				s = fmt.Sprint("by ", f.Undone)
			}
			if f.Reverts {
				s += fmt.Sprint(", reverts ", f.Undoes)
			}
			got = append(got, s)
		}
		if strings.Join(got, "; ") != tt.want {
			t.Errorf("%s: %q, want %q", name, strings.Join(got, "; "), tt.want)
		}
	}
}

// A chain of reverts: each takes back the one before, and the newest stands.
func TestChainOfReverts(t *testing.T) {
	var list []Landed
	for n := 1; n <= 6; n++ {
		c := Landed{Number: n, Text: Text{Title: "Fix it"}}
		if n > 1 {
			c.Text = Text{Title: "Out with it", Body: fmt.Sprintf("Reverts #%d", n-1)}
		}
		list = append(list, c)
		if stands := Fates(list, nil)[0].Stands(); stands != (n%2 == 1) {
			t.Errorf("after %d: the first stands: %v", n, stands)
		}
	}
}
