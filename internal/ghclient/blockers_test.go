package ghclient

import (
	"encoding/json"
	"testing"
)

// TestFixesOfMany: an issue that more pull requests say they fix than are asked for is unclear by itself.
func TestFixesOfMany(t *testing.T) {
	var a fixesAnswer
	if err := json.Unmarshal([]byte(`{"data": {"repository": {
		"i5": {"closedByPullRequestsReferences": {"totalCount": 101, "nodes": [{"number": 7, "merged": true, "baseRefName": "master", "mergeCommit": {"oid": "c"}, "repository": {"nameWithOwner": "istio/istio"}}]}},
		"i6": {"closedByPullRequestsReferences": {"totalCount": 1, "nodes": [{"number": 8, "repository": {"nameWithOwner": "istio/api"}}]}},
		"i9": null}}, "errors": [{"type": "NOT_FOUND", "message": "gone"}]}`), &a); err != nil {
		t.Fatal(err)
	}
	all, err := a.fixes([]int{5, 6, 9})
	if err != nil || !all[5].More || len(all[5].List) != 1 || all[5].List[0].Commit != "c" || all[6].More || len(all[6].List) != 1 || len(all[9].List) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}
