package sandbox

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

func nodeID(kind string, id int64) string {
	return kind + "_" + base64.RawURLEncoding.EncodeToString([]byte("sandbox:"+strconv.FormatInt(id, 10)))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func stampOrNil(t *time.Time) any {
	if t == nil {
		return nil
	}
	return stamp(*t)
}

func strOrNil(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (s *Server) api(format string, args ...any) string {
	return s.url + "/api/v3" + fmt.Sprintf(format, args...)
}

// simpleUser renders a user; a deleted one is null, as GitHub says of ghosts in most places.
func (s *Server) simpleUser(u *user) any {
	if u == nil || u.deleted {
		return nil
	}
	return s.userObj(u)
}

// someUser is simpleUser for places that are never null: there the ghost stands in.
func (s *Server) someUser(u *user) obj {
	if u == nil || u.deleted {
		u = s.ghost
	}
	return s.userObj(u)
}

func (s *Server) userObj(u *user) obj {
	login := url.PathEscape(u.login)
	api, html := s.api("/users/%s", login), s.url+"/"+login
	if u.kind == "Bot" {
		html = s.url + "/apps/" + s.opts.AppSlug
	}
	return obj{"login": u.login, "id": u.id, "node_id": nodeID("U", u.id), "gravatar_id": "", "url": api,
		"avatar_url": fmt.Sprintf("%s/avatars/u/%d?v=4", s.url, u.id), "html_url": html,
		"followers_url": api + "/followers", "following_url": api + "/following{/other_user}",
		"gists_url": api + "/gists{/gist_id}", "starred_url": api + "/starred{/owner}{/repo}",
		"subscriptions_url": api + "/subscriptions", "organizations_url": api + "/orgs", "repos_url": api + "/repos",
		"events_url": api + "/events{/privacy}", "received_events_url": api + "/received_events", "type": u.kind,
		"user_view_type": "public", "site_admin": false}
}

func (s *Server) users3(us []*user) []any {
	out := []any{}
	for _, u := range us {
		if x := s.simpleUser(u); x != nil {
			out = append(out, x)
		}
	}
	return out
}

func (s *Server) publicUser(u *user) obj {
	o := s.userObj(u)
	n := 0
	for _, r := range s.repos {
		if r.owner == u && !r.private {
			n++
		}
	}
	for _, k := range []string{"company", "location", "email", "hireable", "bio", "twitter_username"} {
		o[k] = nil
	}
	o["name"], o["blog"] = orNil(u.name), ""
	o["public_repos"], o["public_gists"], o["followers"], o["following"] = n, 0, 0, 0
	o["created_at"], o["updated_at"] = stamp(u.created), stamp(u.created)
	return o
}

func (s *Server) orgSimple(u *user) obj {
	api := s.api("/orgs/%s", url.PathEscape(u.login))
	return obj{"login": u.login, "id": u.id, "node_id": nodeID("O", u.id), "url": api, "repos_url": api + "/repos",
		"events_url": api + "/events", "hooks_url": api + "/hooks", "issues_url": api + "/issues",
		"members_url": api + "/members{/member}", "public_members_url": api + "/public_members{/member}",
		"avatar_url": fmt.Sprintf("%s/avatars/u/%d?v=4", s.url, u.id), "description": orNil(u.name)}
}

func (s *Server) orgFull(u *user) obj {
	o := s.orgSimple(u)
	n := 0
	for _, r := range s.repos {
		if r.owner == u {
			n++
		}
	}
	for k, v := range (obj{"html_url": s.url + "/" + u.login, "type": "Organization", "has_organization_projects": true,
		"has_repository_projects": true, "public_repos": n, "public_gists": 0, "followers": 0, "following": 0,
		"created_at": stamp(u.created), "updated_at": stamp(u.created), "archived_at": nil}) {
		o[k] = v
	}
	return o
}

func (s *Server) integration() obj {
	o := s.opts
	perms := obj{}
	for k, v := range allPermissions() {
		perms[k] = v
	}
	return obj{"id": s.app.ID, "slug": o.AppSlug, "node_id": nodeID("A", s.app.ID), "owner": s.userObj(s.appOwner),
		"client_id": fmt.Sprintf("Iv1.%016x", s.app.ID), "name": o.AppName, "description": "", "external_url": s.url,
		"html_url": s.url + "/apps/" + o.AppSlug, "created_at": stamp(s.appOwner.created),
		"updated_at": stamp(s.appOwner.created), "permissions": perms, "events": s.subscribed()}
}

func (s *Server) viaApp(via bool) any {
	if via {
		return s.integration()
	}
	return nil
}

func (s *Server) installationObj(i *installation) obj {
	o := obj{"id": i.id, "account": s.userObj(i.account), "repository_selection": "selected",
		"access_tokens_url": s.api("/app/installations/%d/access_tokens", i.id),
		"repositories_url":  s.api("/installation/repositories"),
		"html_url":          fmt.Sprintf("%s/organizations/%s/settings/installations/%d", s.url, i.account.login, i.id),
		"app_id":            s.app.ID, "app_slug": s.opts.AppSlug, "target_id": i.account.id,
		"target_type": i.account.kind, "permissions": i.perms, "events": i.events, "created_at": stamp(i.created),
		"updated_at": stamp(i.updated), "single_file_name": nil, "has_multiple_single_files": false,
		"single_file_paths": []string{}, "suspended_by": s.simpleUser(i.suspendedBy),
		"suspended_at": stampOrNil(i.suspendedAt), "client_id": fmt.Sprintf("Iv1.%016x", s.app.ID)}
	if i.all {
		o["repository_selection"] = "all"
	}
	perms := obj{}
	for k, v := range i.perms {
		perms[k] = v
	}
	o["permissions"], o["events"] = perms, append([]string{}, i.events...)
	return o
}

func (s *Server) teamSimple(t *team) obj {
	api := s.api("/organizations/%d/team/%d", t.org.id, t.id)
	return obj{"id": t.id, "node_id": nodeID("T", t.id), "url": api, "name": t.name, "slug": t.slug,
		"html_url": fmt.Sprintf("%s/orgs/%s/teams/%s", s.url, t.org.login, t.slug), "description": orNil(t.desc),
		"privacy": t.privacy, "notification_setting": "notifications_enabled", "permission": "pull",
		"members_url": api + "/members{/member}", "repositories_url": api + "/repos", "type": "organization",
		"organization_id": t.org.id}
}

func (s *Server) teamObj(t *team) obj {
	o := s.teamSimple(t)
	o["parent"] = nil
	if t.parent != nil {
		o["parent"] = s.teamSimple(t.parent)
	}
	return o
}

func (s *Server) teamFull(t *team) obj {
	o := s.teamObj(t)
	o["members_count"], o["repos_count"] = len(t.members), len(t.repos)
	o["created_at"], o["updated_at"] = stamp(t.created), stamp(t.created)
	o["organization"] = s.orgFull(t.org)
	return o
}
