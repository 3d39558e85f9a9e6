package config

import (
	"net"
	"net/mail"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/sshsig"
)

// fillIn works out the values whose defaults depend on others.
func (s *Settings) fillIn() {
	s.GitHub.WebURL = strings.TrimRight(s.GitHub.WebURL, "/")
	s.Server.PublicURL = strings.TrimRight(s.Server.PublicURL, "/")
	rest, graphql := apiURLs(s.GitHub.WebURL)
	if s.GitHub.V3APIURL == "" {
		s.GitHub.V3APIURL = rest
	}
	if s.GitHub.V4APIURL == "" {
		s.GitHub.V4APIURL = graphql
	}
	// A key passed through a variable often has its line ends written as \n.
	if key := s.GitHub.App.PrivateKey; !strings.Contains(key, "\n") {
		s.GitHub.App.PrivateKey = strings.ReplaceAll(key, `\n`, "\n")
	}
}

// apiURLs are where a GitHub has its two APIs: github.com and the hosted
// enterprises at ghe.com on a host of their own, a server under /api.
func apiURLs(web string) (rest, graphql string) {
	u, err := url.Parse(web)
	if err != nil {
		return "", ""
	}
	if host := strings.ToLower(u.Host); host == "github.com" || strings.HasSuffix(host, ".ghe.com") {
		api := u.Scheme + "://api." + host
		return api + "/", api + "/graphql"
	}
	return web + "/api/v3/", web + "/api/graphql"
}

// check tells about every key that is missing or makes no sense. Each check is
// of one key and answers yes or no: what is wanted stands in the key's tag.
func (l *loader) check(s *Settings) {
	ok := map[string]bool{
		"server.listen":              isAddress(s.Server.Listen),
		"server.public_url":          s.Server.PublicURL == "" || isWebURL(s.Server.PublicURL),
		"github.web_url":             isWebURL(s.GitHub.WebURL),
		"github.v3_api_url":          isWebURL(s.GitHub.V3APIURL),
		"github.v4_api_url":          isWebURL(s.GitHub.V4APIURL),
		"github.app.integration_id":  s.GitHub.App.IntegrationID > 0,
		"github.app.webhook_secret":  notBlank(s.GitHub.App.WebhookSecret),
		"github.app.private_key":     privateKey(s.GitHub.App.PrivateKey) != nil,
		"github.oauth.client_id":     true,
		"github.oauth.client_secret": true,
		"webhook.previous_secret":    s.Webhook.PreviousSecret == "" || notBlank(s.Webhook.PreviousSecret),
		"database.url":               isDatabase(s.Database.URL),
		"git.dir":                    notBlank(s.Git.Dir),
		"git.max_mb":                 s.Git.MaxMB >= 0,
		"log.level":                  slices.Contains([]string{"debug", "info", "warn", "error"}, s.Log.Level),
		"log.format":                 slices.Contains([]string{"json", "text"}, s.Log.Format),
		"seal.secret":                s.Seal.Secret == "" || len(s.Seal.Secret) >= 16,
		"seal.previous_secret":       s.Seal.PreviousSecret == "" || len(s.Seal.PreviousSecret) >= 16,
		"signing.key":                s.Signing.Key == "" || isSigningKey(s.Signing.Key) && s.Signing.Email != "",
		"signing.name":               notBlank(s.Signing.Name),
		"signing.email":              s.Signing.Key == "" && s.Signing.Email == "" || isMail(s.Signing.Email),
		"pacing.per_minute":          s.Pacing.PerMinute >= 0,
		"pacing.per_hour":            s.Pacing.PerHour >= 0,
		"pacing.interval":            s.Pacing.Interval >= 0,
		"pacing.scale":               s.Pacing.Scale >= 1,
		"calendars":                  areAddresses(s.Calendars),
		"workers":                    s.Workers >= 1 && s.Workers <= 256,
	}
	for _, f := range l.leaves {
		// A key without a check fails its test, not a deployment.
		good, checked := ok[f.Key]
		switch {
		case good || !checked || l.broken(f.Key):
		case f.Required && !l.given[f.Key] && l.offline:
			l.absent(f)
		case f.Required && !l.given[f.Key]:
			l.faultIn(f, "is missing")
		case !l.given[f.Key] && f.Default == "":
			// Worked out from another key, which has its own fault.
		default:
			l.malformed(f, f.text())
		}
	}
}

// broken reports whether a key, or the group around it, has a fault already.
func (l *loader) broken(key string) bool {
	for b := range l.bad {
		if within(key, strings.TrimSuffix(b, "_file")) {
			return true
		}
	}
	return false
}

func notBlank(s string) bool { return strings.TrimSpace(s) != "" }

func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n <= 65535
}

func areAddresses(s string) bool {
	_, ok := addressesOf(s)
	return ok
}

func isMail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func isSigningKey(s string) bool {
	_, err := sshsig.Parse(s)
	return err == nil
}

func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" &&
		u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

func isDatabase(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "sqlite":
		return u.Host == "" && filepath.IsAbs(u.Path) && u.Path != "/"
	case "postgres", "postgresql":
		// A host given as a parameter is how a URL names a Unix socket's folder.
		return (u.Host != "" || u.Query().Get("host") != "") && len(u.Path) > 1
	}
	return false
}
