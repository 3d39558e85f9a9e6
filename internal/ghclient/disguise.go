package ghclient

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// undisguise gives an answer that is a fault of GitHub's own the status of one: a page for
// people, which comes with other statuses too, and a message instead of what was asked for.
// Else a page with 404 would say that somebody is in no team.
func undisguise(r *http.Response) {
	if isPage(r) || isMessage(r) {
		r.StatusCode, r.Status = http.StatusBadGateway, "502 a fault of GitHub's own, sent as "+r.Status
	}
}

// isPage recognises an HTML page where the API answers by JSON. A limit stays what it is.
func isPage(r *http.Response) bool {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") || r.StatusCode >= 300 && r.StatusCode < 400 || r.StatusCode >= 500 {
		return false
	}
	_, limited := limitIn(r, time.Time{})
	return !limited
}

// isMessage recognises an error that is sent as if all were well: nothing that we ask for
// consists of a message alone.
func isMessage(r *http.Response) bool {
	if r.StatusCode != http.StatusOK && r.StatusCode != http.StatusCreated {
		return false
	}
	text := beginning(r)
	var body map[string]json.RawMessage
	if len(text) >= said || json.Unmarshal(text, &body) != nil || body["message"] == nil {
		return false
	}
	for name := range body {
		switch name {
		case "message", "documentation_url", "errors", "status":
		default:
			return false
		}
	}
	return true
}
