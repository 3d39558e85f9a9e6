package facts

// Sources is where facts are read from.
type Sources struct {
	GitHub   GitHub
	Git      Git
	Policies Policies
	Seen     Sightings
	Owned    Owned
}

// GitHub is what facts read of GitHub.
type GitHub interface {
	Pulls
	Reviewed
	People
	Origins
}
