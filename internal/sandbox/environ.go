package sandbox

import "fmt"

// Environ returns the settings, as environment variables, that point Slipway
// at this stand-in as at a GitHub Enterprise Server, with pacing off: nobody
// has to be spared here.
func (s *Server) Environ() []string {
	return []string{
		"SLIPWAY_GITHUB_WEB_URL=" + s.URL(),
		fmt.Sprintf("SLIPWAY_GITHUB_APP_INTEGRATION_ID=%d", s.app.ID),
		"SLIPWAY_GITHUB_APP_WEBHOOK_SECRET=" + s.app.WebhookSecret,
		"SLIPWAY_GITHUB_APP_PRIVATE_KEY=" + s.app.PrivateKeyPEM,
		"SLIPWAY_PACING_PER_MINUTE=0", "SLIPWAY_PACING_PER_HOUR=0", "SLIPWAY_PACING_INTERVAL=0s",
	}
}
