package provenance

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// names are mentions in one line.
func names(all []Mention) string {
	var b []string
	for _, m := range all {
		switch {
		case m.Commit != "":
			b = append(b, fmt.Sprintf("%.8s by %s", m.Commit, m.By))
		default:
			b = append(b, fmt.Sprint("#", m.Number))
		}
	}
	return strings.Join(b, " ")
}

// TestMentions: the forms in which people really name a source.
func TestMentions(t *testing.T) {
	id := strings.Repeat("0123456789", 4)
	for _, tc := range []struct {
		name string
		text Text
		want string
	}{
		{"nothing", Text{Title: "Fix it", Body: "It was broken."}, ""},
		{"the title's number is the source's", Text{Title: "title (#58777)"}, "#58777"},
		{"manual cherrypick", Text{Title: "[release-1.29] Manual cherrypick of #58777"}, "#58777"},
		{"manual cherry pick for a release", Text{Title: "manual cherry pick of #59395 for release-1.29"}, "#59395"},
		{"cherry-pick with a hash", Text{Title: "[release-1.28] Manual cherry-pick #59367 - failurePolicy conflict on helm upgrade"}, "#59367"},
		{"no hash, a full stop", Text{Body: "cherrypick 23049."}, "#23049"},
		{"the failure issue", Text{Title: "manual cherry pick for issue 61361"}, "#61361"},
		{"no hash, then the branch", Text{Title: "Cherry pick 57448 to release 1.26"}, "#57448"},
		{"a version is no number", Text{Title: "Cherry pick 1.27 fixes to release-1.27"}, ""},
		{"the bot's body and branch", Text{Title: "[release-1.30] Fix", Body: "This is an automated cherry-pick of #123", HeadBranch: "cherry-pick-123-to-release-1.30"}, "#123"},
		{"the branch alone", Text{HeadBranch: "cherry-pick-59604-to-release-1.28"}, "#59604"},
		{"a person's branch", Text{HeadBranch: "me/cherrypick_59604_1.28"}, "#59604"},
		{"a number in a branch", Text{HeadBranch: "fix-59604-again"}, "#59604"},
		{"a date in a branch", Text{HeadBranch: "release-1.28"}, ""},
		{"GH-", Text{Body: "see GH-77"}, "#77"},
		{"a link", Text{Body: "from https://github.com/istio/istio/pull/57716 and https://github.com/istio/istio/issues/5"}, "#57716 #5"},
		{"a link to another repository", Text{Repo: "istio/istio", Body: "https://github.com/istio/ztunnel/pull/1784 https://github.com/Istio/istio/pull/3"}, "#3"},
		{"another repository's number", Text{Repo: "istio/istio", Body: "istio/api#12 istio/istio#13 #14"}, "#13 #14"},
		{"a comment in a link", Text{Body: "https://github.com/a/b/pull/57716#discussion_r123"}, "#57716"},
		{"git's own line", Text{Messages: []string{"Fix (#5)\n\n(cherry picked from commit " + id + ")"}}, "01234567 by trailer #5"},
		{"git's line in a body", Text{Body: "(cherry-picked from commit " + id[:12] + ")"}, "01234567 by trailer"},
		{"an id after cherry-pick", Text{Body: "cherry-pick of " + id}, "01234567 by reference"},
		{"a commit's link", Text{Body: "https://github.com/a/b/commit/" + id}, "01234567 by reference"},
		{"HTML comments don't count", Text{Body: "<!-- fixes #1 -->\nfixes #2 <!-- never\nclosed #3"}, "#2"},
		{"quotes and code don't count", Text{Body: "> #1\n\n```\n#2\n```\n\n`#3` and ``#4`` but #5\n\n    #6\n~~~\n#7\n"}, "#5"},
		{"a fence within a longer one", Text{Body: "````\n```\n#1\n````\n#2\n"}, "#2"},
		{"entities, colours, words", Text{Body: "&#39; #ff0000 abc#12 #0 #0012 #1.2"}, "#12"},
		{"doubles", Text{Title: "x (#7)", Body: "#7 and #8", Messages: []string{"#8 #7 #9"}}, "#7 #8 #9"},
		{"in order of trust", Text{Title: "x (#1)", Body: "Fixes #2. Manual cherry-pick of #3", Messages: []string{"(cherry picked from commit " + id + ")"},
			HeadBranch: "pick-4"}, "01234567 by trailer #3 #1 #4 #2"},
		{"Windows' line ends", Text{Body: "```\r\n#1\r\n```\r\n#2\r\n"}, "#2"},
		{"no UTF-8", Text{Title: "\xff#7\xff"}, "#7"},
	} {
		if got := names(Mentions(tc.text)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestMentionsAreBounded: anybody may write a text.
func TestMentionsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&b, "#%d ", i+10)
	}
	if got := Mentions(Text{Body: b.String()}); len(got) != maxMentions || got[0].Number != 10 {
		t.Errorf("%d mentions, the first of %d", len(got), got[0].Number)
	}
}

