package release

import (
	"path"
	"strings"
	"unicode"
)

// numbered is the template of all branches whose names end in two numbers.
const numbered = "*{major}.{minor}"

// Meets reports whether some branch that a template names could fit a pattern of MatchBranch.
// In the template a placeholder in braces stands for a number, `*` for any text; `{branch}`
// stands for any text, too. An invalid pattern meets nothing.
func Meets(pattern, template string) bool {
	if _, err := path.Match(pattern, ""); err != nil {
		return false
	}
	a, b := patternPieces(pattern), templatePieces(template)
	runes := alphabet(pattern + template)
	tried := make([]bool, (len(a)+1)*(len(b)+1))
	var meet func(i, j int) bool
	meet = func(i, j int) bool {
		at := i*(len(b)+1) + j
		switch {
		case tried[at]:
			return false
		case i == len(a) && j == len(b):
			return true
		}
		tried[at] = true
		if i < len(a) && a[i].any && meet(i+1, j) || j < len(b) && b[j].any && meet(i, j+1) {
			return true
		}
		if i == len(a) || j == len(b) || !share(runes, a[i], b[j]) {
			return false
		}
		return meet(a[i].after(i), b[j].after(j))
	}
	return meet(0, 0)
}

// piece is a part of a pattern: one rune of some, or any number of them.
type piece struct {
	has func(rune) bool
	any bool
}

// after is the place in its pattern that follows when the i'th piece has taken a rune.
func (p piece) after(i int) int {
	if p.any {
		return i
	}
	return i + 1
}

func share(runes []rune, a, b piece) bool {
	for _, r := range runes {
		if a.has(r) && b.has(r) {
			return true
		}
	}
	return false
}

// alphabet is all that can tell two pieces apart: a bracket's ranges end at runes of its text.
func alphabet(text string) []rune {
	runes := []rune{'☃'} // what no text has stands for all that isn't named
	for r := rune('!'); r <= '~'; r++ {
		runes = append(runes, r)
	}
	for _, r := range text {
		if r < '!' || r > '~' {
			runes = append(runes, r)
		}
	}
	return runes
}

func patternPieces(pattern string) (list []piece) {
	for pattern != "" {
		one := pattern[:sizeOfPiece(pattern)]
		pattern = pattern[len(one):]
		if one == "*" {
			list = append(list, piece{func(r rune) bool { return r != '/' }, true})
			continue
		}
		list = append(list, piece{has: func(r rune) bool { ok, _ := path.Match(one, string(r)); return ok }})
	}
	return list
}

// sizeOfPiece is how long the first piece of a valid pattern of path.Match is, in bytes.
func sizeOfPiece(pattern string) int {
	switch pattern[0] {
	case '[':
		end := 1
		for pattern[end] != ']' {
			if pattern[end] == '\\' {
				end++
			}
			end++
		}
		return end + 1
	case '\\':
		return 1 + firstRune(pattern[1:])
	}
	return firstRune(pattern)
}

func firstRune(text string) int {
	for i := range text {
		if i > 0 {
			return i
		}
	}
	return len(text)
}

func templatePieces(template string) (list []piece) {
	anything := piece{func(rune) bool { return true }, true}
	for template != "" {
		switch name, rest, closed := strings.Cut(template, "}"); {
		case template[0] == '*':
			list, template = append(list, anything), template[1:]
		case template[0] == '{' && closed && name == "{branch":
			list, template = append(list, anything), rest
		case template[0] == '{' && closed:
			digit := piece{has: unicode.IsDigit}
			list, template = append(list, digit, piece{digit.has, true}), rest
		default:
			literal := []rune(template)[0]
			list, template = append(list, piece{has: func(r rune) bool { return r == literal }}), template[firstRune(template):]
		}
	}
	return list
}
