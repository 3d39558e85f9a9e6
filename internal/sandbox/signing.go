package sandbox

import (
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// signer is an account with a signing key, and a verified address.
type signer struct {
	user         *user
	address, key string // the key as ssh-keygen writes it, "ssh-ed25519 AAAA..."
}

// AddSigningKey gives a person's account a verified address and a signing key:
// https://docs.github.com/en/authentication/managing-commit-signature-verification/adding-an-ssh-key-to-your-github-account
func (s *Server) AddSigningKey(login, address, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[strings.ToLower(login)]
	if u == nil {
		return fmt.Errorf("sandbox: no account %q", login)
	}
	s.signers = append(s.signers, signer{u, address, key})
	var lines strings.Builder
	for _, one := range s.signers {
		fmt.Fprintf(&lines, "%s namespaces=\"git\" %s\n", one.address, one.key)
	}
	return os.WriteFile(s.signersFile(), []byte(lines.String()), 0o644)
}

// signersFile is for git's own look at a push.
func (s *Server) signersFile() string { return filepath.Join(s.opts.Dir, "signers") }

// byKey says how a commit that is signed by a key comes out: GitHub wants the key to be one of the account whose address the
// committer's is. https://docs.github.com/en/rest/commits/commits#get-a-commit
func (s *Server) byKey(c *gitCommit) (reason string) {
	if c.Signature == "" {
		return "unsigned"
	}
	key, good := sshSigned(c.Signature, c.Payload)
	if !good {
		return "invalid"
	}
	reason = "no_user"
	for _, one := range s.signers {
		if !strings.EqualFold(one.address, c.Committer.Email) {
			continue
		}
		if reason = "unknown_key"; one.key == key {
			return "valid"
		}
	}
	return reason
}

// sshSigned checks a signature as https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig describes it, and
// returns its key.
func sshSigned(signature, payload string) (key string, good bool) {
	body, found := strings.CutPrefix(strings.ReplaceAll(signature, "\n", ""), "-----BEGIN SSH SIGNATURE-----")
	body, ends := strings.CutSuffix(body, "-----END SSH SIGNATURE-----")
	raw, err := base64.StdEncoding.DecodeString(body)
	if !found || !ends || err != nil || len(raw) < 10 || string(raw[:10]) != "SSHSIG\x00\x00\x00\x01" {
		return "", false
	}
	raw = raw[10:]
	next := func(from *[]byte) (field []byte) {
		if len(*from) < 4 || int(binary.BigEndian.Uint32(*from)) > len(*from)-4 {
			*from = nil
			return nil
		}
		n := 4 + int(binary.BigEndian.Uint32(*from))
		field, *from = (*from)[4:n], (*from)[n:]
		return field
	}
	public, namespace, _, hash, signed := next(&raw), next(&raw), next(&raw), next(&raw), next(&raw)
	whole := public
	kind, bits := next(&public), next(&public)
	next(&signed) // its kind
	sum := sha512.Sum512([]byte(payload))
	message := []byte("SSHSIG")
	for _, part := range [][]byte{namespace, nil, hash, sum[:]} {
		message = append(binary.BigEndian.AppendUint32(message, uint32(len(part))), part...)
	}
	good = string(kind) == "ssh-ed25519" && len(bits) == ed25519.PublicKeySize && string(namespace) == "git" && string(hash) == "sha512" &&
		ed25519.Verify(bits, message, next(&signed))
	return "ssh-ed25519 " + base64.StdEncoding.EncodeToString(whole), good
}
