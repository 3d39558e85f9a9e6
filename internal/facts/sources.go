package facts

// Sources is where facts are read from.
type Sources struct {
	GitHub   GitHub
	Policies Policies
	Seen     Sightings
	Owned    Owned
}

// GitHub is what facts read of GitHub.
type GitHub interface {
	Pulls
	Changes
	Labellings
}
