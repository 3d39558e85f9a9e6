package github

// Permission is what somebody may do in a repository, in rising order.
type Permission int

// The permissions, as GitHub's roles name them.
const (
	NoPermission Permission = iota
	Read
	Triage
	Write
	Maintain
	Admin
)

// legacy are the words of GitHub's older field. It knows no roles between: maintain
// counts as write there, and triage as read.
var legacy = map[string]Permission{"read": Read, "write": Write, "admin": Admin}

// PermissionOf reads what GitHub says of somebody: permission, in the older words, and
// role, the name of a role. A custom role has a name of its own, whatever it is, so role
// only tells what lies within permission; what neither names is no permission.
func PermissionOf(permission, role string) Permission {
	base := legacy[permission]
	switch {
	case role == "maintain" && base == Write:
		return Maintain
	case role == "triage" && base == Read:
		return Triage
	}
	return base
}
