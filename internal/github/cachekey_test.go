package github_test

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/github"
)

func TestCacheKeys(t *testing.T) {
	key := github.PolicyCacheKey(github.Repo{Owner: "Istio", Name: "API"})
	if key != "policy/istio/api/" {
		t.Errorf("got %s", key)
	}
	if key := github.InstallationCacheKey(github.Repo{Owner: "Istio", Name: "API"}); key != "installation/istio/api/" {
		t.Errorf("got %s", key)
	}
	for _, tt := range []struct {
		repo github.Repo
		want bool
	}{
		{github.Repo{Owner: "istio"}, true},
		{github.Repo{Owner: "istio", Name: "api"}, true},
		{github.Repo{Owner: "istio", Name: "ap"}, false},
		{github.Repo{Owner: "isti"}, false},
	} {
		if got := strings.HasPrefix(key, github.PolicyCacheKey(tt.repo)); got != tt.want {
			t.Errorf("%s covers %s: %v", tt.repo, key, got)
		}
	}
}
