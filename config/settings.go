package config

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"time"

	"github.com/palantir/go-githubapp/githubapp"
)

// Settings is how one deployment runs. Tags carry the whole documentation of a
// key: default, whether it is required or secret, what is wanted of a value,
// and what it is for. Keys lists them.
type Settings struct {
	Server   Server           `yaml:"server"`
	GitHub   githubapp.Config `yaml:"github"` // its keys are documented in foreignKeys
	Webhook  Webhook          `yaml:"webhook"`
	Database Database         `yaml:"database"`
	Git      Git              `yaml:"git"`
	Log      Log              `yaml:"log"`
	Seal     Seal             `yaml:"seal"`
	Signing  Signing          `yaml:"signing"`
	Pacing   Pacing           `yaml:"pacing"`
	// Calendars are addresses with spaces between them, as the environment can give them.
	Calendars string `yaml:"calendars" want:"https addresses with spaces between them, in small letters up to the path; one that ends in / stands for all below it" doc:"The calendars at addresses that policies may name (freeze.windows.calendar), whole or by their beginning, such as https://calendar.example.org/holidays/. Slipway fetches no other, follows a redirect only to one of them, and reaches an address of a private network only if it is listed by its number."`
	Workers   int    `yaml:"workers" default:"4" want:"a whole number from 1 to 256" doc:"How many jobs of one repository are worked at once. Half as many workers more are kept for others. Commands, and answers that change nothing, have workers of their own beside these."`
}

// Server is where Slipway answers.
type Server struct {
	Listen    string `yaml:"listen" default:":8080" want:"HOST:PORT or :PORT" doc:"Address to listen on."`
	PublicURL string `yaml:"public_url" want:"an address like https://slipway.example.org" doc:"Where people and GitHub reach Slipway; links to the dashboard are left out without it."`
}

// Webhook is what githubapp.Config lacks about webhooks.
type Webhook struct {
	PreviousSecret string `yaml:"previous_secret" secret:"yes" want:"the secret that was used before" doc:"Also accepted as the webhook's secret, while it is being changed."`
}

// Database is where the queue, the ledger and the audit trail are kept.
type Database struct {
	URL string `yaml:"url" secret:"url" default:"sqlite:///var/lib/slipway/slipway.db" want:"sqlite:///ABSOLUTE/PATH or postgres://USER:PASSWORD@HOST/NAME" doc:"The database; several replicas need PostgreSQL."`
}

// Git is the git engine's part.
type Git struct {
	Dir   string `yaml:"dir" default:"/var/lib/slipway/git" want:"a directory" doc:"Where bare caches of repositories are kept; may be emptied while Slipway is stopped."`
	MaxMB int    `yaml:"max_mb" default:"1024" want:"a whole number, 0 to keep nothing" doc:"How much of git.dir is kept between uses, in MB; what wasn't used for longest goes first. A repository takes a few MB."`
}

// Log is how Slipway logs to standard error.
type Log struct {
	Level  string `yaml:"level" default:"info" want:"debug, info, warn or error" doc:"The least important level that is logged."`
	Format string `yaml:"format" default:"json" want:"json or text" doc:"One JSON object a line, or text for people."`
}

// Seal is what the marks on GitHub are signed with.
type Seal struct {
	Secret         string `yaml:"secret" secret:"yes" want:"at least 16 characters" doc:"Signs the records that Slipway keeps in its own texts on GitHub. By default derived from the App's private key. To replace that key, first set this, and replace the key once the freezes of that day have ended: what was signed before verifies only while the key is there."`
	PreviousSecret string `yaml:"previous_secret" secret:"yes" want:"the secret that was used before" doc:"Also verifies records, after seal.secret was changed."`
}

