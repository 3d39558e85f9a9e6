package checklist

// Light is how a release stands, in one word.
type Light string

// The lights, from good to bad. Grey is for what nobody can tell.
const (
	Green  Light = "green"
	Yellow Light = "yellow"
	Orange Light = "orange"
	Red    Light = "red"
	Grey   Light = "unknown"
)

// The traffic light's steps: up to so many open pull requests, and more than so
// many days left. The worse of the two counts.
var (
	lights   = []Light{Green, Yellow, Orange, Red}
	mostOpen = []int{2, 5, 10}
	daysLeft = []int{8, 4, 0} // more than a week, more than 3 days, not past
)

// light is the rule that release managers use: 0 to 2 open pull requests and more
// than a week left is green, 3 to 5 and more than 3 days yellow, 6 to 10 orange,
// more than 10 or past the day red. Without a count it is unknown, unless the
// days alone are red.
func light(open, days int, known bool) Light {
	byDays := 0
	for byDays < len(daysLeft) && days < daysLeft[byDays] {
		byDays++
	}
	byOpen := 0
	for byOpen < len(mostOpen) && open > mostOpen[byOpen] {
		byOpen++
	}
	worst := lights[max(byDays, byOpen)]
	if !known && worst != Red {
		return Grey
	}
	return worst
}
