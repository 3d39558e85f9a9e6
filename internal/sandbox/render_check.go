package sandbox

import "fmt"

func (s *Server) checkRunObj(r *repo, c *checkRun) obj {
	api := fmt.Sprintf("%s/check-runs/%d", s.repoURL(r), c.id)
	details := c.details
	html := fmt.Sprintf("%s/runs/%d", s.repoHTML(r), c.id)
	if details == "" {
		details = html
	}
	return obj{"id": c.id, "name": c.name, "node_id": nodeID("CR", c.id), "head_sha": c.sha, "external_id": c.external,
		"url": api, "html_url": html, "details_url": details, "status": c.status, "conclusion": orNil(c.conclusion),
		"started_at": stampOrNil(c.started), "completed_at": stampOrNil(c.completed),
		"output": obj{"title": strOrNil(c.title), "summary": strOrNil(c.summary), "text": strOrNil(c.txt),
			"annotations_count": len(c.annotations), "annotations_url": api + "/annotations"},
		"check_suite": obj{"id": c.suite.id}, "app": s.appOf(c.ofApp), "pull_requests": s.pullsOf(r, c.sha)}
}

// appOf is our App, or the other App whose checks a world may hold too.
func (s *Server) appOf(ours bool) obj {
	o := s.integration()
	if !ours {
		o["id"], o["slug"], o["name"] = s.app.ID+1, "other-ci", "Other CI"
		o["node_id"], o["html_url"] = nodeID("A", s.app.ID+1), s.url+"/apps/other-ci"
	}
	return o
}

// suiteState is a suite's status and conclusion as its latest runs make it.
func suiteState(runs []*checkRun) (status, conclusion string) {
	if len(runs) == 0 {
		return "queued", ""
	}
	worst := "success"
	order := map[string]int{"neutral": 1, "skipped": 1, "success": 2, "cancelled": 3, "timed_out": 4, "action_required": 5, "failure": 6}
	for _, c := range runs {
		if c.status != "completed" {
			return c.status, ""
		}
		if order[c.conclusion] > order[worst] {
			worst = c.conclusion
		}
	}
	return "completed", worst
}

func (s *Server) suiteObj(r *repo, u *checkSuite) obj {
	runs := latestOf(u.runs)
	st, con := suiteState(runs)
	api := fmt.Sprintf("%s/check-suites/%d", s.repoURL(r), u.id)
	o := obj{"id": u.id, "node_id": nodeID("CS", u.id), "head_branch": orNil(u.branch), "head_sha": u.sha, "status": st,
		"conclusion": orNil(con), "url": api, "before": orNil(u.before), "after": u.sha, "pull_requests": s.pullsOf(r, u.sha),
		"app": s.appOf(len(u.runs) == 0 || u.runs[0].ofApp), "repository": s.minimalRepo(r), "created_at": stamp(u.created),
		"updated_at": stamp(u.updated), "latest_check_runs_count": len(runs), "check_runs_url": api + "/check-runs",
		"rerequestable": true, "runs_rerequestable": true}
	if c := r.git.commit(u.sha); c != nil {
		o["head_commit"] = simpleCommit(c)
	}
	return o
}

func simpleCommit(c *gitCommit) obj {
	return obj{"id": c.SHA, "tree_id": c.Tree, "message": c.Message, "timestamp": stamp(c.Committer.When),
		"author":    obj{"name": c.Author.Name, "email": c.Author.Email},
		"committer": obj{"name": c.Committer.Name, "email": c.Committer.Email}}
}

func latestOf(runs []*checkRun) []*checkRun {
	last := map[string]*checkRun{}
	for _, c := range runs {
		last[c.name] = c
	}
	var out []*checkRun
	for _, c := range runs {
		if last[c.name] == c {
			out = append(out, c)
		}
	}
	return out
}

// latestRuns are the newest check runs of each name on a commit, newest first.
func (s *Server) latestRuns(r *repo, sha string) []*checkRun {
	var out []*checkRun
	all := r.checksBySHA[sha]
	seen := map[string]bool{}
	for i := len(all) - 1; i >= 0; i-- {
		c := all[i]
		if k := fmt.Sprint(c.ofApp, c.name); !seen[k] {
			seen[k] = true
			out = append(out, c)
		}
	}
	return out
}

func (s *Server) statusObj(r *repo, t *status) obj {
	return obj{"url": s.repoURL(r) + "/statuses/" + t.sha, "avatar_url": fmt.Sprintf("%s/avatars/u/%d?v=4", s.url, t.creator.id),
		"id": t.id, "node_id": nodeID("SC", t.id), "state": t.state, "description": orNil(t.desc),
		"target_url": orNil(t.target), "context": t.ctx, "created_at": stamp(t.created), "updated_at": stamp(t.updated),
		"creator": s.simpleUser(t.creator)}
}

func (s *Server) releaseObj(x *release) obj {
	api := fmt.Sprintf("%s/releases/%d", s.repoURL(x.repo), x.id)
	html := s.repoHTML(x.repo) + "/releases/tag/" + x.tag
	assets := []obj{}
	for _, a := range x.assets {
		assets = append(assets, s.assetObj(x, a))
	}
	o := obj{"url": api, "html_url": html, "assets_url": api + "/assets",
		"upload_url":  fmt.Sprintf("%s/api/uploads/repos/%s/releases/%d/assets{?name,label}", s.url, x.repo.full(), x.id),
		"tarball_url": s.repoURL(x.repo) + "/tarball/" + x.tag, "zipball_url": s.repoURL(x.repo) + "/zipball/" + x.tag,
		"id": x.id, "node_id": nodeID("RE", x.id), "tag_name": x.tag, "target_commitish": x.target,
		"name": strOrNil(x.name), "body": strOrNil(x.body), "draft": x.draft, "prerelease": x.pre, "immutable": false,
		"created_at": stamp(x.created), "published_at": stampOrNil(x.published), "author": s.someUser(x.author),
		"assets": assets}
	if x.draft {
		o["tarball_url"], o["zipball_url"] = nil, nil
		o["html_url"] = fmt.Sprintf("%s/releases/tag/untagged-%x", s.repoHTML(x.repo), x.id)
	}
	return o
}

func (s *Server) assetObj(x *release, a *asset) obj {
	return obj{"url": fmt.Sprintf("%s/releases/assets/%d", s.repoURL(x.repo), a.id), "id": a.id, "node_id": nodeID("RA", a.id),
		"browser_download_url": fmt.Sprintf("%s/releases/download/%s/%s", s.repoHTML(x.repo), x.tag, a.name),
		"name":                 a.name, "label": nil, "state": "uploaded", "content_type": "application/octet-stream", "size": 1, "digest": nil,
		"download_count": 0, "created_at": stamp(a.created), "updated_at": stamp(a.created), "uploader": s.someUser(a.by)}
}
