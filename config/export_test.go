package config

// ParseMoment reads a moment as a policy of that time zone does.
func ParseMoment(text string, zone Zone) (Moment, error) {
	var m Moment
	if err := m.UnmarshalText([]byte(text)); err != nil {
		return Moment{}, err
	}
	return m, m.settle(zone)
}
