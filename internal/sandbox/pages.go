package sandbox

import (
	"crypto/subtle"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// The web pages: plain, rendered here, without scripts. Everything in them is escaped by html/template, and a form
// changes something only with this process's token, so that no other page in the browser can.

// pages answers the site's addresses.
func (s *Server) pages() http.Handler {
	mux := http.NewServeMux()
	get := func(pattern string, f func(*http.Request) (string, any)) {
		mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, r *http.Request) { s.render(w, r, f) })
	}
	get("/{$}", s.homePage)
	get("/-/requests", s.requestsPage)
	get("/-/deliveries", s.deliveriesPage)
	get("/{owner}/{repo}", s.repoPage)
	get("/{owner}/{repo}/pulls", s.repoPage)
	get("/{owner}/{repo}/issues", s.repoPage)
	get("/{owner}/{repo}/pull/{n}", s.threadPage)
	get("/{owner}/{repo}/issues/{n}", s.threadPage)
	mux.HandleFunc("POST /-/deliveries/{id}", s.form(s.postRedeliver))
	mux.HandleFunc("POST /{owner}/{repo}/{what}", s.form(s.postNew))
	mux.HandleFunc("POST /{owner}/{repo}/{kind}/{n}/{what}", s.form(s.postThread))
	return secured(mux)
}

