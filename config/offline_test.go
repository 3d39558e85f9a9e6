package config

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckSettings(t *testing.T) {
	const app = "github: {app: {integration_id: 7, webhook_secret: hush, private_key_file: /run/key.pem}}\n"
	tests := []struct {
		name, text string
		faults     []string // prefixes
		notes      []string
	}{
		{"nothing", "", nil, []string{
			"github.app.integration_id is not in this file: SLIPWAY_GITHUB_APP_INTEGRATION_ID has to give it",
			"github.app.webhook_secret is not in this file: SLIPWAY_GITHUB_APP_WEBHOOK_SECRET or SLIPWAY_GITHUB_APP_WEBHOOK_SECRET_FILE has to give it",
			"github.app.private_key is not in this file: SLIPWAY_GITHUB_APP_PRIVATE_KEY or SLIPWAY_GITHUB_APP_PRIVATE_KEY_FILE has to give it"}},
		{"secrets from files", app, nil, []string{"github.app.private_key_file: that file is read when Slipway starts, and was not looked at"}},
		{"relative", "seal: {secret_file: seal}\n" + app, nil, []string{
			"github.app.private_key_file: that file is read when Slipway starts, and was not looked at",
			"seal.secret_file: that file is read when Slipway starts, and was not looked at; its path is relative to where Slipway is started"}},
		{"every fault with its place", app + "workers: 0\nlog:\n  level: loud\n  formt: x\ndatabase: {url: 'mysql://canary'}\npacing: 5\n", []string{
			`line 2, column 10: workers (SLIPWAY_WORKERS) is malformed ("0"): want a whole number from 1 to 256`,
			`line 4, column 10: log.level (SLIPWAY_LOG_LEVEL) is malformed ("loud"): want debug, info, warn or error`,
			`line 5, column 3: unknown key "log.formt"; did you mean "log.format"?`,
			`line 6, column 17: database.url (SLIPWAY_DATABASE_URL, or`,
			`line 7, column 1: pacing: want a group of keys, found a number`,
		}, []string{"github.app.private_key_file: that file is read when Slipway starts, and was not looked at"}},
		{"secret in place of its file", "github:\n  app:\n    integration_id: 7\n    webhook_secret: ' '\n    private_key_file: |\n      -----BEGIN canary\n      x\n", []string{
			"line 4, column 21: github.app.webhook_secret (SLIPWAY_GITHUB_APP_WEBHOOK_SECRET, or from a file",
			"line 5, column 23: github.app.private_key_file names no file: want the path of the file that holds an RSA private key",
		}, nil},
		{"both ways", app + "webhook: {previous_secret: canary, previous_secret_file: /x}\n", []string{
			"line 2, column 58: webhook.previous_secret (SLIPWAY_WEBHOOK_PREVIOUS_SECRET, or from a file: webhook.previous_secret_file, SLIPWAY_WEBHOOK_PREVIOUS_SECRET_FILE) is given both by webhook.previous_secret and by webhook.previous_secret_file",
		}, []string{"github.app.private_key_file: that file is read when Slipway starts, and was not looked at"}},
		{"no YAML", "github:\n  app: {webhook_secret: canary\n", []string{"line 2, column "}, nil},
		{"PEM off its column", "github:\n  app:\n    private_key: |\n-----BEGIN canary\n", []string{"line 4, column 1: not valid YAML"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faults, notes := CheckSettings([]byte(tt.text))
			if len(faults) != len(tt.faults) {
				t.Errorf("%d faults: %v", len(faults), faults)
			}
			for i, f := range faults {
				if i < len(tt.faults) && !strings.HasPrefix(f.String(), tt.faults[i]) {
					t.Errorf("got  %s\nwant %s", f, tt.faults[i])
				}
			}
			if diff := cmp.Diff(tt.notes, notes); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(faults.Error()+strings.Join(notes, ""), "canary") {
				t.Errorf("a secret is shown: %v %v", faults, notes)
			}
		})
	}
}

func TestExampleSettingsAreFine(t *testing.T) {
	text, err := os.ReadFile("example.settings.yml")
	if err != nil {
		t.Fatal(err)
	}
	if faults, notes := CheckSettings(text); len(faults) > 0 || len(notes) != 2 {
		t.Errorf("%v\n%q", faults, notes)
	}
}

func FuzzSettings(f *testing.F) {
	for _, seed := range []string{"", "server: {listen: ':1'}\nworkers: x\n", "github: &a {app: *a}\n", "seal: {secret: |\n  a\n, secret_file: b}\n", "a: !x\n<<: *b\n", "log: [\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		faults, _ := CheckSettings([]byte(text))
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
		for _, fault := range faults {
			if fault.Line < 1 || fault.Line > lines || fault.Column < 1 || fault.Message == "" || strings.Contains(fault.Message, "\n") {
				t.Errorf("fault %+v in a text of %d lines", fault, lines)
			}
		}
	})
}
