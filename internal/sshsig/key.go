package sshsig

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
)

// Key is a private key.
type Key struct{ private ed25519.PrivateKey }

// errKey is all that is said of a key that isn't one: what is in it is a secret.
var errKey = errors.New("is no Ed25519 private key without a passphrase")

// Parse reads a private key as ssh-keygen or openssl writes it, without a passphrase.
func Parse(text string) (Key, error) {
	block, _ := pem.Decode([]byte(text))
	switch {
	case block == nil:
	case block.Type == "OPENSSH PRIVATE KEY":
		return parseOpenSSH(block.Bytes)
	case block.Type == "PRIVATE KEY":
		any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if private, is := any.(ed25519.PrivateKey); err == nil && is {
			return Key{private}, nil
		}
	}
	return Key{}, errKey
}

const (
	magic   = "openssh-key-v1\x00"
	keyType = "ssh-ed25519"
)

// parseOpenSSH reads OpenSSH's own format:
// https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
func parseOpenSSH(raw []byte) (Key, error) {
	if len(raw) < len(magic) || string(raw[:len(magic)]) != magic {
		return Key{}, errKey
	}
	r := reader{rest: raw[len(magic):]}
	cipher, kdf, _ := r.text(), r.text(), r.text()
	count, _ := r.number(), r.text() // the public key
	in := reader{rest: []byte(r.text()), bad: r.bad}
	one, two, kind, public, private := in.number(), in.number(), in.text(), in.text(), in.text()
	if in.bad || cipher != "none" || kdf != "none" || count != 1 || one != two || kind != keyType || len(private) != ed25519.PrivateKeySize {
		return Key{}, errKey
	}
	key := ed25519.NewKeyFromSeed([]byte(private[:ed25519.SeedSize]))
	if string(key) != private || string(key[ed25519.SeedSize:]) != public {
		return Key{}, errKey
	}
	return Key{key}, nil
}

// reader takes what SSH writes one after the other.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) number() uint32 {
	if len(r.rest) < 4 {
		r.bad = true
		return 0
	}
	n := binary.BigEndian.Uint32(r.rest)
	r.rest = r.rest[4:]
	return n
}

func (r *reader) text() string {
	n := r.number()
	if r.bad || uint64(n) > uint64(len(r.rest)) {
		r.bad = true
		return ""
	}
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}
