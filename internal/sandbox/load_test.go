package sandbox_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/istio-ecosystem/slipway/internal/sandbox"
)

// BenchmarkHotReads is what an evaluation of a pull request reads; the stand-in must not be the bottleneck of a benchmark.
func BenchmarkHotReads(b *testing.B) {
	s, err := sandbox.New(sandbox.Options{Dir: b.TempDir()})
	must(b, err)
	defer s.Close()
	must(b, s.CreateOrg("istio", "alice"))
	must(b, s.CreateRepo("istio", "istio", sandbox.RepoOptions{Files: map[string]string{".github/slipway.yml": "x: 1\n"}}))
	for n := range 50 {
		_, err := s.As("alice").OpenPR(repo, sandbox.PROptions{Files: map[string]string{fmt.Sprint("f", n): "1\n"}})
		must(b, err)
	}
	sha := s.PR(repo, 7).HeadSHA
	for _, path := range []string{"pulls/7", "contents/.github/slipway.yml", "issues?labels=code-freeze", "pulls?per_page=100", "commits/" + sha + "/check-runs"} {
		b.Run(path[:6], func(b *testing.B) {
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					req, _ := http.NewRequest("GET", s.API()+"repos/istio/istio/"+path, nil)
					req.Header.Set("Authorization", "token user:alice")
					resp, err := http.DefaultClient.Do(req)
					must(b, err)
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					if resp.StatusCode != 200 {
						b.Fatal(resp.Status)
					}
				}
			})
		})
	}
}
