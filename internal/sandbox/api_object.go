package sandbox

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func getGitCommit(c *call) (reply, error) {
	x := c.repo.git.commit(c.path["sha"])
	if x == nil {
		return reply{}, errNotFound
	}
	return ok(c.s.gitCommitObj(c.repo, x))
}

func (c *call) person(field string, def signature) (signature, error) {
	o, given := c.body[field].(obj)
	if !given {
		return def, nil
	}
	sub := &call{body: o}
	name, err := sub.need("name")
	if err != nil {
		return def, err
	}
	email, err := sub.need("email")
	if err != nil {
		return def, err
	}
	when, err := sub.when("date")
	if err != nil {
		return def, err
	}
	def.Name, def.Email = name, email
	if when != nil {
		def.When = *when
	}
	return def, nil
}

func createGitCommit(c *call) (reply, error) {
	message, err := c.need("message")
	if err != nil {
		return reply{}, err
	}
	tree, err := c.need("tree")
	if err != nil {
		return reply{}, err
	}
	if kind, _, rerr := c.repo.git.read(tree); rerr != nil || kind != "tree" {
		return reply{}, unprocessable("Tree SHA does not exist")
	}
	parents, _, err := c.strs("parents")
	if err != nil {
		return reply{}, err
	}
	for _, p := range parents {
		if c.repo.git.commit(p) == nil {
			return reply{}, unprocessable("Parent SHA does not exist or is not a commit object")
		}
	}
	author, err := c.person("author", c.s.sign(c.actor.user))
	if err != nil {
		return reply{}, err
	}
	committer, err := c.person("committer", author)
	if err != nil {
		return reply{}, err
	}
	var sha string
	if c.body["author"] == nil && c.body["committer"] == nil {
		sha, err = c.s.signedCommit(c.actor, c.repo, tree, parents, message)
	} else {
		sha, err = c.repo.git.writeCommit(tree, parents, author, committer, message)
	}
	if err != nil {
		return reply{}, err
	}
	return created(c.s.gitCommitObj(c.repo, c.repo.git.commit(sha)))
}

func (c *call) treeObj(sha string, recursive bool) obj {
	api, rows := c.s.repoURL(c.repo), []obj{}
	c.repo.git.walk(sha, "", recursive, func(path string, e treeEntry) {
		kind, mode := "blob", e.Mode
		if e.isTree() {
			kind, mode = "tree", "040000"
		} else if e.Mode == "160000" {
			kind = "commit"
		}
		o := obj{"path": path, "mode": mode, "type": kind, "sha": e.SHA, "url": api + "/git/" + kind + "s/" + e.SHA}
		if kind == "blob" {
			if b, err := c.repo.git.blob(e.SHA); err == nil {
				o["size"] = len(b)
			}
		}
		rows = append(rows, o)
	})
	return obj{"sha": sha, "url": api + "/git/trees/" + sha, "tree": rows, "truncated": false}
}

// getTree takes a tree's SHA, or anything that leads to a commit.
func getTree(c *call) (reply, error) {
	sha := c.path["sha"]
	if x := c.s.resolve(c.repo, sha); x != "" {
		sha = c.repo.git.commit(x).Tree
	} else if kind, _, err := c.repo.git.read(sha); err != nil || kind != "tree" {
		return reply{}, errNotFound
	}
	return ok(c.treeObj(sha, c.q.Get("recursive") != ""))
}

func createTree(c *call) (reply, error) {
	base, _, err := c.str("base_tree")
	if err != nil {
		return reply{}, err
	}
	if x := c.repo.git.commit(base); x != nil {
		base = x.Tree
	}
	rows, isList := c.body["tree"].([]any)
	if !isList {
		return reply{}, unprocessable("Invalid tree info")
	}
	changes := map[string]change{}
	for _, row := range rows {
		o, _ := row.(obj)
		path, _ := o["path"].(string)
		mode, _ := o["mode"].(string)
		content, hasContent := o["content"].(string)
		sha, hasSHA := o["sha"].(string)
		switch {
		case path == "":
			return reply{}, unprocessable("tree.path wasn't supplied")
		case hasContent:
			changes[path] = change{data: []byte(content), mode: mode}
		case hasSHA:
			if _, _, err := c.repo.git.read(sha); err != nil {
				return reply{}, unprocessable("tree.sha %s is not a valid blob", sha)
			}
			changes[path] = change{sha: sha, mode: mode}
		default: // a null sha deletes
			changes[path] = change{remove: true}
		}
	}
	if err := c.writesFiles(slices.Collect(maps.Keys(changes))...); err != nil {
		return reply{}, err
	}
	sha, err := c.repo.git.applyChanges(base, changes)
	if err != nil {
		return reply{}, unprocessable("%s", err)
	}
	return created(c.treeObj(sha, false))
}

func getBlob(c *call) (reply, error) {
	b, err := c.repo.git.blob(c.path["sha"])
	if err != nil {
		return reply{}, errNotFound
	}
	if c.wantsRaw() {
		return rawFile(b)
	}
	sha := c.path["sha"]
	return ok(obj{"sha": sha, "node_id": "B_" + sha, "size": len(b), "url": c.s.repoURL(c.repo) + "/git/blobs/" + sha,
		"content": wrap64(b), "encoding": "base64"})
}

func createBlob(c *call) (reply, error) {
	content, err := c.need("content")
	if err != nil {
		return reply{}, err
	}
	data := []byte(content)
	if enc, _, _ := c.str("encoding"); enc == "base64" {
		if data, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(content, "\n", "")); err != nil {
			return reply{}, unprocessable("content is not valid Base64")
		}
	}
	sha, err := c.repo.git.write("blob", data)
	if err != nil {
		return reply{}, err
	}
	return created(obj{"sha": sha, "url": c.s.repoURL(c.repo) + "/git/blobs/" + sha})
}

// tagObj renders an annotated tag object.
func (c *call) tagObj(sha string) (obj, bool) {
	kind, data, err := c.repo.git.read(sha)
	if err != nil || kind != "tag" {
		return nil, false
	}
	head, message, _ := strings.Cut(string(data), "\n\n")
	o := obj{"sha": sha, "node_id": "TA_" + sha, "url": c.s.repoURL(c.repo) + "/git/tags/" + sha,
		"message": message, "verification": unverified()}
	target := obj{}
	for _, line := range strings.Split(head, "\n") {
		k, v, _ := strings.Cut(line, " ")
		switch k {
		case "object":
			target["sha"], target["url"] = v, c.s.repoURL(c.repo)+"/git/commits/"+v
		case "type":
			target["type"] = v
		case "tag":
			o["tag"] = v
		case "tagger":
			o["tagger"] = c.s.gitUser(parseSignature(v))
		}
	}
	o["object"] = target
	return o, true
}

func createTag(c *call) (reply, error) {
	var v [4]string
	for k, field := range []string{"tag", "message", "object", "type"} {
		s, err := c.need(field)
		if err != nil {
			return reply{}, err
		}
		v[k] = s
	}
	if _, _, err := c.repo.git.read(v[2]); err != nil {
		return reply{}, unprocessable("Object does not exist")
	}
	tagger, err := c.person("tagger", c.s.sign(c.actor.user))
	if err != nil {
		return reply{}, err
	}
	data := fmt.Sprintf("object %s\ntype %s\ntag %s\ntagger %s\n\n%s\n", v[2], v[3], v[0], tagger, v[1])
	sha, err := c.repo.git.write("tag", []byte(data))
	if err != nil {
		return reply{}, err
	}
	o, _ := c.tagObj(sha)
	return created(o)
}
