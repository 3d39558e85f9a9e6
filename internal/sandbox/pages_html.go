package sandbox

import (
	"html/template"
	"strings"
	"sync"
	"time"
)

var pageTemplates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("pages").Funcs(template.FuncMap{
		"short": func(sha string) string { return sha[:min(len(sha), 7)] },
		"ago":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") },
		"ms":    func(d time.Duration) string { return d.Round(time.Millisecond).String() },
		"state": func(c CheckRun) string {
			if c.Conclusion != "" {
				return c.Conclusion
			}
			return c.Status
		},
		"hidden": hideComments,
	}).Parse(pageHTML))
})

// hideComments leaves HTML comments out, as GitHub's rendering does: markers are not for people.
func hideComments(s string) string {
	for {
		a := strings.Index(s, "<!--")
		if a < 0 {
			return strings.TrimSpace(s)
		}
		b := strings.Index(s[a:], "-->")
		if b < 0 {
			return strings.TrimSpace(s[:a])
		}
		s = s[:a] + s[a+b+3:]
	}
}

const pageHTML = `
{{define "top"}}<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.Title}} · sandbox</title><style>
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--blue:#0969da;--green:#1a7f37;--red:#cf222e;--grey:#6e7781;--violet:#8250df}
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:0 1rem 4rem}
nav{display:flex;gap:1.2rem;padding:.8rem 0;border-bottom:1px solid var(--line);margin-bottom:1.2rem}nav b{flex:1}
a{color:var(--blue);text-decoration:none}a:hover{text-decoration:underline}
h1{font-size:1.5rem;margin:.6rem 0}h1 small{color:var(--grey);font-weight:400}h2{font-size:1.1rem;margin:1.6rem 0 .5rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--grey);font-weight:500}pre{white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,monospace;margin:.4rem 0}
.box{border:1px solid var(--line);border-radius:8px;margin:.7rem 0;overflow:hidden}.box>header{background:var(--soft);padding:.4rem .8rem;border-bottom:1px solid var(--line)}
.box>div{padding:.4rem .8rem}.tag{display:inline-block;border-radius:1rem;padding:0 .6rem;font-size:.8rem;border:1px solid var(--line)}
.open,.success{color:#fff;background:var(--green)}.closed,.failure,.timed_out,.action_required{color:#fff;background:var(--red)}.merged{color:#fff;background:var(--violet)}
.neutral,.queued,.in_progress,.skipped,.cancelled,.draft{color:#fff;background:var(--grey)}.soft{color:var(--grey)}
form{display:inline}form.wide{display:block;border:1px solid var(--line);border-radius:8px;padding:.8rem;margin:.7rem 0}
input,select,textarea,button{font:inherit;padding:.25rem .5rem;border-radius:6px;border:1px solid var(--line);background:Canvas;color:CanvasText}
textarea{width:100%;box-sizing:border-box;min-height:5rem;margin:.4rem 0}button{background:var(--soft);cursor:pointer}details{margin:.5rem 0}summary{cursor:pointer}
</style></head><body><nav><b><a href="/">sandbox</a> <span class="soft">a stand-in for GitHub</span></b><a href="/-/requests">API requests</a><a href="/-/deliveries">webhooks</a></nav>{{end}}

{{define "bottom"}}</body></html>{{end}}
{{define "csrf"}}<input type="hidden" name="csrf" value="{{.CSRF}}">{{end}}
{{define "people"}}<select name="as" aria-label="as whom">{{range .People}}<option>{{.}}</option>{{end}}</select>{{end}}

{{define "error"}}{{template "top" .}}<h1>{{.Title}}</h1><p>{{.Error}}</p>{{template "bottom" .}}{{end}}

{{define "home"}}{{template "top" .}}{{with .Data}}<h1>Repositories</h1>
<table><tr><th>repository</th><th>default branch</th><th>open pull requests</th><th>open issues</th></tr>
{{range .Repos}}<tr><td><a href="/{{.Name}}">{{.Name}}</a>{{if .Private}} <span class="tag">private</span>{{end}}{{if .Fork}} <span class="tag">fork</span>{{end}}</td><td>{{.Branch}}</td><td>{{.PRs}}</td><td>{{.Issues}}</td></tr>{{end}}</table>
<h2>The App</h2><p>{{.App.Name}} (id {{.App.ID}}, acts as <b>{{.App.BotLogin}}</b>) · API <code>{{.API}}</code> · {{.Requests}} requests, {{.Sent}} webhooks sent{{range .Hooks}} to <code>{{.}}</code>{{end}}</p>
{{end}}{{template "bottom" .}}{{end}}

{{define "repo"}}{{template "top" .}}{{$f := .}}{{with .Data}}<h1><a href="/{{.Repo}}">{{.Repo}}</a></h1>
<p>{{if .Closed}}<a href="/{{.Repo}}">open</a> · <b>closed</b>{{else}}<b>open</b> · <a href="/{{.Repo}}?state=closed">closed</a>{{end}}</p>
<h2>Pull requests</h2><table>{{range .PRs}}<tr><td>#{{.Number}}</td><td><a href="/{{.Repo}}/pull/{{.Number}}">{{.Title}}</a>{{range .Labels}} <span class="tag">{{.}}</span>{{end}}</td><td>{{.Base}} ← {{.Head}}</td><td>{{.Author}}</td></tr>{{else}}<tr><td class="soft">none</td></tr>{{end}}</table>
<h2>Issues</h2><table>{{$r := .Repo}}{{range .Issues}}<tr><td>#{{.Number}}</td><td><a href="/{{$r}}/issues/{{.Number}}">{{.Title}}</a>{{range .Labels}} <span class="tag">{{.}}</span>{{end}}</td><td>{{.Author}}</td></tr>{{else}}<tr><td class="soft">none</td></tr>{{end}}</table>
<h2>Open a pull request</h2><form class="wide" method="post" action="/{{.Repo}}/new-pull">{{template "csrf" $f}}
as {{template "people" $f}} into <select name="base" aria-label="base branch">{{range .Branches}}<option>{{.}}</option>{{end}}</select> <label><input type="checkbox" name="fork"> from a fork</label><br>
<p><input name="title" placeholder="title" size="50" required></p><p><input name="path" placeholder="path of a file, as in docs/note.md" size="50" required></p>
<textarea name="content" placeholder="what the file shall hold"></textarea><textarea name="body" placeholder="description"></textarea><button>Open pull request</button></form>
<h2>Open an issue</h2><form class="wide" method="post" action="/{{.Repo}}/new-issue">{{template "csrf" $f}}as {{template "people" $f}} <p><input name="title" placeholder="title" size="50" required></p>
<textarea name="body" placeholder="description"></textarea><button>Open issue</button></form>
<h2>Branches</h2><p>{{range .Branches}}<span class="tag">{{.}}</span> {{end}}</p>{{end}}{{template "bottom" .}}{{end}}

{{define "thread"}}{{template "top" .}}{{$f := .}}{{with .Data}}{{$d := .}}
<p><a href="/{{.Repo}}">{{.Repo}}</a></p><h1>{{.Issue.Title}} <small>#{{.Issue.Number}}</small></h1>
<p>{{if .PR}}{{if .PR.Merged}}<span class="tag merged">merged</span>{{else}}<span class="tag {{.PR.State}}">{{.PR.State}}</span>{{end}}{{if .PR.Draft}} <span class="tag draft">draft</span>{{end}}
<b>{{.PR.Author}}</b> wants <code>{{.PR.Base}}</code> ← <code>{{if ne .PR.HeadRepo .Repo}}{{.PR.HeadRepo}}:{{end}}{{.PR.Head}}</code> <span class="soft">{{short .PR.HeadSHA}}</span>
{{else}}<span class="tag {{.Issue.State}}">{{.Issue.State}}</span> by <b>{{.Issue.Author}}</b>{{end}}
{{range .Issue.Labels}}<span class="tag">{{.}} <form method="post" action="{{$d.Path}}/unlabel">{{template "csrf" $f}}<input type="hidden" name="name" value="{{.}}"><input type="hidden" name="as" value="{{index $f.People 0}}"><button aria-label="remove label {{.}}">×</button></form></span> {{end}}</p>
{{if .PR}}<h2>Checks</h2>{{range .Checks}}<div class="box"><header><span class="tag {{state .}}">{{state .}}</span> <b>{{.Name}}</b> {{.Title}}</header>{{if or .Summary .Text}}<div><pre>{{hidden .Summary}}</pre>{{if .Text}}<pre>{{hidden .Text}}</pre>{{end}}</div>{{end}}</div>{{else}}<p class="soft">No checks on {{short .PR.HeadSHA}} yet.</p>{{end}}{{end}}
<h2>Conversation</h2><div class="box"><header><b>{{.Issue.Author}}</b> <span class="soft">{{ago .Issue.Created}}</span></header><div><pre>{{hidden .Issue.Body}}</pre></div></div>
{{range .Comments}}<div class="box" id="issuecomment-{{.ID}}"><header><b>{{.Author}}</b> <span class="soft">{{ago .Created}}{{if .Updated.After .Created}}, edited{{end}}</span>{{range $k, $n := .Reactions}} <span class="tag">{{$k}} {{$n}}</span>{{end}}</header><div><pre>{{hidden .Body}}</pre></div></div>{{end}}
<form class="wide" method="post" action="{{.Path}}/comment">{{template "csrf" $f}}comment as {{template "people" $f}}<textarea name="text" required></textarea><button>Comment</button></form>
<h2>Act</h2><p><form method="post" action="{{.Path}}/label">{{template "csrf" $f}}{{template "people" $f}} <input name="name" placeholder="label" required> <button>Add label</button></form></p>
<p>{{if and .PR (eq .PR.State "open")}}<form method="post" action="{{.Path}}/merge">{{template "csrf" $f}}{{template "people" $f}} <select name="method" aria-label="method"><option>merge</option><option>squash</option><option>rebase</option></select> <button>Merge</button></form>{{end}}
{{if eq .Issue.State "open"}}<form method="post" action="{{.Path}}/close">{{template "csrf" $f}}{{template "people" $f}} <button>Close</button></form>{{else if not (and .PR .PR.Merged)}}<form method="post" action="{{.Path}}/reopen">{{template "csrf" $f}}{{template "people" $f}} <button>Reopen</button></form>{{end}}</p>
{{if and .PR (eq .PR.State "open")}}<details><summary>Push a commit to this pull request</summary><form class="wide" method="post" action="{{.Path}}/push">{{template "csrf" $f}}as {{template "people" $f}} <input name="path" placeholder="path" required><textarea name="text" placeholder="what the file shall hold"></textarea><button>Push</button></form></details>{{end}}
{{end}}{{template "bottom" .}}{{end}}

{{define "requests"}}{{template "top" .}}<h1>API requests <small>newest first</small></h1><table><tr><th>time</th><th>request</th><th>status</th><th>took</th><th>by</th></tr>
{{range .Data}}<tr><td class="soft">{{ago .Time}}</td><td><code>{{.Method}} {{.Path}}{{if .Query}}?{{.Query}}{{end}}</code></td><td>{{.Status}}</td><td>{{ms .Duration}}</td><td>{{if .Installation}}the App{{else}}{{.Login}}{{end}}</td></tr>{{end}}</table>{{template "bottom" .}}{{end}}

{{define "deliveries"}}{{template "top" .}}{{$f := .}}<h1>Webhooks <small>newest first</small></h1><table><tr><th>time</th><th>event</th><th>result</th><th>took</th><th>GUID</th><th></th></tr>
{{range .Data}}<tr><td class="soft">{{ago .DeliveredAt}}</td><td>{{.Event}}{{if .Action}}.{{.Action}}{{end}}{{if .Redelivery}} <span class="tag">again</span>{{end}}</td><td>{{if .StatusCode}}{{.StatusCode}}{{else}}{{.Status}}{{end}}</td><td>{{ms .Duration}}</td><td><code>{{.GUID}}</code></td>
<td>{{if .Payload}}<form method="post" action="/-/deliveries/{{.ID}}">{{template "csrf" $f}}<button>Redeliver</button></form>{{end}}</td></tr>{{end}}</table>{{template "bottom" .}}{{end}}
`
