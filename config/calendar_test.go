package config

import (
	"strings"
	"testing"
)

// TestAddresses: which addresses a list lets policies name; nothing may look like what is listed and
// lead elsewhere.
func TestAddresses(t *testing.T) {
	const text = "https://a.example.org/x.ics, https://a.example.org/below/\n https://b.example.org:8443/ https://a.example.org/q?id=1"
	list, ok := addressesOf(text)
	if !ok || len(list) != 4 {
		t.Fatalf("%q, %t", list, ok)
	}
	for address, want := range map[string]bool{
		"https://a.example.org/x.ics": true, "https://a.example.org/below/y": true, "https://a.example.org/below/": true,
		"https://b.example.org:8443/any/thing.ics": true, "https://a.example.org/q?id=1": true, "https://a.example.org/below/en.de%23holiday/basic.ics": true,
		"https://a.example.org/x.icsx": false, "https://a.example.org/belowy": false, "https://a.example.org/q?id=2": false, "https://a.example.org/below/y?id=1": false,
		"https://a.example.org/below/../x": false, "https://a.example.org/below/%2e%2e/x": false, "https://a.example.org/below/..%2fx": false, "https://a.example.org/below/a//b": false,
		"https://b.example.org/x.ics": false, "https://b.example.org:8443@evil.example/": false, "https://me@a.example.org/x.ics": false, "https://a.example.org/x.ics#a": false,
		"http://a.example.org/x.ics": false, "HTTPS://a.example.org/x.ics": false, "https://A.example.org/x.ics": false, "https://a.example.org.evil.example/x.ics": false,
		"https://a.example.org": false, "https://": false, "": false, "https://a.example.org/below/" + strings.Repeat("x", maxAddress): false,
	} {
		if got := list.Has(address); got != want {
			t.Errorf("%s: listed %t", address, got)
		}
	}
	for _, bad := range []string{" ", "https://a.example.org", "http://a.example.org/", "a.ics", "https://a.example.org/?x=/", strings.Repeat("https://a.example.org/ ", maxAddresses+1)} {
		if _, ok := addressesOf(bad); ok {
			t.Errorf("%q is no list", bad)
		}
	}
}

// TestCalendarAddresses: what a window's calendar may be; no message quotes an address, which may hold a secret.
func TestCalendarAddresses(t *testing.T) {
	for text, want := range map[string]string{
		".github/holidays.ics": "", "https://a.example.org/private-1/basic.ics": "", "https://a.example.org/germany": "",
		"http://a.example.org/secret.ics":   "isn't one of https",
		"webcal://a.example.org/secret.ics": "isn't one of https",
		"https://u:secret@example.org/a":    "holds a name or a password",
		"https://Example.org/secret":        "isn't written as it is on the way",
		"../a.ics":                          "is not the path of a calendar",
		"a.txt":                             "is not the path of a calendar",
	} {
		var c CalendarFile
		err := c.UnmarshalText([]byte(text))
		switch {
		case want == "" && (err != nil || c.String() != text || (c.Host() == "a.example.org") != strings.HasPrefix(text, "https:")):
			t.Errorf("%s: %v, host %q", text, err, c.Host())
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret")):
			t.Errorf("%s: %v", text, err)
		}
	}
}
