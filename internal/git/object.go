package git

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/istio-ecosystem/slipway/internal/lazy"
)

var objectID = lazy.Regexp(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// isID says whether text is a full object id, of either of git's hashes.
func isID(s string) bool { return objectID().MatchString(s) }

func isMissing(err error) bool {
	var m *MissingError
	return errors.As(err, &m)
}

// Commit is a commit as it is stored. What a pick keeps, it keeps to the byte.
type Commit struct {
	ID      string
	Tree    string
	Parents []string // as in the object, whatever a shallow clone cuts off
	Message string   // in the encoding that Encoding names

	Author    string // as stored: NAME <EMAIL> SECONDS ZONE
	Committer string
	Encoding  string // empty: UTF-8
	Signature string // only of one that is made here
}

// Subject is the message's first paragraph on one line.
func (c Commit) Subject() string {
	first, _, _ := strings.Cut(strings.TrimLeft(c.Message, "\n"), "\n\n")
	return strings.Join(strings.Fields(strings.ToValidUTF8(first, "?")), " ")
}

// Committed is when the commit was made; zero if the object doesn't say.
func (c Commit) Committed() time.Time {
	f := strings.Fields(c.Committer[strings.LastIndexByte(c.Committer, '>')+1:])
	if len(f) != 2 {
		return time.Time{}
	}
	seconds, err := strconv.ParseInt(f[0], 10, 64)
	if err != nil {
		return time.Time{}
	}
	zone, err := time.Parse("-0700", f[1])
	if err != nil {
		return time.Unix(seconds, 0).UTC()
	}
	return time.Unix(seconds, 0).In(zone.Location())
}

// seconds is Committed since 1970; 0 if the object doesn't say.
func (c Commit) seconds() int64 {
	at, _, _ := strings.Cut(strings.TrimSpace(c.Committer[strings.LastIndexByte(c.Committer, '>')+1:]), " ")
	seconds, _ := strconv.ParseInt(at, 10, 64)
	return seconds
}

// text is the message in UTF-8, as far as its encoding is known.
func (c Commit) text() string { return decoded(c.Message, c.Encoding) }

func decoded(text, encoding string) string {
	switch strings.ToLower(encoding) {
	case "iso-8859-1", "iso8859-1", "latin1", "latin-1":
		var b strings.Builder
		for i := range len(text) {
			b.WriteRune(rune(text[i]))
		}
		return b.String()
	}
	return text
}

// parseCommit reads a commit object. Headers that it doesn't know (signatures,
// with their continuation lines) are passed over.
func parseCommit(id string, body []byte) (Commit, error) {
	c := Commit{ID: id}
	head, message, _ := strings.Cut(string(body), "\n\n")
	c.Message = message
	for line := range strings.SplitSeq(head, "\n") {
		name, value, _ := strings.Cut(line, " ")
		switch name {
		case "tree":
			c.Tree = value
		case "parent":
			c.Parents = append(c.Parents, value)
		case "author":
			c.Author = value
		case "committer":
			c.Committer = value
		case "encoding":
			c.Encoding = value
		}
	}
	if !isID(c.Tree) || c.Author == "" {
		return Commit{}, fmt.Errorf("%w: commit %s can't be read", errDamaged, id)
	}
	return c, nil
}

// encode is the inverse of parseCommit, without ID.
func (c Commit) encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "tree %s\n", c.Tree)
	for _, p := range c.Parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author %s\ncommitter %s\n", c.Author, c.Committer)
	if c.Encoding != "" {
		fmt.Fprintf(&b, "encoding %s\n", c.Encoding)
	}
	if c.Signature != "" {
		fmt.Fprintf(&b, "gpgsig %s\n", strings.ReplaceAll(c.Signature, "\n", "\n "))
	}
	b.WriteByte('\n')
	b.WriteString(c.Message)
	return b.Bytes()
}

// entry is one name in a tree.
type entry struct{ mode, id string }

