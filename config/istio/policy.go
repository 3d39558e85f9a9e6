package istio

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// Policy is the text of slipway.yml, which belongs at .github/slipway.yml of the organisation's .github repository.
//
//go:embed slipway.yml
var Policy string

// Cut is a place where Cutdown differs from Policy.
type Cut struct{ Is, Becomes, Why string }

// Repositories are those of a release by Cutdown.
var Repositories = []string{"istio", "api", "release-builder"}

// Cuts are all places where Cutdown differs. What the policy asks for is none of them: that is what a play has to get past.
var Cuts = []Cut{
	{"repositories: [istio, api, ztunnel, proxy, client-go, tools, common-files, release-builder, enhancements]", "repositories: [istio, api, release-builder]",
		"nine repositories take three times as long, and show nothing that three don't"},
	{"in: [istio, api, ztunnel, proxy, client-go, tools, release-builder]", "in: [istio, release-builder]", "so do the edits of a step in seven"},
	{"tags_in: [istio, api, client-go, ztunnel, proxy]", "tags_in: [istio]", "the others aren't there"},
}

// Unpaused is one more, for a play whose clock nobody moves on.
var Unpaused = Cut{"  home: istio\n", "  home: istio\n  look_every: 0s\n", "it would wait a minute for each look at a tracking issue"}

// Cutdown is Policy for a stand-in that has no other than Repositories, with more cuts if need be. It fails if Policy no
// longer has what is cut.
func Cutdown(more ...Cut) (string, error) {
	text := Policy
	for _, c := range slices.Concat(Cuts, more) {
		if !strings.Contains(text, c.Is) {
			return "", fmt.Errorf("the policy of config/istio no longer has %q", c.Is)
		}
		text = strings.ReplaceAll(text, c.Is, c.Becomes)
	}
	return text, nil
}
