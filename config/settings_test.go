package config

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/rs/zerolog"
)

// testKey makes a key; none is kept in the tree.
var testKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
})

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func enough(more ...string) []string {
	return append([]string{
		"SLIPWAY_GITHUB_APP_INTEGRATION_ID=7",
		"SLIPWAY_GITHUB_APP_WEBHOOK_SECRET=hush",
		"SLIPWAY_GITHUB_APP_PRIVATE_KEY=" + testKey(),
	}, more...)
}

func TestLoadFromEnvironmentAlone(t *testing.T) {
	s, err := Load("", enough("SLIPWAY_PACING_INTERVAL=0", "SLIPWAY_PORT=tcp://10.0.0.1:80", "SLIPWAY_LOG_LEVEL=", "PATH=/bin"))
	if err != nil {
		t.Fatal(err)
	}
	got := []any{s.Server.Listen, s.GitHub.App.IntegrationID, s.GitHub.WebURL, s.GitHub.V3APIURL, s.GitHub.V4APIURL,
		s.Database.URL, s.Log.Level, s.Pacing, s.Workers}
	want := []any{":8080", int64(7), "https://github.com", "https://api.github.com/", "https://api.github.com/graphql",
		"sqlite:///var/lib/slipway/slipway.db", "info", Pacing{80, 500, 0, 1}, 4}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestLoadFromFile(t *testing.T) {
	keyFile, secretFile := write(t, "key.pem", testKey()), write(t, "secret", "from a file\n")
	path := write(t, "s.yml", `
server: {listen: "127.0.0.1:0", public_url: https://slipway.example/}
github:
  web_url: https://ghe.example/
  app:
    integration_id: 12
    webhook_secret: "0123"
    private_key_file: `+keyFile+`
database: {url: "postgres://u:p@db/slipway"}
pacing: {per_minute: 0, interval: 1m}
`)
	s, err := Load(path, []string{"SLIPWAY_GITHUB_APP_INTEGRATION_ID=13", "SLIPWAY_WEBHOOK_PREVIOUS_SECRET_FILE=" + secretFile})
	if err != nil {
		t.Fatal(err)
	}
	got := []any{s.Server.PublicURL, s.GitHub.App.IntegrationID, s.GitHub.App.WebhookSecret, s.GitHub.V3APIURL, s.GitHub.V4APIURL,
		s.Webhook.PreviousSecret, s.Pacing, s.GitHub.App.PrivateKey == strings.TrimRight(testKey(), "\n")}
	want := []any{"https://slipway.example", int64(13), "0123", "https://ghe.example/api/v3/", "https://ghe.example/api/graphql",
		"from a file", Pacing{0, 500, time.Minute, 1}, true}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAPIAddresses(t *testing.T) {
	for web, want := range map[string]string{
		"https://github.com":      "https://api.github.com/ https://api.github.com/graphql",
		"https://octo.ghe.com":    "https://api.octo.ghe.com/ https://api.octo.ghe.com/graphql",
		"http://localhost:3000":   "http://localhost:3000/api/v3/ http://localhost:3000/api/graphql",
		"https://git.example.org": "https://git.example.org/api/v3/ https://git.example.org/api/graphql",
	} {
		if rest, graphql := apiURLs(web); rest+" "+graphql != want {
			t.Errorf("%s: got %s %s, want %s", web, rest, graphql, want)
		}
	}
}

func TestLoadFaults(t *testing.T) {
	const secret = "s3cr3t-canary"
	tests := []struct {
		name, yaml string
		env        []string
		want       []string // parts, in order
	}{
		{"nothing at all", "", nil, []string{
			"settings: github.app.integration_id (SLIPWAY_GITHUB_APP_INTEGRATION_ID) is missing: want the App's id",
			"; github.app.webhook_secret (SLIPWAY_GITHUB_APP_WEBHOOK_SECRET, or from a file: github.app.webhook_secret_file, SLIPWAY_GITHUB_APP_WEBHOOK_SECRET_FILE) is missing: want the secret",
			"; github.app.private_key (SLIPWAY_GITHUB_APP_PRIVATE_KEY, or"}},
		{"no number", "", enough("SLIPWAY_WORKERS=many"), []string{`settings: workers (SLIPWAY_WORKERS) is malformed ("many"): want a whole number from 1 to 256`}},
		{"out of range", "workers: 0\n", enough(), []string{`workers (SLIPWAY_WORKERS) is malformed ("0")`}},
		{"blank secret", "", enough("SLIPWAY_GITHUB_APP_WEBHOOK_SECRET= "), []string{"webhook_secret (", "is malformed: want"}},
		{"no PEM", "", enough("SLIPWAY_GITHUB_APP_PRIVATE_KEY=" + secret), []string{"private_key (", "is malformed: want an RSA private key"}},
		{"password in an address", "", enough("SLIPWAY_GITHUB_WEB_URL=https://u:" + secret + "@h"), []string{`github.web_url (SLIPWAY_GITHUB_WEB_URL) is malformed ("https://***@h")`}},
		{"bad database", "", enough("SLIPWAY_DATABASE_URL=mysql://u:" + secret + "@h/d"), []string{"database.url (", "is malformed: want sqlite:///"}},
		{"postgres without host", "", enough("SLIPWAY_DATABASE_URL=postgres:///slipway"), []string{"database.url ("}},
		{"relative sqlite", "", enough("SLIPWAY_DATABASE_URL=sqlite://slipway.db"), []string{"database.url ("}},
		{"both ways", "", enough("SLIPWAY_GITHUB_APP_WEBHOOK_SECRET_FILE=/x"), []string{"is given both by SLIPWAY_GITHUB_APP_WEBHOOK_SECRET and by SLIPWAY_GITHUB_APP_WEBHOOK_SECRET_FILE"}},
		{"secret where its file belongs", "webhook: {previous_secret_file: " + secret + "}\n", enough(), []string{"can't be read from the file that webhook.previous_secret_file names (no such file or directory)"}},
		{"a directory", "", enough("SLIPWAY_SEAL_SECRET_FILE=/"), []string{"seal.secret (", "(it is no regular file, or too large)"}},
		{"unknown key", "server:\n  lisen: x\n", enough(), []string{`:2:3: unknown key "server.lisen"; did you mean "server.listen"?`}},
		{"no file for what is no secret", "", enough("SLIPWAY_LOG_LEVEL_FILE=/x", "SLIPWAY_LOG_LEVE=debug"), []string{"settings: SLIPWAY_LOG_LEVE in the environment is not a setting; did you mean SLIPWAY_LOG_LEVEL?"}},
		{"group for a value", "workers: {a: 1}\n", enough(), []string{":1:1: workers: want one value, found a group of keys"}},
		{"value for a group", "github: " + secret + "\n", enough(), []string{":1:1: github: want a group of keys, found a text"}},
		{"empty value", "workers:\n", enough(), []string{":1:1: workers: want one value, found nothing"}},
		{"syntax", "github:\n  app: {webhook_secret: " + secret + "\n", enough(), []string{"not valid YAML"}},
		{"PEM off its column", "github:\n  app:\n    private_key: |\n-----BEGIN " + secret + "\n", enough(), []string{"not valid YAML"}},
		{"enumerations", "log: {level: loud, format: xml}\n", enough("SLIPWAY_SERVER_LISTEN=8080", "SLIPWAY_GITHUB_WEB_URL=github.com"), []string{
			`server.listen (SLIPWAY_SERVER_LISTEN) is malformed ("8080"): want HOST:PORT or :PORT; github.web_url (SLIPWAY_GITHUB_WEB_URL) is malformed ("github.com"): want an address`,
			`log.level (SLIPWAY_LOG_LEVEL) is malformed ("loud"): want debug, info, warn or error; log.format`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := ""
			if tt.yaml != "" {
				path = write(t, "s.yml", tt.yaml)
			}
			s, err := Load(path, tt.env)
			if err == nil {
				t.Fatalf("loaded %v", s)
			}
			rest := err.Error()
			for _, part := range tt.want {
				_, after, found := strings.Cut(rest, part)
				if !found {
					t.Fatalf("got  %s\nwant %s", err, part)
				}
				rest = after
			}
			if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), secret) {
				t.Errorf("the error is not one line without secrets: %q", err)
			}
		})
	}
}