func (e entry) isTree() bool { return e.mode == "40000" }
func (e entry) isLink() bool { return e.mode == "160000" } // a submodule's commit, which isn't here

// treeEntries cuts a tree object, whose ids have so many bytes, into its entries.
func treeEntries(body []byte, idBytes int) (list [][]byte, err error) {
	for len(body) > 0 {
		n := bytes.IndexByte(body, 0) + 1 + idBytes
		if n <= idBytes || n > len(body) || bytes.IndexByte(body[:n-idBytes], ' ') < 0 {
			return nil, fmt.Errorf("%w: a tree can't be read", errDamaged)
		}
		list, body = append(list, body[:n]), body[n:]
	}
	return list, nil
}

// parseEntries reads entries by their names.
func parseEntries(list [][]byte, idBytes int) map[string]entry {
	t := make(map[string]entry, len(list))
	for _, e := range list {
		mode, name, _ := bytes.Cut(e[:len(e)-idBytes-1], []byte(" "))
		t[string(name)] = entry{mode: string(mode), id: hex.EncodeToString(e[len(e)-idBytes:])}
	}
	return t
}

// format is the hash a repository names its objects by.
type format int // bytes of an id

const (
	sha1Format   format = sha1.Size
	sha256Format format = sha256.Size
)

func (f format) hash() hash.Hash {
	if f == sha256Format {
		return sha256.New()
	}
	return sha1.New()
}

// name is the id of an object.
func (f format) name(kind string, body []byte) string {
	h := f.hash()
	fmt.Fprintf(h, "%s %d\x00", kind, len(body))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// put stores an object below an object directory as git itself does, which
// saves a process. Storing what is there already does nothing.
func (f format) put(objects, kind string, body []byte) (string, error) {
	id := f.name(kind, body)
	dir := filepath.Join(objects, id[:2])
	path := filepath.Join(dir, id[2:])
	if _, err := os.Stat(path); err == nil {
		return id, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	tmp, err := os.CreateTemp(dir, "tmp_obj_")
	if err != nil {
		return "", err
	}
	z := zlib.NewWriter(tmp)
	fmt.Fprintf(z, "%s %d\x00", kind, len(body))
	_, err = z.Write(body)
	if err = errors.Join(err, z.Close(), tmp.Chmod(0o444), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("store %s %s: %w", kind, id, err), os.Remove(tmp.Name()))
	}
	return id, nil
}

// Commit reads a commit; a *MissingError if it isn't there.
func (r *Repository) Commit(ctx context.Context, id string) (Commit, error) {
	if err := ctx.Err(); err != nil {
		return Commit{}, err
	}
	size := func(c Commit) int { return len(c.Message) + len(c.Author) + len(c.Committer) + 300 }
	return remember(r.memory, r.made+" commit "+id, size, func() (Commit, error) {
		o, err := r.objects.read(ctx, id)
		if err != nil {
			return Commit{}, err
		}
		if o.kind != "commit" {
			return Commit{}, fmt.Errorf("%s is a %s, not a commit", id, o.kind)
		}
		return parseCommit(id, o.body)
	})
}

// tree reads one tree. The empty tree needs no object.
func (r *Repository) tree(ctx context.Context, id string) (map[string]entry, error) {
	body, err := r.treeBody(ctx, id)
	if err != nil {
		return nil, err
	}
	list, err := treeEntries(body, int(r.format))
	return parseEntries(list, int(r.format)), err
}

func (r *Repository) treeBody(ctx context.Context, id string) ([]byte, error) {
	if id == "" || id == r.emptyTree() {
		return nil, nil
	}
	o, err := r.objects.read(ctx, id)
	if err == nil && o.kind != "tree" {
		err = fmt.Errorf("%w: %s is a %s, not a tree", errDamaged, id, o.kind)
	}
	return o.body, err
}

func (r *Repository) emptyTree() string { return r.format.name("tree", nil) }
