package main

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os/exec"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sshsig"
)

const (
	keyPolicy   = "cherrypick: {sign_commits: key}\n"
	robotsMail  = "robot@example.org"
	robotsLogin = "release-robot"
)

// withKey has the deployment sign by a key of a machine's account.
func (w *world) withKey(mail string) {
	w.t.Helper()
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		w.t.Skip("git verifies by ssh-keygen, which isn't there")
	}
	raw, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize))))
	w.do(err)
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
	key, err := sshsig.Parse(text)
	w.do(err)
	w.gh.CreateUser(robotsLogin)
	w.do(w.gh.AddSigningKey(robotsLogin, mail, key.Authorized()))
	w.stop()
	w.env = append(w.env, "SLIPWAY_SIGNING_KEY="+text, "SLIPWAY_SIGNING_EMAIL="+robotsMail, "SLIPWAY_SIGNING_NAME="+robotsLogin)
	w.start()
}

// TestPickSignedByKey: a pick that this deployment signs keeps its author, is the same commit
// however often it is made, and is known for ours.
func TestPickSignedByKey(t *testing.T) {
	w := gateWorld(t, keyPolicy)
	w.needSignatures()
	n := w.source("leak", map[string]string{caFile: "package ca\n\nvar fixed = true\n"}, "sam")
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "This deployment of Slipway has no key to sign with", "set `signing.key`")
	w.withKey(robotsMail)
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	head := w.gh.CommitAt(demoRepo, pick.HeadSHA)
	if !head.Verified || head.Committer != robotsMail || !strings.Contains(head.Author, "+bob@") || strings.Contains(head.Message, "Co-authored-by") {
		t.Errorf("%+v", head)
	}
	w.wantNoThrowaway()
	if got := w.branchCheck(pick.Number); got != "success" {
		t.Errorf("the check says %q\n%s", got, w.gate(pick.Number).Summary)
	}
	w.again()
	w.stop()
	w.newDatabase()
	w.start()
	if now := w.onePick(n, demoBranch); now.HeadSHA != pick.HeadSHA {
		t.Error("it was made anew")
	}
	w.again()
}

// TestDraftSignedByKey: such a draft is made anew, and its message is nobody's word.
func TestDraftSignedByKey(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + keyPolicy)
	w.withKey(robotsMail)
	needed, n := w.clash()
	w.says("bob", n, "/cherry-pick release-1.30")
	pick := w.onePick(n, demoBranch)
	if got := w.branchCheck(pick.Number); got != "failure" {
		t.Errorf("the check says %q", got)
	}
	w.again()
	w.says("bob", needed, "/cherry-pick release-1.30")
	w.merge("bob", w.onePick(needed, demoBranch).Number, "squash")
	w.says("bob", n, "/cherry-pick release-1.30")
	now := w.onePick(n, demoBranch)
	if now.HeadSHA == pick.HeadSHA || !w.gh.CommitAt(demoRepo, now.HeadSHA).Verified {
		t.Errorf("%+v", now)
	}
	if got := w.branchCheck(pick.Number); got != "success" {
		t.Errorf("the check says %q\n%s", got, w.gate(pick.Number).Summary)
	}
	w.again()
}

// TestKeyOfAnother: GitHub verifies a key of the committer's account alone; where signatures
// are required it refuses the push.
func TestKeyOfAnother(t *testing.T) {
	w := newWorld(t)
	w.policy(basePolicy + keyPolicy)
	w.withKey("other@example.org")
	n := w.merged("leak", "squash")
	w.needSignatures()
	w.says("bob", n, "/cherry-pick release-1.30")
	w.wantStatus(n, "a rule of this repository demands commits with verified signatures")
	w.do(w.gh.RemoveRulesets(demoRepo))
	w.says("bob", n, "/cherry-pick release-1.30")
	if head := w.gh.CommitAt(demoRepo, w.onePick(n, demoBranch).HeadSHA); head.Verified {
		t.Errorf("%+v", head)
	}
	w.again()
}
