// Package calendars fetches the iCalendar files at addresses that the settings of the deployment
// list, and no other: whoever writes a policy must not make the server ask where they like.
//
// What keeps a fetch from doing harm:
//
//   - The list: an address that isn't on it is never asked, and a redirect is followed only
//     to one that is.
//   - https alone, with a certificate that is good for the listed host: who turns its name to
//     another machine, inside or out, doesn't get an answer taken for its.
//   - No address of a private network, of this machine or of its link, wherever a listed name
//     leads. One that is meant is listed by its number; the list is the operator's word.
//     That is looked at when the connection is made, so that no name can lead elsewhere in between.
//     A proxy would hide where it leads to, so none is used.
//   - Bounds: 20 seconds, 3 redirects, the size that package ical reads, and few addresses an
//     hour that nobody has asked before.
//   - Nothing of an answer is shown but what package ical says is wrong with it, and no error
//     of the network, which may name what is inside.
//
// What is good is kept for 90 days, so that an address that is down, or has something else now, changes
// nothing. That isn't on GitHub: a lost database forgets it, and until the address answers again
// what the window could hold is held.
//
//	fetcher.go  Fetcher: what is known of an address, and when it is asked again
//	get.go      one request
package calendars
