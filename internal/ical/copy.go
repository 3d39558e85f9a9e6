package ical

import "time"

// Copy is what is known of a calendar at an address.
type Copy struct {
	// Unlisted says that the deployment doesn't list the address, so that nobody has asked there.
	Unlisted bool
	Text     string    // the newest that was good; "" for none
	Fault    string    // why what the address has now isn't good, as a phrase; ""
	Since    time.Time // of the Fault
}
