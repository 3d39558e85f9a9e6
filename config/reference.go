package config

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/istio-ecosystem/slipway/internal/github"
)

// PolicyPath is where a policy stands in a repository.
const PolicyPath = ".github/slipway.yml"

// Reference is the place of a policy in another repository of the same owner:
// `owner/name`, or `owner/name:path` where it isn't at `.github/slipway.yml`.
// Slipway has to be installed there too, and the repository may be no more
// private than the one that refers to it.
//
// Whether it may be followed is for whoever reads GitHub (ghclient.ReferredFile):
// a reference must not make Slipway show what its readers may not see.
type Reference struct {
	Repo github.Repo
	Path string
}

// Form implements Scalar.
func (Reference) Form() Form {
	return Form{
		Name:     "reference",
		Want:     "a repository as owner/name, or a file there as owner/name:path.yml",
		Pattern:  `^[A-Za-z0-9_-]{1,100}/[A-Za-z0-9._-]{1,100}(:[A-Za-z0-9._/-]+\.ya?ml)?$`,
		Examples: []string{"istio/community", "istio/community:policies/slipway.yml"},
	}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Reference) UnmarshalText(text []byte) error {
	name, file, hasFile := strings.Cut(string(text), ":")
	if !hasFile {
		file = PolicyPath
	}
	repo, err := github.ParseRepo(name)
	if err != nil {
		return &Wrong{What: quote(string(text)) + " is not a reference", Want: r.Form().Want, DidYouMean: referenceMeant(string(text))}
	}
	ext := path.Ext(file)
	if path.IsAbs(file) || path.Clean(file) != file || strings.HasPrefix(file, "..") || ext != ".yml" && ext != ".yaml" {
		return &Wrong{What: quote(file) + " is not the path of a policy", Want: "a path from the repository's root that ends in .yml"}
	}
	*r = Reference{Repo: repo, Path: file}
	return nil
}

// referenceMeant finds the repository in the address of a page.
func referenceMeant(text string) string {
	_, rest, found := strings.Cut(text, "://")
	parts := strings.Split(strings.TrimSuffix(rest, ".git"), "/")
	if !found || len(parts) < 3 {
		return ""
	}
	repo, err := github.ParseRepo(parts[1] + "/" + parts[2])
	if err != nil {
		return ""
	}
	return repo.String()
}

// String is the reference as it is written.
func (r Reference) String() string {
	if r.Path == PolicyPath {
		return r.Repo.String()
	}
	return r.Repo.String() + ":" + r.Path
}

// extendsKey is the key of a reference.
const extendsKey = "extends"

// ParseReference tells whether a policy file is a reference to another
// repository's. If is is false the file is no reference, whatever else it may
// be, and belongs to ParsePolicy. The error wraps Faults as ParsePolicy's does.
//
// Sections are those of which a part may stand beside it.
func ParseReference(name string, text []byte, sections ...SectionType) (ref Reference, is bool, err error) {
	ref, _, is, err = parseReference(name, text, sections)
	return ref, is, err
}

// parseReference also says where the reference stands.
func parseReference(name string, text []byte, sections []SectionType) (ref Reference, at place, is bool, err error) {
	doc, faults := parseYAML(text)
	if len(faults) > 0 {
		return Reference{}, at, false, nil // ParsePolicy finds the same
	}
	ref, at, is, faults = doc.reference(sections...)
	if len(faults) > 0 {
		return Reference{}, at, is, fmt.Errorf("policy %s: %w", name, faults.sorted())
	}
	return ref, at, is, nil
}

// reference reads a document that has the key extends.
func (doc document) reference(sections ...SectionType) (ref Reference, at place, is bool, faults Faults) {
	if doc.root == nil {
		return ref, at, false, nil
	}
	list, _ := entries(doc.resolve(doc.root))
	for _, e := range list {
		is = is || e.key == extendsKey
	}
	if !is {
		return ref, at, false, nil
	}
	d := newDecoder(doc)
	for _, e := range list {
		if e.key == extendsKey {
			d.value(e.value, valueOf(&ref), extendsKey, e.at, 1)
			continue
		}
		doc.beside(d, e, sections)
	}
	return ref, d.nearest(extendsKey, place{line: 1, column: 1}), true, d.faults
}

// leadsOn is the fault of a reference where the policy itself has to be.
func leadsOn(at place) Fault {
	return faultOf(at, extendsKey, &Wrong{What: "leads on to another policy", Want: "the policy itself where a reference leads to"})
}

// CheckPolicy looks at a policy file by itself, as `slipway validate` does. Where
// a reference leads to is a note: it is another file.
// So is what sections have to say besides.
func CheckPolicy(text []byte, sections ...SectionType) (faults Faults, notes []string) {
	ref, is, err := ParseReference("", text, sections...)
	if is && err == nil {
		return checkAdditions(text, sections), []string{fmt.Sprintf("the policy itself stands in %s at %s, and was not looked at", ref.Repo, ref.Path)}
	}
	if !is {
		var p *Policy
		if p, err = ParsePolicy("", text, sections...); err == nil {
			return nil, p.Notes
		}
	}
	if err == nil || errors.As(err, &faults) {
		return faults, nil
	}
	return Faults{{Line: 1, Column: 1, Message: err.Error()}}, nil
}
