package sshsig

import (
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// namespace is git's: a signature for another use is none of a commit.
const namespace = "git"

func text[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// public is the public key as SSH writes it.
func (k Key) public() []byte {
	return text(text(nil, keyType), []byte(k.private.Public().(ed25519.PublicKey)))
}

// Authorized is the public key as one adds it to an account on GitHub.
func (k Key) Authorized() string {
	return keyType + " " + base64.StdEncoding.EncodeToString(k.public())
}

// Sign signs a commit, as it is without its signature.
func (k Key) Sign(commit []byte) string {
	hash := sha512.Sum512(commit)
	about := func(b []byte) []byte { return text(text(text(b, namespace), ""), "sha512") }
	signed := text(about([]byte("SSHSIG")), hash[:])
	blob := binary.BigEndian.AppendUint32([]byte("SSHSIG"), 1)
	blob = about(text(blob, k.public()))
	blob = text(blob, text(text(nil, keyType), ed25519.Sign(k.private, signed)))
	var b strings.Builder
	b.WriteString("-----BEGIN SSH SIGNATURE-----\n")
	for line := base64.StdEncoding.EncodeToString(blob); line != ""; {
		n := min(70, len(line))
		b.WriteString(line[:n] + "\n")
		line = line[n:]
	}
	return b.String() + "-----END SSH SIGNATURE-----"
}
