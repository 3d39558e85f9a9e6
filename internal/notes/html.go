package notes

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// HTML renders notes for a browser, without the front matter that a web site's
// generator reads. HTML that stands in the notes is left out.
func HTML(markdown string) (string, error) {
	if rest, ok := strings.CutPrefix(markdown, "---\n"); ok {
		if _, body, ok := strings.Cut(rest, "\n---\n"); ok {
			markdown = body
		}
	}
	var b bytes.Buffer
	err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert([]byte(markdown), &b)
	return b.String(), err
}