func TestLoadMissingFile(t *testing.T) {
	_, err := Load("/nowhere/s.yml", enough())
	if err == nil || err.Error() != "settings: open /nowhere/s.yml: no such file or directory" {
		t.Errorf("got %v", err)
	}
}

// TestNoSecretIsShown sets every key to a value of its own and prints the
// settings in every way there is.
func TestNoSecretIsShown(t *testing.T) {
	var s Settings
	secrets := 0
	for i, l := range leavesOf(&s) {
		switch {
		case l.url:
			l.value.SetString("postgres://canary-user:canary-pass@db/name?password=canary-option")
		case l.value.Kind() == reflect.String && l.Secret:
			l.value.SetString(fmt.Sprintf("canary-%d", i))
		case l.value.Kind() == reflect.String:
			l.value.SetString(fmt.Sprintf("plain-%d", i))
		default:
			l.value.SetInt(int64(i + 1))
		}
		if l.Secret {
			secrets++
		}
	}
	if secrets != 8 {
		t.Errorf("%d keys are secret, want 8: look whether the new one is", secrets)
	}
	asJSON, err := json.Marshal(struct{ S Settings }{s})
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	log := zerolog.New(&logged)
	log.Info().Object("settings", s).Interface("again", s).Msg("x")
	for way, text := range map[string]string{
		"%v": fmt.Sprintf("%v", s), "%+v": fmt.Sprintf("%+v", &s), "%#v": fmt.Sprintf("%#v", s), "%s": fmt.Sprintf("%s", s),
		"%q": fmt.Sprintf("%q", s), "%x": fmt.Sprintf("%x", s), "nested": fmt.Sprintf("%+v", []any{s}),
		"JSON": string(asJSON), "YAML": string(asYAML), "zerolog": logged.String(),
	} {
		if strings.Contains(text, "canary") {
			t.Errorf("%s shows a secret: %s", way, text)
		}
		if !strings.Contains(text, "plain-0") || !strings.Contains(text, "postgres://db/name") {
			t.Errorf("%s shows too little: %s", way, text)
		}
	}
}

