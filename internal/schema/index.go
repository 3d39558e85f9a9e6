package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/config"
)

// opening is what the index says before anything else.
const opening = `# The policy

The policy says what Slipway does for a repository. It stands at ` + "`.github/slipway.yml`" + ` on the default branch of the
repository or, for all repositories that have none of their own, of the organisation's ` + "`.github`" + ` repository. It is
strict: an unknown key, or a value that can't be right, is a fault, and with a fault in it the whole
file is refused. ` + "`slipway validate .github/slipway.yml`" + ` tells every fault before you push.

Istio's policy is [istio/slipway.yml](../config/istio/slipway.yml), and [eight for other kinds of project](examples.md), from one person to
Kubernetes, are there to copy. The smallest is [minimal.yml](../config/minimal.yml):

`

const editors = `
Editors complete and check the file by [slipway.schema.json](../config/slipway.schema.json). For those that have the YAML
language server, this first line is enough:

` + "```yaml" + `
# yaml-language-server: $schema=https://raw.githubusercontent.com/istio-ecosystem/slipway/main/config/slipway.schema.json
` + "```" + `

These pages are made of the source (` + "`go test ./internal/laws -update`" + `).
`

// indexPage is policy.md. Links that lead to a section or to a kind of value there,
// from when all was one page, still find their place.
func indexPage(top config.Shape, of map[string]worked, c *Comments, more Examples) (string, error) {
	p := &page{comments: c, more: more}
	p.WriteString(opening + "```yaml\nbranches: [\"release-*\"]\nrelease_managers: [release-managers]\n```\n" + editors)
	p.WriteString("\n## Sections\n\nA section that the policy leaves out is as its defaults have it.\n\n| Section | What it is for |\n|---|---|\n")
	var own []keyAt
	for _, k := range top.Keys {
		if w, section := of[k.Name]; section {
			fmt.Fprintf(p, "| <a id=\"%s\"></a>[`%s`](policy/%[2]s.md) | %s |\n", Anchor(k.Name), k.Name, w.summary)
			continue
		}
		own = append(own, keyAt{k, k.Name, 0})
	}
	p.WriteString("\n## Keys at the top level\n")
	for _, k := range own {
		if err := p.key(k); err != nil {
			return "", err
		}
	}
	err := p.forms(top)
	return p.String(), err
}

// forms writes what may be written for each of the types that the policy uses.
func (p *page) forms(top config.Shape) error {
	used := map[string]config.Shape{}
	collect(top, used)
	p.WriteString("\n## Kinds of values\n\n| Kind | What it is | For example | What a fault asks for |\n|---|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(used)) {
		s := used[name]
		text, err := p.comments.Type(s.Type)
		if err != nil {
			return err
		}
		text, _, _ = strings.Cut(text, "\n\n") // what follows is for programmers
		examples := make([]string, len(s.Form.Examples))
		for i, e := range s.Form.Examples {
			examples[i] = "`" + quoted(e) + "`"
		}
		fmt.Fprintf(p, "| <a id=\"%s\"></a>%s | %s | %s | %s |\n", Anchor(name), opened(name), withoutName(text, s.Type.Name()), strings.Join(examples, ", "), s.Form.Want)
	}
	return nil
}

func collect(s config.Shape, used map[string]config.Shape) {
	if s.Form != nil && ours(s) {
		used[s.Form.Name] = s
	}
	if s.Items != nil {
		collect(*s.Items, used)
	}
	for _, k := range s.Keys {
		collect(k.Shape, used)
	}
}
