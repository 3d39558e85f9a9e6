package config

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
)

// TestSigning: a key to sign with comes with the address of the account that it is for.
func TestSigning(t *testing.T) {
	raw, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	key := "SLIPWAY_SIGNING_KEY=" + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
	for name, tt := range map[string]struct {
		env   []string
		fault string
	}{
		"whole":        {[]string{key, "SLIPWAY_SIGNING_EMAIL=robot@example.org"}, ""},
		"no address":   {[]string{key}, "with it signing.email"},
		"no one":       {[]string{key, "SLIPWAY_SIGNING_EMAIL=Robot <robot@example.org>"}, "signing.email"},
		"address only": {[]string{"SLIPWAY_SIGNING_EMAIL=robot@example.org"}, ""},
		"another key":  {[]string{"SLIPWAY_SIGNING_KEY=" + testKey(), "SLIPWAY_SIGNING_EMAIL=robot@example.org"}, "signing.key"},
	} {
		_, err := Load("", enough(tt.env...))
		if (err == nil) != (tt.fault == "") || err != nil && (!strings.Contains(err.Error(), tt.fault) || strings.Contains(err.Error(), "PRIVATE")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
