package github

import "testing"

// TestPermissionOf: GitHub's roles, those of its customers, and what is neither.
func TestPermissionOf(t *testing.T) {
	for _, tc := range []struct {
		permission, role string
		want             Permission
		allows           map[string]bool
	}{
		{"admin", "admin", Admin, nil}, {"write", "maintain", Maintain, nil}, {"write", "write", Write, nil}, {"read", "triage", Triage, nil}, {"read", "read", Read, nil},
		{"none", "none", NoPermission, nil}, {"", "", NoPermission, nil},
		{"write", "", Write, nil}, {"read", "", Read, nil}, // older servers tell no role
		{"write", "security-engineer", Write, nil}, {"read", "security-engineer", Read, nil}, {"admin", "owner", Admin, nil}, {"write", "triage", Write, nil},
		{"read", "maintain", Read, nil}, {"read", "admin", Read, nil}, {"none", "maintain", NoPermission, nil}, {"", "maintain", NoPermission, nil}, {"maintain", "maintain", NoPermission, nil},
		{"write", "release-lead", Maintain, map[string]bool{"pull": true, "triage": true, "push": true, "maintain": true}},
		{"write", "release-lead", Write, map[string]bool{"pull": true, "triage": true, "push": true, "maintain": false}},
		{"write", "maintain", Write, map[string]bool{"push": true, "maintain": false}}, {"write", "maintain", Maintain, map[string]bool{"push": true}},
		{"read", "helper", Triage, map[string]bool{"pull": true, "triage": true}}, {"read", "helper", Read, map[string]bool{"pull": true}},
		{"read", "odd", Read, map[string]bool{"push": true, "maintain": true, "admin": true}},
	} {
		if got := PermissionOf(tc.permission, tc.role, tc.allows); got != tc.want {
			t.Errorf("%q, %q, %v: %d, want %d", tc.permission, tc.role, tc.allows, got, tc.want)
		}
	}
}
