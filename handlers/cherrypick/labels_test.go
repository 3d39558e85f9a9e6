package cherrypick

import (
	"strings"
	"testing"
	"time"

	"github.com/istio-ecosystem/slipway/internal/github"
)

const theirLabels = "cherrypick: {request_labels: [{label: \"backport {branch}\"}, {label: \"cherrypick/1.{minor}\", branch: \"release-1.{minor}\"}, " +
	"{label: \"CherryPick/to-{branch}\"}, {label: \"cherrypick/release-{branch}\"}, {label: cherrypick/next, branch: release/2}, {label: \"{branch}!\"}]}"

// TestBranchOf: what a label asks for. One of the policy's own goes before the prefix that it begins with.
func TestBranchOf(t *testing.T) {
	p, s := loaded(t, theirLabels)
	for label, want := range map[string]string{
		"cherrypick/release-1.30":    "release-1.30", // and not 1.30, which nobody governs
		"cherrypick/1.30":            "release-1.30",
		"CHERRYPICK/1.30":            "release-1.30",
		"CherryPick/Release-1.30":    "release-1.30",
		"cherrypick/to-release-1.30": "release-1.30",
		"cherrypick/Next":            "release/2",
		"Backport release/1.2":       "release/1.2",
		"backport Release-1.30":      "release-1.30",
		"cherrypick/release-1.30!":   "release-1.30!",
		"release-1.30!":              "release-1.30",
		"cherrypick/topic":           "topic",
		"cherrypick/Topic":           "Topic",
		"cherrypick/":                "",
		"kind/bug":                   "",
	} {
		if got, ok := s.branchOf(p.Policy, label); got != want || ok != (want != "") {
			t.Errorf("%s asks for %q, want %q", label, got, want)
		}
	}
	got := s.asking(p.Policy, []string{"kind/bug", "cherrypick/1.30", "backport release-1.29", "CherryPick/Release-1.30", "backport release-1.30"}, "release-1.30")
	if strings.Join(got, ", ") != "cherrypick/1.30, CherryPick/Release-1.30, backport release-1.30" {
		t.Errorf("%q", got)
	}
}

// TestRequests: which request counts where several labels ask.
func TestRequests(t *testing.T) {
	const bot = 9
	now := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	at := func(id int64, label string, who int64, off bool) github.Labelling {
		return github.Labelling{ID: id, Label: label, Who: github.User{ID: who}, At: now.Add(time.Duration(id) * time.Minute), Off: off}
	}
	const own, other = "cherrypick/release-1.30", "backport release-1.30"
	byCommand := func(minute int, done string) Record {
		return Record{Asked: "comment/1#0", ByID: 1, At: now.Add(time.Duration(minute) * time.Minute), Done: done}
	}
	for name, tt := range map[string]struct {
		labels []string
		record Record
		events []github.Labelling
		want   string
	}{
		"the newer of two":                      {[]string{own, other}, Record{}, []github.Labelling{at(1, own, 1, false), at(2, other, 2, false)}, "label/2 label/1"},
		"in whichever order they stand":         {[]string{other, own}, Record{}, []github.Labelling{at(1, own, 1, false), at(2, other, 2, false)}, "label/2 label/1"},
		"an older one is left":                  {[]string{own}, Record{Done: "label/2"}, []github.Labelling{at(1, own, 1, false), at(2, other, 2, false), at(3, other, 2, true)}, "label/2"},
		"a newer one":                           {[]string{own, other}, Record{Done: "label/1"}, []github.Labelling{at(1, own, 1, false), at(2, other, 2, false)}, "label/2 label/1"},
		"set once more":                         {[]string{own}, Record{Done: "label/1"}, []github.Labelling{at(1, own, 1, false), at(2, own, 1, true), at(3, own, 1, false)}, "label/3"},
		"a command's, and a label before it":    {[]string{own, other}, byCommand(2, ""), []github.Labelling{at(1, other, 2, false), at(3, own, bot, false)}, "comment/1#0 label/1"},
		"a command's, and a label after it":     {[]string{own, other}, byCommand(2, ""), []github.Labelling{at(3, own, bot, false), at(4, other, 2, false)}, "label/4 comment/1#0"},
		"of a command's the label is gone":      {[]string{other}, byCommand(2, ""), []github.Labelling{at(1, other, 2, false), at(3, own, bot, false), at(4, own, 1, true)}, "label/1"},
		"and it was done":                       {[]string{other}, byCommand(2, "comment/1#0"), []github.Labelling{at(1, other, 2, false), at(3, own, bot, false), at(4, own, 1, true)}, "comment/1#0"},
		"a label after a command is gone":       {[]string{own}, byCommand(2, "label/4"), []github.Labelling{at(3, own, bot, false), at(4, other, 2, false), at(5, other, 2, true)}, "label/4"},
		"a command after a label that was done": {[]string{own, other}, byCommand(5, "label/4"), []github.Labelling{at(3, own, 1, false), at(4, other, 2, false)}, "comment/1#0 label/4"},
		"our label alone":                       {[]string{own}, Record{}, []github.Labelling{at(3, own, bot, false)}, "label/3"},
		"nobody knows who":                      {[]string{own}, Record{}, nil, ""},
		"nobody knows what was done":            {[]string{own}, Record{Done: "label/7"}, []github.Labelling{at(3, own, 1, false)}, "label/3"},
	} {
		s := aPick(t, theirLabels)
		s.Pick.Record = tt.record
		all, err := s.requests(tt.labels, tt.events, bot)
		var got []string
		for _, q := range all {
			got = append(got, q.Ask)
		}
		if err != nil || strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q, want %q, %v", name, got, tt.want, err)
		}
	}
	fresh := aPick(t, "")
	fresh.PR.UpdatedAt = fresh.Now
	if all, err := fresh.requests([]string{own}, nil, bot); err == nil {
		t.Errorf("GitHub doesn't show yet who: %+v", all)
	}
}
