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

// PermissionOf reads what GitHub says of somebody: permission, in the older words; role, the name of a
// role; and allows, which of pull, triage, push, maintain and admin they have (the schema `collaborator` of
// GitHub's API, where triage and maintain may be missing). A custom role has a name of its own, whatever it is, so
// what allows says goes before it. Both
// only tell what lies within permission; what none of them names is no permission.
func PermissionOf(permission, role string, allows map[string]bool) Permission {
	base := legacy[permission]
	between := func(name string) bool {
		if has, told := allows[name]; told {
			return has
		}
		return role == name
	}
	switch {
	case base == Write && between("maintain"):
		return Maintain
	case base == Read && between("triage"):
		return Triage
	}
	return base
}
