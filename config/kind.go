package config

import (
	"reflect"
	"slices"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/spell"
)

// Kind is which of the two files that people write a file is.
type Kind string

// The kinds; the empty Kind is a file that doesn't tell.
const (
	PolicyKind   Kind = "policy"
	SettingsKind Kind = "settings"
)

// topKey finds the keys of the top level in a file that is no valid YAML.
var topKey = lazy.Regexp(`(?m)^["']?([a-z_]+)["']?[ \t]*:`)

// KindOf tells by a file's top-level keys which kind it is, typing errors
// forgiven. Where it can't be told, why completes "can't tell ...: it ".
func KindOf(text []byte, sections ...SectionType) (kind Kind, why string) {
	keys := topKeys(text)
	policy, settings := kindKeys(sections)
	isPolicy, isSettings := with(keys, policy), with(keys, settings)
	if len(isPolicy) == 0 && len(isSettings) == 0 {
		near := func(known []string) []string {
			return slices.DeleteFunc(slices.Clone(keys), func(k string) bool {
				return !slices.ContainsFunc(known, func(other string) bool { return spell.Distance(k, other, 1) == 1 })
			})
		}
		isPolicy, isSettings = near(policy), near(settings)
	}
	switch {
	case len(isPolicy) > 0 && len(isSettings) > 0:
		return "", "has keys of both, such as " + isPolicy[0] + " and " + isSettings[0]
	case len(isPolicy) > 0:
		return PolicyKind, ""
	case len(isSettings) > 0:
		return SettingsKind, ""
	case len(keys) == 0:
		return "", "has no keys"
	}
	return "", "has no key of either; a policy has " + strings.Join(policy, ", ") + ", and settings have " + strings.Join(settings, ", ")
}

func topKeys(text []byte) (keys []string) {
	doc, faults := parseYAML(text)
	if len(faults) > 0 {
		for _, m := range topKey().FindAllSubmatch(text[:min(len(text), maxBytes)], 200) {
			keys = append(keys, string(m[1]))
		}
		return keys
	}
	if doc.root != nil {
		list, _ := entries(doc.resolve(doc.root))
		for _, e := range list {
			keys = append(keys, e.key)
		}
	}
	return keys
}

// kindKeys are the top-level keys by which each kind is told, in order.
func kindKeys(sections []SectionType) (policy, settings []string) {
	for _, f := range fieldsOf(reflect.TypeFor[topLevel]()) {
		policy = append(policy, f.name)
	}
	for _, s := range sections {
		policy = append(policy, s.Name)
	}
	for _, f := range fieldsOf(reflect.TypeFor[Settings]()) {
		settings = append(settings, f.name)
	}
	policy, settings = sortedCopy(policy), sortedCopy(settings)
	shared := with(policy, settings) // tells nothing
	without := func(list []string) []string {
		return slices.DeleteFunc(list, func(k string) bool { return slices.Contains(shared, k) })
	}
	return without(policy), without(settings)
}

// with are the words of one list that are in another too.
func with(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(k string) bool { return !slices.Contains(other, k) })
}
