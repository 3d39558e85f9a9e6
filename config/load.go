package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/istio-ecosystem/slipway/internal/lazy"
	"github.com/istio-ecosystem/slipway/internal/spell"
)

// maxSecretFile is far more than a key or a secret needs.
const maxSecretFile = 64 << 10

// Load reads the settings: defaults, then the YAML file at path (none when it
// is empty), then the environment, as os.Environ gives it. An empty variable
// counts as not set. The error is one line that names every fault, each with
// its key, its variable and what was wanted; it never holds a secret's value.
//
// Variables that begin with SLIPWAY_ and are no key are let be: orchestrators
// set such by themselves (SLIPWAY_PORT for a service called slipway). One that
// is almost a key is taken for a mistake.
func Load(path string, environ []string) (Settings, error) {
	var s Settings
	l, err := newLoader(&s)
	if err != nil {
		return Settings{}, err
	}
	file, err := l.file(path)
	if err != nil {
		return Settings{}, err
	}
	env := environment(environ)
	for _, f := range l.leaves {
		l.set(f, file, env)
	}
	l.suspects(env)
	s.fillIn()
	l.check(&s)
	if len(l.faults) > 0 {
		return Settings{}, fmt.Errorf("settings: %s", l.text(path))
	}
	return s, nil
}

type loader struct {
	leaves []leaf
	given  map[string]bool  // set by file or environment
	bad    map[string]bool  // has a fault already
	places map[string]place // in the file, by key
	faults Faults           // those that are not about the file have no place
	shapes int              // how many of faults are about the file's shape
	notes  []string
	// offline is set when the file is looked at by itself: nothing else is read,
	// and what can come from elsewhere may be missing.
	offline bool
}

func newLoader(s *Settings) (*loader, error) {
	l := &loader{leaves: leavesOf(s), given: map[string]bool{}, bad: map[string]bool{}, places: map[string]place{}}
	for _, f := range l.leaves {
		if f.Default != "" {
			if err := setText(f.value, f.Default); err != nil {
				return nil, fmt.Errorf("default of %s: %w", f.Key, err)
			}
		}
	}
	return l, nil
}

// text is all faults on one line. What is wrong with the file's shape says
// where; a value's fault names its key and its variable, wherever it came from.
func (l *loader) text(path string) string {
	var texts []string
	for i, f := range l.faults {
		if i < l.shapes {
			texts = append(texts, fmt.Sprintf("%s:%d:%d: %s", path, f.Line, f.Column, f.Message))
			continue
		}
		texts = append(texts, f.Message)
	}
	return strings.Join(texts, "; ")
}

// faultIn reports a key, with how to set it and what was wanted.
func (l *loader) faultIn(f leaf, what string) {
	l.bad[f.Key] = true
	how := f.Env
	if f.Secret {
		how += ", or from a file: " + f.Key + "_file, " + f.Env + "_FILE"
	}
	fault := faultAt(l.places[f.Key], "%s (%s) %s: want %s", f.Key, how, what, f.Want)
	fault.Expected = f.Want
	l.faults = append(l.faults, fault)
}

// file reads the YAML file into texts by key. Its secret values stay out of
// every message about YAML: a key pasted one column off is a syntax error that
// the library would quote.
func (l *loader) file(path string) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	texts, ok := l.read(raw)
	if !ok {
		return nil, fmt.Errorf("settings: %s", l.text(path))
	}
	return texts, nil
}

// read reads the file's values; ok is false when it is no YAML at all.
func (l *loader) read(raw []byte) (texts map[string]string, ok bool) {
	texts = map[string]string{}
	doc, faults := parseYAML(raw)
	for _, f := range faults {
		f.Message, _, _ = strings.Cut(f.Message, ":")
		f.EndLine, f.EndColumn = 0, 0
		l.faults = append(l.faults, f)
	}
	if len(faults) == 0 && doc.root != nil {
		r := settingsReader{loader: l, doc: doc, texts: texts, known: l.fileKeys()}
		r.read(doc.root, "", place{line: 1, column: 1}, 0)
	}
	l.shapes = len(l.faults)
	return texts, len(faults) == 0
}

// fileKeys are the keys that a file may have, those for secret files included.
func (l *loader) fileKeys() []string {
	var keys []string
	for _, f := range l.leaves {
		keys = append(keys, f.Key)
		if f.Secret {
			keys = append(keys, f.Key+"_file")
		}
	}
	return keys
}

type settingsReader struct {
	*loader
	doc   document
	texts map[string]string
	known []string
}

