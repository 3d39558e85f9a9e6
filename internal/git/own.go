package git

import (
	"fmt"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/effect"
	"github.com/istio-ecosystem/slipway/internal/provenance"
)

// own makes the committer of a commit its author. Who made the source stands in its
// message, which is UTF-8 then, since GitHub's API takes no other.
func (by Authoring) own(c, source Commit, note string) Commit {
	stamp := c.Committer[strings.LastIndexByte(c.Committer, '>')+1:]
	name, email := plain(by.Name), plain(by.Email)
	c.Author, c.Encoding = fmt.Sprintf("%s <%s>%s", name, email, stamp), ""
	c.Message = messageOf(strings.ToValidUTF8(source.text(), "\uFFFD"), source.ID, note, "")
	for _, one := range by.coAuthors(source) {
		c.Message += provenance.CoAuthoredBy + one + "\n"
	}
	c.Message += effect.PickedOnto + plain(by.Own) + "\n"
	if signOff := plainSignOff(by.SignOff); signOff != "" {
		c.Message += signedOffBy + signOff + "\n"
	}
	return c
}

// coAuthors are those who made a source, each as NAME <EMAIL>: its author, or those whom
// such a commit of ours names.
func (by Authoring) coAuthors(source Commit) []string {
	text := source.text()
	author, email, _ := strings.Cut(strings.ToValidUTF8(decoded(source.Author, source.Encoding), "\uFFFD"), "<")
	email, _, _ = strings.Cut(email, ">")
	name, email := plain(author), plain(email)
	if account(email) == account(plain(by.Email)) {
		if of := provenance.CoAuthors(text); len(of) > 0 {
			return of
		}
	}
	if email == "" {
		return nil
	}
	if name == "" {
		name = email
	}
	return []string{name + " <" + email + ">"}
}

// account is an address, without the host of one that GitHub itself gave out: that is its
// own choice.
func account(address string) string {
	address = strings.ToLower(address)
	if name, host, _ := strings.Cut(address, "@"); strings.HasPrefix(host, "users.noreply.") {
		return name
	}
	return address
}
