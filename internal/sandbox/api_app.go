package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

func getApp(c *call) (reply, error) {
	o := c.s.integration()
	o["installations_count"] = len(c.s.insts)
	return ok(o)
}

func getMeta(c *call) (reply, error) {
	o := obj{"verifiable_password_authentication": true, "hooks": []string{"127.0.0.0/8"}}
	if c.s.opts.Profile == Enterprise {
		o["installed_version"] = enterpriseVersion
	}
	return ok(o)
}

func listInstallations(c *call) (reply, error) {
	var all []*installation
	for _, i := range c.s.insts {
		all = append(all, i)
	}
	sort.Slice(all, func(a, b int) bool { return all[a].id < all[b].id })
	return list(c, all, c.s.installationObj)
}

func (c *call) pathInst() (*installation, error) {
	id, err := c.pathID("id")
	if err != nil {
		return nil, err
	}
	if i := c.s.insts[id]; i != nil {
		return i, nil
	}
	return nil, errNotFound
}

func (c *call) instAnswer(u *user, covers func(*installation) bool) (reply, error) {
	if u != nil {
		if i := c.s.instOf(u); i != nil && covers(i) {
			return ok(c.s.installationObj(i))
		}
	}
	return reply{}, errNotFound
}

func repoInstallation(c *call) (reply, error) {
	return c.instAnswer(c.repo.owner, func(i *installation) bool { return i.covers(c.repo) })
}

func orgInstallation(c *call) (reply, error) {
	return c.instAnswer(c.org, func(*installation) bool { return true })
}

// createToken makes an installation token, scoped down as asked, never up.
func createToken(c *call) (reply, error) {
	i, err := c.pathInst()
	if err != nil {
		return reply{}, err
	}
	if i.suspendedAt != nil {
		return reply{}, errSuspended
	}
	t := &token{inst: i, perms: i.perms, expires: c.s.now().Add(time.Hour)}
	if t.perms, err = c.scopePermissions(i); err != nil {
		return reply{}, err
	}
	if t.repos, err = c.scopeRepos(i); err != nil {
		return reply{}, err
	}
	secret := "ghs_" + randomHex(18)
	c.s.sweepTokens()
	c.s.tokens[secret] = t
	selection := "selected"
	if i.all && t.repos == nil {
		selection = "all"
	}
	perms := obj{}
	for k, v := range t.perms {
		perms[k] = v
	}
	o := obj{"token": secret, "expires_at": stamp(t.expires), "permissions": perms, "repository_selection": selection}
	if t.repos != nil {
		rows := []obj{}
		for _, r := range c.s.installedRepos(i) {
			if t.repos[r.id] {
				rows = append(rows, c.s.minimalRepo(r))
			}
		}
		o["repositories"] = rows
	}
	return created(o)
}

// sweepTokens forgets what has expired, so that a long run doesn't grow.
func (s *Server) sweepTokens() {
	for k, t := range s.tokens {
		if !s.now().Before(t.expires) {
			delete(s.tokens, k)
		}
	}
}

func (c *call) scopePermissions(i *installation) (map[string]string, error) {
	perms := map[string]string{}
	asked, isObj := c.body["permissions"].(obj)
	if !isObj {
		for k, v := range i.perms {
			perms[k] = v
		}
		return perms, nil
	}
	for k, v := range asked {
		level, _ := v.(string)
		if permLevel(level) == 0 || permLevel(level) > permLevel(i.perms[k]) {
			return nil, unprocessable("The permissions requested are not granted to this installation.")
		}
		perms[k] = level
	}
	perms["metadata"] = "read"
	return perms, nil
}