func (r *settingsReader) fault(f Fault) { r.faults = append(r.faults, f) }

func (r *settingsReader) read(n ast.Node, key string, at place, depth int) {
	if n = r.doc.resolve(n); depth > 4 || n == nil {
		r.fault(faultAt(at, "%s can't be read", orFile(key)))
		return
	}
	isLeaf, isGroup := false, key == ""
	for _, k := range r.known {
		isLeaf = isLeaf || k == key
		isGroup = isGroup || strings.HasPrefix(k, key+".")
	}
	want := "one value"
	if isGroup {
		want = "a group of keys"
	}
	list, isMapping := entries(n)
	text, isScalar := scalar(n)
	switch {
	case !isLeaf && !isGroup:
		r.fault(faultOf(at, "", unknown("key", key, r.siblings(key))))
	case isGroup && !isMapping, !isGroup && !isScalar:
		r.bad[key] = true
		f := faultAt(at, "%s: want %s, found %s", orFile(key), want, nodeName(n))
		f.Expected = want
		r.fault(f)
	case isGroup:
		for _, e := range list {
			r.read(e.value, join(key, e.key), e.at, depth+1)
		}
	default:
		if _, twice := r.texts[key]; twice {
			r.fault(faultAt(at, "%s is given twice", key))
		}
		r.texts[key] = text
		r.places[strings.TrimSuffix(key, "_file")] = placeOf(n.GetToken())
	}
}

// siblings are the keys that could stand where an unknown one does.
func (r *settingsReader) siblings(key string) []string {
	parent := key[:strings.LastIndex(key, ".")+1]
	seen := map[string]bool{}
	for _, k := range r.known {
		if rest, ok := strings.CutPrefix(k, parent); ok {
			name, _, _ := strings.Cut(rest, ".")
			seen[parent+name] = true
		}
	}
	var names []string
	for name := range seen {
		names = append(names, name)
	}
	return sortedCopy(names)
}

// set gives one key its value: from the environment, else from the file.
func (l *loader) set(f leaf, file, env map[string]string) {
	sources := []struct {
		from                 map[string]string
		direct, throughAFile string
	}{{env, f.Env, f.Env + "_FILE"}, {file, f.Key, f.Key + "_file"}}
	for _, src := range sources {
		text, direct := src.from[src.direct]
		name, through := src.from[src.throughAFile]
		through = through && f.Secret
		if !direct && !through {
			continue
		}
		if direct && through {
			l.faultIn(f, fmt.Sprintf("is given both by %s and by %s", src.direct, src.throughAFile))
			return
		}
		if through && l.offline {
			l.elsewhere(f, name)
			return
		}
		if through {
			read, err := readSecret(name)
			if err != nil {
				l.faultIn(f, fmt.Sprintf("can't be read from the file that %s names (%v)", src.throughAFile, err))
				return
			}
			text = read
		}
		l.given[f.Key] = true
		if err := setText(f.value, text); err != nil {
			l.malformed(f, text)
		}
		return
	}
}

func (l *loader) malformed(f leaf, text string) {
	if f.Secret {
		l.faultIn(f, "is malformed")
		return
	}
	l.faultIn(f, "is malformed ("+quote(credentials().ReplaceAllString(text, "//***@"))+")")
}

// credentials are what an address may hold before its host: no message of ours
// repeats them.
var credentials = lazy.Regexp(`//[^/\s]*@`)

// readSecret reads a file. Its error leaves the name out, which may be the
// secret itself, given in the wrong place.
func readSecret(name string) (string, error) {
	info, err := os.Stat(name)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxSecretFile) {
		return "", errors.New("it is no regular file, or too large")
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(name)
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		return "", p.Err
	}
	return strings.TrimRight(string(text), "\r\n"), err
}

func environment(environ []string) map[string]string {
	env := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "SLIPWAY_") && value != "" {
			env[name] = value
		}
	}
	return env
}

// suspects reports variables that are almost a key.
func (l *loader) suspects(env map[string]string) {
	known := map[string]bool{}
	for _, key := range l.fileKeys() {
		known[envName(key)] = true
	}
	var names []string
	for name := range env {
		names = append(names, name)
	}
	for _, name := range sortedCopy(names) {
		if known[name] {
			continue
		}
		for key := range known {
			if spell.Distance(name, key, 1) == 1 {
				l.faults = append(l.faults, Fault{Message: fmt.Sprintf("%s in the environment is not a setting; did you mean %s?", name, key), DidYouMean: key})
				break
			}
		}
	}
}