// Signing is what the commits of picks are signed with, where a policy says so.
type Signing struct {
	Key   string `yaml:"key" secret:"yes" want:"an Ed25519 private key without a passphrase, as ssh-keygen -t ed25519 -N '' writes it, and with it signing.email" doc:"Signs the commits of cherry-picks where a policy says cherrypick.sign_commits: key. GitHub shows them as verified only if the public key is a signing key of the account whose address signing.email is."`
	Name  string `yaml:"name" default:"slipway" want:"a name" doc:"The committer's name of the commits that signing.key signs."`
	Email string `yaml:"email" want:"an address like slipway@example.org" doc:"The committer's address of the commits that signing.key signs: a verified address of an account of your own, since an App can't have keys. No other account or program may commit by it."`
}

// Pacing keeps Slipway's writes under GitHub's secondary limits.
type Pacing struct {
	PerMinute int           `yaml:"per_minute" default:"80" want:"a whole number, 0 for no limit" doc:"Most content-creating writes a minute, for each installation."`
	PerHour   int           `yaml:"per_hour" default:"500" want:"a whole number, 0 for no limit" doc:"Most content-creating writes an hour, for each installation."`
	Interval  time.Duration `yaml:"interval" default:"1s" want:"a duration like 1s, 0 for none" doc:"Least time between two writes, for each installation."`
	Scale     int           `yaml:"scale" default:"1" want:"a whole number from 1" doc:"Divides the minute, the hour and the interval of these limits. 1 but for measurements, against a stand-in whose limits are scaled likewise."`
}

// foreignKeys gives the fields of githubapp.Config, which is not ours to tag,
// the tags that ours have. A test holds it to be complete.
var foreignKeys = map[string]string{
	"github.web_url":             `default:"https://github.com" want:"an address like https://github.com or https://ghe.example.org" doc:"GitHub, for people and for git: repositories are cloned from WEB_URL/OWNER/NAME.git."`,
	"github.v3_api_url":          `want:"an address like https://api.github.com/" doc:"The REST API; by default worked out from github.web_url."`,
	"github.v4_api_url":          `want:"an address like https://api.github.com/graphql" doc:"The GraphQL API; by default worked out from github.web_url."`,
	"github.app.integration_id":  `required:"yes" want:"the App's id, a whole number from its settings page" doc:"The GitHub App's id."`,
	"github.app.webhook_secret":  `required:"yes" secret:"yes" want:"the secret that the App's webhook is set up with, not blank" doc:"What GitHub signs webhooks with."`,
	"github.app.private_key":     `required:"yes" secret:"yes" want:"an RSA private key in PEM, as downloaded from the App's settings page" doc:"What the App signs in to GitHub with."`,
	"github.oauth.client_id":     `want:"the App's client id" doc:"Not used yet; part of go-githubapp's configuration."`,
	"github.oauth.client_secret": `secret:"yes" want:"the App's client secret" doc:"Not used yet; part of go-githubapp's configuration."`,
}

// SealSecret is what records on GitHub are signed with: seal.secret, else a
// secret derived from the App's private key. Deriving from the key itself and
// not from its text makes white space in the PEM not matter.
func (s Settings) SealSecret() []byte {
	if s.Seal.Secret != "" {
		return []byte(s.Seal.Secret)
	}
	key := privateKey(s.GitHub.App.PrivateKey)
	if key == nil {
		return nil
	}
	h := sha256.New()
	h.Write([]byte("slipway seal from private key v1\x00"))
	h.Write(x509.MarshalPKCS1PrivateKey(key))
	return h.Sum(nil)
}

// PreviousSealSecrets verify records that were signed before a change: the one
// that is named, and, when a secret is set, the one derived from the private key.
func (s Settings) PreviousSealSecrets() [][]byte {
	var all [][]byte
	if s.Seal.PreviousSecret != "" {
		all = append(all, []byte(s.Seal.PreviousSecret))
	}
	if derived := (Settings{GitHub: s.GitHub}).SealSecret(); s.Seal.Secret != "" && len(derived) > 0 {
		all = append(all, derived)
	}
	return all
}

// privateKey reads a PEM RSA key in either of the forms that GitHub and openssl
// write; nil when it is none.
func privateKey(text string) *rsa.PrivateKey {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil
	}
	rsaKey, _ := key.(*rsa.PrivateKey)
	return rsaKey
}