func TestKeysAreDocumentedAndChecked(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Keys() {
		if k.Want == "" || k.Doc == "" || !strings.HasSuffix(k.Doc, ".") {
			t.Errorf("%s has no documentation: %+v", k.Key, k)
		}
		if seen[k.Env] {
			t.Errorf("%s is the variable of two keys", k.Env)
		}
		seen[k.Key], seen[k.Env] = true, true
	}
	for key := range foreignKeys {
		if !seen[key] {
			t.Errorf("%s is documented and not a field of githubapp.Config", key)
		}
	}
	// Every key is set to nonsense; each must be told about, or be free text.
	var s Settings
	leaves := leavesOf(&s)
	l := &loader{leaves: leaves, given: map[string]bool{}, bad: map[string]bool{}}
	free := map[string]bool{"github.oauth.client_id": true, "github.oauth.client_secret": true}
	for _, f := range leaves {
		l.given[f.Key] = true
		if f.value.Kind() == reflect.String {
			f.value.SetString(" ")
		} else {
			f.value.SetInt(-1)
		}
	}
	s.Seal.Secret = "short"
	l.check(&s)
	for _, f := range leaves {
		if !l.bad[f.Key] && !free[f.Key] {
			t.Errorf("%s takes anything", f.Key)
		}
	}
}

func TestSealSecret(t *testing.T) {
	var s Settings
	if s.SealSecret() != nil {
		t.Error("there is a secret without a key")
	}
	s.GitHub.App.PrivateKey = testKey()
	derived := s.SealSecret()
	s.GitHub.App.PrivateKey = "\n" + strings.TrimSpace(testKey())
	if len(derived) != 32 || !bytes.Equal(derived, s.SealSecret()) {
		t.Error("the derived secret depends on white space")
	}
	s.Seal.Secret = "a secret of its own"
	if string(s.SealSecret()) != s.Seal.Secret {
		t.Error("seal.secret is not used")
	}
	s.Seal.PreviousSecret = "the one before that"
	if got := s.PreviousSealSecrets(); len(got) != 2 || string(got[0]) != s.Seal.PreviousSecret || !bytes.Equal(got[1], derived) {
		t.Errorf("earlier secrets: %q", got)
	}
	s.Seal = Seal{}
	if got := s.PreviousSealSecrets(); len(got) != 0 {
		t.Errorf("the derived secret is in use and counts as earlier: %q", got)
	}
}

func TestExampleSettings(t *testing.T) {
	text, err := os.ReadFile("example.settings.yml")
	if err != nil {
		t.Fatal(err)
	}
	// The secrets' files don't exist here; everything else is as shipped.
	shipped := strings.NewReplacer(
		"/run/secrets/slipway/webhook-secret", write(t, "secret", "hush"),
		"/run/secrets/slipway/private-key.pem", write(t, "key", testKey()),
	).Replace(string(text))
	s, err := Load(write(t, "s.yml", shipped), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range leavesOf(&s) {
		if l.Default != "" && l.text() != l.Default {
			t.Errorf("%s is %s in the example and %s by default", l.Key, l.text(), l.Default)
		}
	}
}
