package notes

import "testing"

// TestIssueCorrections: a number of another repository is not one of this one.
func TestIssueCorrections(t *testing.T) {
	for word, want := range map[string]string{
		`"#12"`: "- 12", "issue 12": "- 12", "envoyproxy/envoy#45212": "- https://github.com/envoyproxy/envoy/issues/45212", "envoy#45212": "",
	} {
		f := Read(Istio(), nil, "a.yaml", []byte("apiVersion: release-notes/v2\nkind: bug-fix\narea: security\nissue:\n- "+word+"\nreleaseNotes:\n- |\n  **Fixed** a thing.\n"))
		if len(f.Findings) != 1 || f.Findings[0].Rule != RuleIssue || f.Findings[0].Fix != want {
			t.Errorf("%s: %+v, want the correction %q", word, f.Findings, want)
		}
	}
}
