package release

// Tracking is a release that is under way, as its tracking issue says.
type Tracking struct {
	Version Version // the final one
	Branch  Branch
	Number  int // of the issue
	URL     string
	Closed  bool
}
