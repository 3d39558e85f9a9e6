package freeze

import (
	"strings"
	"testing"

	"github.com/istio-ecosystem/slipway/config"
)

// TestDeployedCalendars: an address that the deployment doesn't list is a fault of a proposal, and its text
// doesn't quote it.
func TestDeployedCalendars(t *testing.T) {
	s := Settings{Windows: windowsOf(t, "UTC", `calendar: a.ics`, `calendar: "https://a.example.org/x.ics"`, `calendar: "https://b.example.org/secret.ics"`)}
	err := s.ValidateDeployed(config.Deployed{Calendars: config.Addresses{"https://a.example.org/"}})
	if err == nil || err.Error() != "windows[2].calendar: is not on this deployment's list of addresses: want one that its setting `calendars` lists, or the path of a file" {
		t.Error(err)
	}
}

// TestWindowFaults: each bad input is told by its key, with what was wanted.
func TestWindowFaults(t *testing.T) {
	for text, want := range map[string]string{
		`start: 2026-08-19 17:00`: `windows[0].end: is missing or empty: want start and end, or every and to, or days, or calendar`,
		`end: 2026-08-19 17:00`:   `windows[0].start: is missing or empty`,
		`reason: x`:               `windows[0].start: is missing or empty`,
		`start: 2026-08-19 17:00, end: 2026-08-19 16:00`:               `windows[0].end: 2026-08-19 16:00 is not after the start, 2026-08-19 17:00`,
		`start: 2026-08-19 17:00, every: friday`:                       `windows[0].every: stands beside start: want one of`,
		`end: 2026-08-19 17:00, days: ["2026-12-24"]`:                  `windows[0].days: stands beside end`,
		`to: friday, calendar: a.ics`:                                  `windows[0].calendar: stands beside to`,
		`every: fryday 16:00, to: monday`:                              `windows[0].every: "fryday" in "fryday 16:00" is neither a weekday nor a time of day: want a weekday with a time of day like friday 16:00`,
		`every: friday 12pm, to: monday`:                               `"12:00pm" is read in two ways`,
		`every: friday 16:00 PST, to: monday`:                          "a zone stands in `zone`",
		`every: weekend, to: monday`:                                   `doesn't say when the weekend begins`,
		`every: friday 16:00`:                                          `windows[0].to: is missing or empty`,
		`to: friday 16:00`:                                             `windows[0].every: is missing or empty`,
		`every: "16:00", to: monday`:                                   `windows[0].every: "16:00" has no weekday`,
		`every: friday 16:00, to: friday 16:00`:                        `windows[0].to: "friday 16:00" is no end: the window would hold all week`,
		`every: day 00:00, to: "00:00"`:                                `would hold all week`,
		`days: [tomorrow]`:                                             `windows[0].days[0]: "tomorrow" is neither a day nor days: want a day like 2026-12-24`,
		`days: ["2026-02-30"]`:                                         `names a day that the calendar doesn't have`,
		`days: ["2027-01-01 to 2026-12-24"]`:                           `ends before it begins`,
		`days: ["2026-12-24 to 2028-12-24"]`:                           `is longer than a year`,
		`days: []`:                                                     `windows[0].start: is missing or empty`,
		`calendar: "https://user:secret@example.com/a.ics"`:            `windows[0].calendar: is an address that holds a name or a password: want the path`,
		`calendar: webcal://example.com/a.ics`:                         `is an address`,
		`calendar: /etc/a.ics`:                                         `"/etc/a.ics" is not the path of a calendar`,
		`calendar: ../a.ics`:                                           `is not the path of a calendar`,
		`calendar: a/../../a.ics`:                                      `is not the path of a calendar`,
		`calendar: holidays.csv`:                                       `is not the path of a calendar`,
		`days: ["2026-12-24"], announce: 31d`:                          `windows[0].announce: 31d is too long: want at most 30d`,
		`days: ["2026-12-24"], paths: ["!x"]`:                          `windows[0].paths[0]`,
		`days: ["2026-12-24"], owners: ["@istio/security"]`:            `windows[0].owners[0]`,
		`days: ["2026-12-24"], owners: [a], exceptions: {labels: [x]}`: `windows[0].exceptions.labels: stands beside owners`,
	} {
		policy := "branches: [\"release-*\"]\nfreeze:\n  windows:\n  - {name: one, branches: [release-1.31], " + text + "}\n"
		_, err := config.ParsePolicy("x", []byte(policy), config.Declare[Settings](Name))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret@") {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{
		`start: 2026-08-19 17:00, end: 2026-08-19 18:00`, `every: Fri 4pm, to: Mon 8am, zone: Australia/Sydney`, `every: weekdays 18:00, to: "08:00"`,
		`days: ["2026-12-24", "2026-12-31 to 2027-01-01"], calendar: .github/holidays.ics, announce: 7d`,
		`days: ["2026-12-24"], paths: ["charts/**"], labels: [risky], owners: ["security-{major}-{minor}"], exceptions: {paths: ["docs/**"]}`,
	} {
		policy := "branches: [\"release-*\"]\nfreeze:\n  windows:\n  - {name: one, branches: [release-1.31], " + text + "}\n"
		if _, err := config.ParsePolicy("x", []byte(policy), config.Declare[Settings](Name)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
