package sandbox

import "sort"

func listReleases(c *call) (reply, error) {
	var all []*release
	for _, x := range newestFirst(c.repo.releases) {
		if !x.draft || c.may("write") { // drafts are for those who can push
			all = append(all, x)
		}
	}
	return list(c, all, c.s.releaseObj)
}

func (c *call) releaseFields(x *release) error {
	for field, into := range map[string]*string{"tag_name": &x.tag, "target_commitish": &x.target} {
		if v, given, err := c.str(field); err != nil {
			return err
		} else if given {
			*into = v
		}
	}
	for field, into := range map[string]**string{"name": &x.name, "body": &x.body} {
		if v, err := c.text(field); err != nil {
			return err
		} else if v != nil {
			*into = v
		}
	}
	var err error
	if x.draft, err = c.flag("draft", x.draft); err != nil {
		return err
	}
	if x.pre, err = c.flag("prerelease", x.pre); err != nil {
		return err
	}
	if x.tag == "" {
		return invalid("Release", "tag_name", "missing_field", "")
	}
	for _, other := range c.repo.releases {
		if other != x && other.tag == x.tag && !other.draft && !x.draft {
			return invalid("Release", "tag_name", "already_exists", "")
		}
	}
	if !x.draft && c.s.resolve(c.repo, x.target) == "" && c.repo.refs["refs/tags/"+x.tag] == "" {
		return invalid("Release", "target_commitish", "invalid", "")
	}
	return nil
}

// publish makes the tag of a release that is no draft any more, and tells the world.
func (c *call) publish(x *release) error {
	if x.draft || x.published != nil {
		return nil
	}
	if c.repo.refs["refs/tags/"+x.tag] == "" {
		if err := c.s.ruled(c.actor, c.repo, "refs/tags/"+x.tag, "", nil, 422); err != nil {
			return invalid("Release", "pre_receive", "custom", "pre_receive "+err.(*Error).Message)
		}
		if err := c.s.writeRef(c.actor, c.repo, "refs/tags/"+x.tag, c.s.resolve(c.repo, x.target)); err != nil {
			return err
		}
	}
	now := c.s.now()
	x.published = &now
	actions := []string{"published", "released"}
	if x.pre {
		actions[1] = "prereleased"
	}
	for _, a := range actions {
		c.s.emit("release", a, c.repo, c.actor, obj{"release": c.s.releaseObj(x)})
	}
	return nil
}

func createRelease(c *call) (reply, error) {
	x := &release{target: c.repo.defaultBranch, author: c.actor.user, created: c.s.now(), repo: c.repo}
	if err := c.releaseFields(x); err != nil {
		return reply{}, err
	}
	x.id = c.s.id()
	c.repo.releases = append(c.repo.releases, x)
	c.s.emit("release", "created", c.repo, c.actor, obj{"release": c.s.releaseObj(x)})
	if err := c.publish(x); err != nil {
		return reply{}, err
	}
	o := c.s.releaseObj(x)
	return reply{status: 201, body: o, location: o["url"].(string)}, nil
}

func (c *call) pathRelease() (*release, error) {
	id, err := c.pathID("id")
	if err != nil {
		return nil, err
	}
	for _, x := range c.repo.releases {
		if x.id == id && (!x.draft || c.may("write")) {
			return x, nil
		}
	}
	return nil, errNotFound
}

func getRelease(c *call) (reply, error) {
	x, err := c.pathRelease()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.releaseObj(x))
}

func editRelease(c *call) (reply, error) {
	x, err := c.pathRelease()
	if err != nil {
		return reply{}, err
	}
	next := *x
	if err := c.releaseFields(&next); err != nil {
		return reply{}, err
	}
	*x = next
	if err := c.publish(x); err != nil {
		return reply{}, err
	}
	c.s.emit("release", "edited", c.repo, c.actor, obj{"release": c.s.releaseObj(x), "changes": obj{}})
	return ok(c.s.releaseObj(x))
}

func deleteRelease(c *call) (reply, error) {
	x, err := c.pathRelease()
	if err != nil {
		return reply{}, err
	}
	var keep []*release
	for _, y := range c.repo.releases {
		if y != x {
			keep = append(keep, y)
		}
	}
	c.repo.releases = keep
	c.s.emit("release", "deleted", c.repo, c.actor, obj{"release": c.s.releaseObj(x)})
	return noContent()
}

// releaseByTag knows published releases only: a draft has no tag yet.
func releaseByTag(c *call) (reply, error) {
	for _, x := range c.repo.releases {
		if x.tag == c.path["tag"] && !x.draft {
			return ok(c.s.releaseObj(x))
		}
	}
	return reply{}, errNotFound
}

// latestRelease passes over drafts and prereleases.
func latestRelease(c *call) (reply, error) {
	var all []*release
	for _, x := range c.repo.releases {
		if !x.draft && !x.pre {
			all = append(all, x)
		}
	}
	if len(all) == 0 {
		return reply{}, errNotFound
	}
	sort.SliceStable(all, func(a, b int) bool { return all[a].created.After(all[b].created) })
	return ok(c.s.releaseObj(all[0]))
}

// Draft makes a release as a publishing job does: a draft, marked as a prerelease,
// with files of these names. It becomes public by Person.PublishRelease.
func (p *Person) Draft(full, tag, branch string, files ...string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		x := &release{id: s.id(), tag: tag, target: branch, draft: true, pre: true, author: a.user, created: s.now(), repo: r}
		for _, name := range files {
			x.assets = append(x.assets, &asset{id: s.id(), name: name, by: a.user, created: s.now()})
		}
		r.releases = append(r.releases, x)
		s.emit("release", "created", r, a, obj{"release": s.releaseObj(x)})
		return nil
	})
}

// PublishRelease turns the draft of a tag into a public release.
func (p *Person) PublishRelease(full, tag string) error {
	return p.with(full, func(s *Server, a actor, r *repo) error {
		for _, x := range r.releases {
			if x.tag == tag && x.draft {
				x.draft = false
				return (&call{s: s, repo: r, actor: a}).publish(x)
			}
		}
		return errNotFound
	})
}
