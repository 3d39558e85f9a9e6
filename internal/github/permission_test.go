package github

import "testing"

// TestPermissionOf: GitHub's roles, those of its customers, and what is neither.
func TestPermissionOf(t *testing.T) {
	for _, tc := range []struct {
		permission, role string
		want             Permission
	}{
		{"admin", "admin", Admin}, {"write", "maintain", Maintain}, {"write", "write", Write}, {"read", "triage", Triage}, {"read", "read", Read},
		{"none", "none", NoPermission}, {"", "", NoPermission},
		{"write", "", Write}, {"read", "", Read}, // older servers tell no role
		{"write", "security-engineer", Write}, {"read", "security-engineer", Read}, {"admin", "owner", Admin}, {"write", "triage", Write},
		{"read", "maintain", Read}, {"read", "admin", Read}, {"none", "maintain", NoPermission}, {"", "maintain", NoPermission}, {"maintain", "maintain", NoPermission},
	} {
		if got := PermissionOf(tc.permission, tc.role); got != tc.want {
			t.Errorf("%q, %q: %d, want %d", tc.permission, tc.role, got, tc.want)
		}
	}
}