func (c *call) scopeRepos(i *installation) (map[int64]bool, error) {
	names, byName, err := c.strs("repositories")
	if err != nil {
		return nil, err
	}
	ids, byID := c.body["repository_ids"].([]any)
	if !byName && !byID {
		return nil, nil
	}
	missing := unprocessable("There is at least one repository that does not exist or is not accessible to the parent installation.")
	out := map[int64]bool{}
	for _, n := range names {
		r := c.s.repos[strings.ToLower(i.account.login+"/"+n)]
		if r == nil || !i.covers(r) {
			return nil, missing
		}
		out[r.id] = true
	}
	for _, v := range ids {
		n, _ := v.(json.Number)
		id, _ := n.Int64()
		r := c.s.repoByID[id]
		if r == nil || !i.covers(r) {
			return nil, missing
		}
		out[r.id] = true
	}
	return out, nil
}

func installationRepositories(c *call) (reply, error) {
	t := c.cred.tok
	var all []*repo
	for _, r := range c.s.installedRepos(t.inst) {
		if t.covers(r) {
			all = append(all, r)
		}
	}
	r, err := wrapped(c, "repositories", all, c.s.minimalRepo)
	if o, isObj := r.body.(obj); isObj {
		o["repository_selection"] = "selected"
		if t.inst.all && t.repos == nil {
			o["repository_selection"] = "all"
		}
	}
	return r, err
}

func deliveryObj(d *Delivery) obj {
	o := obj{"id": d.ID, "guid": d.GUID, "delivered_at": stamp(d.DeliveredAt), "redelivery": d.Redelivery,
		"duration": float64(d.Duration.Milliseconds()) / 1000, "status": d.Status, "status_code": d.StatusCode,
		"event": d.Event, "action": orNil(d.Action), "installation_id": idOrNil(d.Installation),
		"repository_id": idOrNil(d.Repository), "throttled_at": nil}
	return o
}

func idOrNil(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// listDeliveries is newest first and paged by an opaque cursor, as on GitHub.
func listDeliveries(c *call) (reply, error) {
	per := intParam(c.q, "per_page", 30, 100)
	before := int64(1) << 62
	if cur := c.q.Get("cursor"); cur != "" {
		n, err := strconv.ParseInt(strings.TrimPrefix(cur, "v1_"), 10, 64)
		if err != nil {
			return reply{}, &Error{Status: 400, Message: "Invalid cursor"}
		}
		before = n
	}
	h := &c.s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	rows, rep := []obj{}, reply{status: 200}
	for k := len(h.log) - 1; k >= 0; k-- {
		d := h.log[k]
		failed := d.StatusCode < 200 || d.StatusCode > 299
		if want := c.q.Get("status"); d.ID >= before || want == "failure" && !failed || want == "success" && failed {
			continue
		}
		if len(rows) == per {
			q := url.Values{"per_page": {strconv.Itoa(per)}, "cursor": {"v1_" + strconv.FormatInt(h.log[k+1].ID, 10)}}
			rep.link = fmt.Sprintf(`<%s?%s>; rel="next"`, c.s.api("/app/hook/deliveries"), q.Encode())
			break
		}
		rows = append(rows, deliveryObj(d))
	}
	rep.body = rows
	return rep, nil
}

func getDelivery(c *call) (reply, error) {
	id, err := c.pathID("id")
	if err != nil {
		return reply{}, err
	}
	h := &c.s.hooks
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.byID[id]
	if d == nil {
		return reply{}, errNotFound
	}
	o := deliveryObj(d)
	flat := func(h http.Header) any {
		if h == nil {
			return nil
		}
		out := obj{}
		for k := range h {
			out[k] = h.Get(k)
		}
		return out
	}
	var payload any
	json.Unmarshal(d.Payload, &payload)
	o["url"] = d.URL
	o["request"] = obj{"headers": flat(d.reqHeader), "payload": payload}
	o["response"] = obj{"headers": flat(d.respHeader), "payload": orNil(d.response)}
	return ok(o)
}

func redeliver(c *call) (reply, error) {
	id, err := c.pathID("id")
	if err != nil {
		return reply{}, err
	}
	if err := c.s.RequestRedelivery(id); err != nil {
		return reply{}, err
	}
	return reply{status: 202, body: obj{}}, nil
}
