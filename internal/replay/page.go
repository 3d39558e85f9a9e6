package replay

import (
	"bytes"
	"html/template"
	"sync"
)

// Page is the report as one page, which needs nothing else. Whatever stands in titles and messages is text there.
func Page(r Report) ([]byte, error) {
	var b bytes.Buffer
	err := page().Execute(&b, r)
	return b.Bytes(), err
}

var page = sync.OnceValue(func() *template.Template { return template.Must(template.New("report").Parse(pageText)) })

const pageText = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{.Title}}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #1f2328; background: #fff }
h1 { font-size: 1.6em } h2 { font-size: 1.2em; border-bottom: 1px solid #d1d9e0; margin-top: 2em }
div { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #d1d9e0; padding: .3em .6em; text-align: left; vertical-align: top; overflow-wrap: break-word }
th { background: #f6f8fa } td.short { white-space: nowrap }
a { color: #0969da }
details { margin-top: 1em } summary { cursor: pointer; font-weight: 600 }
section:first-of-type td:nth-child(2) { font-weight: 600 }
</style>
</head>
<body>
<h1>{{.Title}}</h1>
{{range $s := .Sections}}{{if .Folded}}<details>
<summary>{{.Title}} ({{len .Rows}})</summary>
{{else}}<section>
<h2>{{.Title}}</h2>
{{end}}{{range .Lines}}<p>{{.}}</p>
{{end}}{{if .Rows}}<div><table>
<thead><tr>{{range .Head}}<th scope="col">{{.}}</th>{{end}}</tr></thead>
<tbody>
{{range .Rows}}<tr>{{range .}}<td{{if or .URL (lt (len .Text) 22)}} class="short"{{end}}>{{if .URL}}<a href="{{.URL}}" rel="noreferrer">{{.Text}}</a>{{else}}{{.Text}}{{end}}</td>{{end}}</tr>
{{end}}</tbody>
</table></div>
{{end}}{{if .Folded}}</details>{{else}}</section>{{end}}
{{end}}</body>
</html>
`
