package effect

import "slices"

// change is a line that two texts have in common, or the lines of each between two
// such.
type change struct {
	same     bool
	text     string
	old, new []string
}

// What bounds the work of a comparison, in pairs of lines: so many for each line of
// the two texts, and so many in all.
const (
	maxPerLine  = 200
	maxCompared = 4_000_000
)

// comparison collects what differs between two texts, while it has room for pairs.
type comparison struct {
	all  []change
	room int
}

// difference compares two texts line by line, by their longest common subsequence.
// What has no room for that is first cut at the lines that each of them has once,
// and is one change where there are none.
func difference(a, b []string) []change {
	c := &comparison{room: min(maxPerLine*(len(a)+len(b)), maxCompared)}
	c.compare(a, b, anchors)
	return c.all
}

func (c *comparison) same(line string) { c.all = append(c.all, change{same: true, text: line}) }

func (c *comparison) between(old, new []string) {
	if len(old)+len(new) == 0 {
		return
	}
	if n := len(c.all) - 1; n >= 0 && !c.all[n].same {
		c.all[n].old, c.all[n].new = append(c.all[n].old, old...), append(c.all[n].new, new...)
		return
	}
	c.all = append(c.all, change{old: slices.Clone(old), new: slices.Clone(new)})
}

// compare compares parts of the texts; cut says at which pairs of lines it may cut
// them.
func (c *comparison) compare(a, b []string, cut func(a, b []string) [][2]int) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		c.same(a[0])
		a, b = a[1:], b[1:]
	}
	end := 0
	for end < min(len(a), len(b)) && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	rest := a[len(a)-end:]
	a, b = a[:len(a)-end], b[:len(b)-end]
	if len(a)*len(b) <= c.room {
		c.room -= len(a) * len(b)
		c.longest(a, b)
	} else {
		i, j := 0, 0
		for _, at := range cut(a, b) {
			c.compare(a[i:at[0]], b[j:at[1]], nowhere)
			c.same(a[at[0]])
			i, j = at[0]+1, at[1]+1
		}
		if i > 0 {
			c.compare(a[i:], b[j:], nowhere)
		} else {
			c.between(a, b)
		}
	}
	for _, line := range rest {
		c.same(line)
	}
}

// longest compares by the longest common subsequence.
func (c *comparison) longest(a, b []string) {
	wide := len(b) + 1
	common := make([]int32, (len(a)+1)*wide) // of the ends that begin at a pair of lines
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			at := i*wide + j
			if common[at] = max(common[at+wide], common[at+1]); a[i] == b[j] {
				common[at] = common[at+wide+1] + 1
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			c.same(a[i])
			i, j = i+1, j+1
		case common[(i+1)*wide+j] >= common[i*wide+j+1]:
			c.between(a[i:i+1], nil)
			i++
		default:
			c.between(nil, b[j:j+1])
			j++
		}
	}
	c.between(a[i:], b[j:])
}

func nowhere(a, b []string) [][2]int { return nil }

// anchors pairs the lines that each of two texts has once: the most of them that
// stand in one order, as patience sorting finds them.
func anchors(a, b []string) [][2]int {
	inA, inB := once(a), once(b)
	var pairs [][2]int
	var ends, before []int // the pair that ends a row of each length, and the one before each
	for i, line := range a {
		j, there := inB[line]
		if _, unique := inA[line]; !there || !unique {
			continue
		}
		n, _ := slices.BinarySearchFunc(ends, j, func(p, j int) int { return pairs[p][1] - j })
		if n == len(ends) {
			ends = append(ends, 0)
		}
		ends[n] = len(pairs)
		pairs, before = append(pairs, [2]int{i, j}), append(before, ends[max(n-1, 0)])
	}
	row := make([][2]int, len(ends))
	for n := len(ends) - 1; n >= 0; n-- {
		row[n] = pairs[ends[n]]
		if n > 0 {
			ends[n-1] = before[ends[n]]
		}
	}
	return row
}

// once says where the lines stand that a text has once.
func once(lines []string) map[string]int {
	at, again := make(map[string]int, len(lines)), map[string]bool{}
	for i, line := range lines {
		if _, there := at[line]; there {
			again[line] = true
		}
		at[line] = i
	}
	for line := range again {
		delete(at, line)
	}
	return at
}