func secured(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		if id, is := strings.CutPrefix(r.URL.Path, "/avatars/u/"); is {
			avatar(w, id)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func avatar(w http.ResponseWriter, user string) {
	id, _ := strconv.Atoi(user)
	w.Header().Set("Content-Type", "image/svg+xml")
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><rect width="2" height="2" fill="hsl(%d,50%%,60%%)"/></svg>`, id*67%360)
}

// frame is what every page has around its own.
type frame struct {
	Title, CSRF, Error string
	People             []string
	Data               any
}

func (s *Server) render(w http.ResponseWriter, r *http.Request, f func(*http.Request) (string, any)) {
	name, data := f(r)
	if data == nil {
		s.fail(w, http.StatusNotFound, "There is nothing here.")
		return
	}
	title := strings.Trim(r.URL.Path, "/")
	if title == "" {
		title = "Repositories"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	err := pageTemplates().ExecuteTemplate(w, name, frame{Title: title, CSRF: s.csrf, People: s.People(), Data: data})
	if err != nil {
		fmt.Fprintln(w, "page failed:", template.HTMLEscapeString(err.Error()))
	}
}

func (s *Server) fail(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	pageTemplates().ExecuteTemplate(w, "error", frame{Title: http.StatusText(status), Error: message})
}

// form guards a POST and redirects after it, so that a reload doesn't do it again.
func (s *Server) form(f func(*http.Request) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		if subtle.ConstantTimeCompare([]byte(r.PostFormValue("csrf")), []byte(s.csrf)) != 1 {
			s.fail(w, http.StatusForbidden, "This form is not from this process; go back and reload.")
			return
		}
		to, err := f(r)
		if err != nil {
			s.fail(w, http.StatusUnprocessableEntity, err.Error())
			return
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	}
}

type homePage struct {
	Repos    []homeRepo
	App      App
	API      string
	Hooks    []string
	Requests int
	Sent     int
}

type homeRepo struct {
	Name, Branch  string
	PRs, Issues   int
	Private, Fork bool
}

func (s *Server) homePage(*http.Request) (string, any) {
	d := &homePage{App: s.app, API: s.API(), Requests: s.RequestCount(), Sent: s.DeliveryCount()}
	s.hooks.mu.Lock()
	for _, h := range s.hooks.targets {
		d.Hooks = append(d.Hooks, h.url)
	}
	s.hooks.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.sortedRepos() {
		row := homeRepo{Name: r.full(), Branch: r.defaultBranch, Private: r.private, Fork: r.fork}
		for _, i := range r.order {
			switch {
			case i.state != "open" || i.deleted:
			case i.pr != nil:
				row.PRs++
			default:
				row.Issues++
			}
		}
		d.Repos = append(d.Repos, row)
	}
	return "home", d
}

type repoPage struct {
	Repo, Default string
	PRs           []PR
	Issues        []Issue
	Branches      []string
	Closed        bool
}

func (s *Server) repoPage(r *http.Request) (string, any) {
	full := r.PathValue("owner") + "/" + r.PathValue("repo")
	def := read(s, full, func(x *repo) string { return x.defaultBranch })
	if def == "" {
		return "repo", nil
	}
	d := &repoPage{Repo: full, Default: def, Branches: s.Branches(full), Closed: r.URL.Query().Get("state") == "closed"}
	want := "open"
	if d.Closed {
		want = "closed"
	}
	for _, p := range newestFirst(s.PRs(full)) {
		if p.State == want {
			d.PRs = append(d.PRs, p)
		}
	}
	for _, i := range newestFirst(s.Issues(full)) {
		if i.State == want {
			d.Issues = append(d.Issues, i)
		}
	}
	return "repo", d
}

type threadPage struct {
	Repo     string
	PR       *PR
	Issue    Issue
	Checks   []CheckRun
	Comments []Comment
	Path     string
}

func (s *Server) threadPage(r *http.Request) (string, any) {
	full := r.PathValue("owner") + "/" + r.PathValue("repo")
	n, _ := strconv.Atoi(r.PathValue("n"))
	i := s.Issue(full, n)
	if i.Number == 0 {
		return "thread", nil
	}
	d := &threadPage{Repo: full, Issue: i, Comments: s.Comments(full, n), Path: fmt.Sprintf("/%s/issues/%d", full, n)}
	if i.IsPR {
		p := s.PR(full, n)
		d.PR, d.Path = &p, fmt.Sprintf("/%s/pull/%d", full, n)
		seen := map[string]bool{}
		for _, c := range newestFirst(s.CheckRuns(full, p.HeadSHA)) {
			if !seen[c.Name] {
				seen[c.Name] = true
				d.Checks = append(d.Checks, c)
			}
		}
	}
	return "thread", d
}

func (s *Server) requestsPage(*http.Request) (string, any) {
	all := newestFirst(s.Requests())
	return "requests", all[:min(len(all), 200)]
}

func (s *Server) deliveriesPage(*http.Request) (string, any) {
	all := newestFirst(s.Deliveries())
	return "deliveries", all[:min(len(all), 200)]
}

func (s *Server) postRedeliver(r *http.Request) (string, error) {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	return "/-/deliveries", s.RequestRedelivery(id)
}

func (s *Server) postNew(r *http.Request) (string, error) {
	full, who := r.PathValue("owner")+"/"+r.PathValue("repo"), s.As(r.PostFormValue("as"))
	at := "/" + (&url.URL{Path: full}).EscapedPath()
	switch r.PathValue("what") {
	case "new-pull":
		files := map[string]string{r.PostFormValue("path"): strings.ReplaceAll(r.PostFormValue("content"), "\r\n", "\n")}
		pr, err := who.OpenPR(full, PROptions{Base: r.PostFormValue("base"), Title: r.PostFormValue("title"),
			Body: r.PostFormValue("body"), Files: files, Fork: r.PostFormValue("fork") != ""})
		return fmt.Sprintf("%s/pull/%d", at, pr.Number), err
	case "new-issue":
		n, err := who.OpenIssue(full, r.PostFormValue("title"), r.PostFormValue("body"))
		return fmt.Sprintf("%s/issues/%d", at, n), err
	}
	return "", errNotFound
}

func (s *Server) postThread(r *http.Request) (string, error) {
	full, who := r.PathValue("owner")+"/"+r.PathValue("repo"), s.As(r.PostFormValue("as"))
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		return "", errNotFound
	}
	text := strings.ReplaceAll(r.PostFormValue("text"), "\r\n", "\n")
	switch r.PathValue("what") {
	case "comment":
		_, err = who.Comment(full, n, text)
	case "push":
		_, err = who.PushToPR(full, n, map[string]string{r.PostFormValue("path"): text}, "Change "+r.PostFormValue("path"))
	case "close":
		err = who.Close(full, n)
	case "reopen":
		err = who.Reopen(full, n)
	case "merge":
		_, err = who.Merge(full, n, r.PostFormValue("method"))
	case "label":
		err = who.AddLabel(full, n, r.PostFormValue("name"))
	case "unlabel":
		err = who.RemoveLabel(full, n, r.PostFormValue("name"))
	case "base":
		err = who.EditBase(full, n, r.PostFormValue("base"))
	default:
		err = errNotFound
	}
	return strings.TrimSuffix(r.URL.EscapedPath(), "/"+r.PathValue("what")), err
}
