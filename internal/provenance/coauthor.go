package provenance

import (
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

// CoAuthoredBy begins the line of a message that names a co-author.
const CoAuthoredBy = "Co-authored-by: "

var coAuthored = lazy.Regexp(`(?im)^co-authored-by:[ \t]*([^<>\r\n]*<[^<>\s]+>)[ \t]*\r?$`)

// CoAuthors are those whom a message names as who made what was picked, each as NAME
// <EMAIL>: they stand below the first line that git cherry-pick -x writes. Those above it
// the source has named.
func CoAuthors(message string) (all []string) {
	at := trailer().FindStringIndex(message)
	if at == nil {
		return nil
	}
	for _, m := range coAuthored().FindAllStringSubmatch(message[at[1]:], -1) {
		if one := strings.TrimSpace(m[1]); !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}
