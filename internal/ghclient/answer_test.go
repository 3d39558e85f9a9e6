package ghclient_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// TestAnswerTooLarge: an answer is read to a bound, and then it is an error.
func TestAnswerTooLarge(t *testing.T) {
	gh, c, pr := newClient(t)
	gh.Fault(sandbox.Fault{Status: http.StatusOK, Body: `{"body":"` + strings.Repeat("a", 33<<20) + `"}`})
	var large *http.MaxBytesError
	if _, err := c.FreshPullDetail(t.Context(), rocket, pr.Number); !errors.As(err, &large) {
		t.Errorf("%v", err)
	}
}