func TestTitle(t *testing.T) {
	for title, want := range map[string]string{
		"Quote metacharacters in SA regex (#59649)":                "quote metacharacters in sa regex",
		"[release-1.27] Quote metacharacters in SA regex (#59716)": "quote metacharacters in sa regex",
		"[Release-1.28] Running update dependencies":               "running update dependencies",
		"[1.6]  Fix   it":                                                            "fix it",
		"1.27: bump deps with vulns (#57514)":                                        "bump deps with vulns",
		"release-1.27: fix it":                                                       "fix it",
		"title (#58777) (#58853)":                                                    "title",
		"[release-1.29] Manual cherrypick of #58777":                                 "",
		"[release-1.29] Manual cherrypick of #58777 (#58853)":                        "",
		"manual cherry pick of #59395 for release-1.29":                              "",
		"[release-1.28] Manual cherry-pick #59367 - failurePolicy conflict (#59461)": "failurepolicy conflict",
		"Automated cherry pick of #123: Fix it":                                      "fix it",
		"manual cherry pick for issue 61361 (#61379)":                                "",
		"Fix it (#5) [release-1.29]":                                                 "fix it",
		"Fix it for release-1.29":                                                    "fix it",
		"Cherry-pick of a rare mushroom":                                             "a rare mushroom",
		"Fix cherry-pick of release notes":                                           "fix cherry-pick of release notes",
		"Update BASE_VERSION to 1.27-2026-03-12T19-03-53":                            "update base_version to 1.27-2026-03-12t19-03-53",
		"[release-1.27] [release-1.26] x":                                            "x",
		"":                                                                           "",
		"\xff[release-1.27] x":                                                       "?[release-1.27] x",
		strings.Repeat("x", 1200):                                                    "",
		"Support K8s 1.30":                                                           "support k8s 1.30",
		"[agw] Create separate test suite for agw conformance tests (#60037) (#60095)":       "[agw] create separate test suite for agw conformance tests",
		"fix: Fix collisions in shared name cross-namespace (cherry-pick of 58299) (#58306)": "fix: fix collisions in shared name cross-namespace",
	} {
		if got := Title(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}

func TestSquash(t *testing.T) {
	for _, tc := range []struct {
		message string
		want    Text
		own     int
	}{
		{"title (#58777) (#58853)\n\nbody\n", Text{Title: "title (#58777)", Messages: []string{"body\n"}}, 58853},
		{"title\n", Text{Title: "title", Messages: []string{""}}, 0},
		{"\n\ntwo\nlines (#3)\n\nbody", Text{Title: "two lines", Messages: []string{"body"}}, 3},
		{"Merge pull request #12 from ann/cherry-pick-7-to-x\n\nThe title (#7)\n", Text{Title: "The title (#7)", HeadBranch: "cherry-pick-7-to-x", Messages: []string{""}}, 12},
		{"", Text{Messages: []string{""}}, 0},
	} {
		got, own := Squash(tc.message)
		if own != tc.own || got.Title != tc.want.Title || got.HeadBranch != tc.want.HeadBranch || !slices.Equal(got.Messages, tc.want.Messages) {
			t.Errorf("%q: %+v, %d", tc.message, got, own)
		}
	}
}

// TestSaid: what was copied into a message with a commit that was picked isn't what it says.
func TestSaid(t *testing.T) {
	const first, last = "(cherry picked from commit 1111abc)", "(cherry picked from commit 2222abc)"
	for message, want := range map[string]string{
		"":                     "",
		"Cherry-pick of #5":    "#5",
		"Fix (#5)\n\n" + first: "1111abc by trailer",
		"Fix (#5)\n\n" + first + "\n" + last + "\nCherry-pick of #6": "2222abc by trailer #6",
	} {
		if got := names(Mentions(Text{Messages: []string{Said(message)}})); got != want {
			t.Errorf("%q names %q, want %q", message, got, want)
		}
	}
}

// TestPick: what stands beside the word for a pick is told from what is only talked about.
func TestPick(t *testing.T) {
	for body, want := range map[string]bool{
		"Cherry-pick of #5": true, "backport #5": true, "(cherry picked from commit 1111abc)": true, "Cherry-picked from " + strings.Repeat("1", 40): true,
		"See #5": false, "https://github.com/a/b/commit/1111111": false, "issue 55": false,
	} {
		if got := Mentions(Text{Body: body}); len(got) != 1 || got[0].Pick != want {
			t.Errorf("%q: %+v", body, got)
		}
	}
}

// TestCloses: what a text closes it says by one of GitHub's keywords, in a description or a message.
func TestCloses(t *testing.T) {
	for text, want := range map[string]bool{
		"Fixes #5": true, "fixed: #5": true, "Closes istio/istio#5": true, "resolve #5.": true, "RESOLVES https://github.com/istio/istio/issues/5": true,
		"See #5": false, "Fixes the crash of #5": false, "Fixes istio/api#5, see #5": false, "prefixes #5": false, "fixing #5": false, "> Fixes #5\n\n#5": false, "Fixes #55, not #5": false,
	} {
		closes := slices.ContainsFunc(Mentions(Text{Repo: "istio/istio", Body: text}), func(m Mention) bool { return m.Number == 5 && m.Closes })
		if closes != want {
			t.Errorf("%q: %t", text, closes)
		}
	}
	for name, text := range map[string]Text{"a title": {Title: "Fixes #5"}, "a branch": {HeadBranch: "fixes-#5555"}} {
		if all := Mentions(text); slices.ContainsFunc(all, func(m Mention) bool { return m.Closes }) {
			t.Errorf("%s closes: %+v", name, all)
		}
	}
	if all := Mentions(Text{Messages: []string{"Fix it\n\nCloses #5"}}); len(all) != 1 || !all[0].Closes {
		t.Errorf("a message: %+v", all)
	}
}
