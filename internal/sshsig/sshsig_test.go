package sshsig

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// keygen runs ssh-keygen; where there is none the test is skipped.
func keygen(t *testing.T, in string, args ...string) error {
	t.Helper()
	program, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("there is no ssh-keygen")
	}
	cmd := exec.Command(program, args...)
	cmd.Stdin = strings.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Logf("%s", out)
	}
	return err
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestSignAsOpenSSH: what is signed is what ssh-keygen signs, and verifies.
func TestSignAsOpenSSH(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := filepath.Join(dir, "key")
	if err := keygen(t, "", "-q", "-t", "ed25519", "-N", "", "-C", "slipway", "-f", at); err != nil {
		t.Fatal(err)
	}
	key, err := Parse(read(t, at))
	if err != nil {
		t.Fatal(err)
	}
	if public := read(t, at+".pub"); !strings.HasPrefix(public, key.Authorized()+" ") {
		t.Errorf("the public key is %s, want %s", key.Authorized(), public)
	}
	const commit = "tree 1\nauthor x\n\nmessage\n"
	file := filepath.Join(dir, "commit")
	if err := os.WriteFile(file, []byte(commit), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := keygen(t, "", "-Y", "sign", "-n", "git", "-f", at, file); err != nil {
		t.Fatal(err)
	}
	if want := read(t, file+".sig"); key.Sign([]byte(commit))+"\n" != want {
		t.Errorf("%s\nwant %s", key.Sign([]byte(commit)), want)
	}
	if key.Sign([]byte(commit)) == key.Sign([]byte(commit+"x")) {
		t.Error("another commit has the same signature")
	}
}

// TestParse: what is no such key, and the other form of one.
func TestParse(t *testing.T) {
	t.Parallel()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
	if got, err := Parse(text); err != nil || !got.private.Equal(key) {
		t.Errorf("%v", err)
	}
	whole := text0(key)
	if got, err := Parse(openSSH(whole)); err != nil || !got.private.Equal(key) {
		t.Errorf("OpenSSH's: %v", err)
	}
	for n := range len(whole) - 8 { // the comment may be missing
		if _, err := Parse(openSSH(whole[:n])); err == nil {
			t.Fatalf("the first %d of %d bytes are a key", n, len(whole))
		}
	}
	for _, bad := range []string{"", "x", strings.Replace(text, "PRIVATE", "PUBLIC", 2), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw[1:]})),
		openSSH([]byte(strings.Replace(string(whole), "none", "aes0", 1))), openSSH([]byte(strings.Replace(string(whole), "ssh-ed25519", "ssh-ed25518", 2)))} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%q is a key", bad)
		}
	}
}

func openSSH(raw []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "OPENSSH PRIVATE KEY", Bytes: raw}))
}

// text0 is a key as OpenSSH writes it.
func text0(key ed25519.PrivateKey) []byte {
	b := text(text(text([]byte(magic), "none"), "none"), "")
	b = text(append(b, 0, 0, 0, 1), Key{key}.public())
	in := text([]byte{1, 2, 3, 4, 1, 2, 3, 4}, keyType)
	in = text(text(text(in, []byte(key[32:])), []byte(key)), "me")
	return text(b, in)
}
