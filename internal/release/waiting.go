package release

// StepTrap is a kind of pull request that must not be merged while a release is
// at a certain point of its checklist.
type StepTrap struct {
	Repo   string // its name
	Branch Branch
	Title  string // a regular expression that its title fits somewhere
	Say    string // what to do instead
	Step   string // of the checklist
	// Tracker is the address of the tracking issue; "" when that isn't for all who see the
	// pull request.
	Tracker string
}
