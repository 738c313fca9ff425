package values

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"helm.sh/helm/v3/pkg/strvals"

	"github.com/helm-runtime-auth/runtime-auth/schema/source"
)

// Options are the ways in which Helm takes values, in the order in which it
// applies them (pkg/cli/values of Helm 3.22).
type Options struct {
	Files   []string // -f, --values
	JSON    []string // --set-json
	Set     []string // --set
	String  []string // --set-string
	File    []string // --set-file
	Literal []string // --set-literal
}

// IsEmpty reports whether no values are given at all.
func (o Options) IsEmpty() bool {
	return len(o.Files)+len(o.JSON)+len(o.Set)+len(o.String)+len(o.File)+len(o.Literal) == 0
}

// Values are merged values and what they were merged from.
type Values struct {
	Root  *Value
	Files []*File
	// Flags holds a source for every use of a flag.
	Flags []*Source
	// Defaults is the chart's own values file, over which the others were laid; nil
	// where it is not known.
	Defaults *File
}

// Sources returns every source in the order in which they were laid over each other.
func (v *Values) Sources() []*Source {
	var all []*Source
	if v.Defaults != nil {
		all = append(all, v.Defaults.Source)
	}
	for _, f := range v.Files {
		all = append(all, f.Source)
	}
	return append(all, v.Flags...)
}

// RootError says that a values file is not a mapping, which Helm refuses.
type RootError struct{ Span Span }

// Error says which file and what it should be.
func (e *RootError) Error() string {
	return fmt.Sprintf("%s: a values file must be a mapping of keys to values", e.Span.File())
}

// FlagError says that the text of a --set flag cannot be parsed. It does not quote
// the value.
type FlagError struct {
	Flag string // "--set"
	Key  string // what stands in front of the first "="; "" if that is no plain path
	Err  error  // why the file that it names cannot be read; nil if that is not it
}

// Unwrap returns the cause.
func (e *FlagError) Unwrap() error { return e.Err }

// Error names the flag and the key.
func (e *FlagError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("cannot read the file that %s names for %q: %v", e.Flag, e.Key, e.Err)
	}
	if e.Key == "" {
		return fmt.Sprintf("cannot parse a value of %s: it has the form key=value", e.Flag)
	}
	return fmt.Sprintf("cannot parse the value that %s gives for %q", e.Flag, e.Key)
}

// Load reads and merges all values that o names. read returns the content of a
// file. Errors: those of read, *SyntaxError, *RootError, *FlagError.
func Load(o Options, read func(name string) ([]byte, error)) (*Values, error) {
	v := &Values{Root: &Value{Kind: Map, Fields: map[string]*Value{}}}
	for _, name := range o.Files {
		data, err := read(name)
		if err != nil {
			var path *fs.PathError
			if errors.As(err, &path) {
				err = path.Err
			}
			return nil, fmt.Errorf("cannot read values file %s: %w", name, err)
		}
		if err := v.addFile(sourceName(name), data); err != nil {
			return nil, err
		}
	}
	readRunes := func(rs []rune) (any, error) {
		data, err := read(string(rs))
		return string(data), err
	}
	steps := []struct {
		flag  string
		texts []string
		parse func(text string, into map[string]any) error
	}{
		{"--set-json", o.JSON, parseJSON},
		{"--set", o.Set, strvals.ParseInto},
		{"--set-string", o.String, strvals.ParseIntoString},
		{"--set-file", o.File, func(text string, into map[string]any) error {
			return strvals.ParseIntoFile(text, into, readRunes)
		}},
		{"--set-literal", o.Literal, strvals.ParseLiteralInto},
	}
	for _, step := range steps {
		for _, text := range step.texts {
			if err := v.addFlag(step.flag, text, step.parse); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// sourceName is what findings call a values file.
func sourceName(name string) string {
	if strings.TrimSpace(name) == "-" {
		return "<stdin>"
	}
	return name
}

// FromFile returns the values of one file that is already parsed.
func FromFile(f *File) *Values { return &Values{Root: f.Root, Files: []*File{f}} }

// Over returns v laid over a chart's defaults, as Helm does it: a null leaves the
// default, which is how it is under `global` of a chart with subcharts.
func (v *Values) Over(defaults *File) *Values {
	over := *v
	over.Defaults = defaults
	switch {
	case defaults.Root.Kind != Map:
	case v.Root.Kind == Map:
		over.Root = merge(defaults.Root, v.Root)
	case v.Root.Kind == Null:
		over.Root = defaults.Root
	}
	return &over
}

// IsDefault reports whether a value comes from the chart's own values file.
func (v *Values) IsDefault(value *Value) bool {
	return v.Defaults != nil && value != nil && value.Body.Source == v.Defaults.Source
}

func (v *Values) addFile(name string, data []byte) error {
	f, err := Parse(name, data)
	if err != nil {
		return err
	}
	v.Files = append(v.Files, f)
	switch f.Root.Kind {
	case Null:
	case Map:
		v.Root = merge(v.Root, f.Root)
	default:
		return &RootError{Span: f.Root.Body}
	}
	return nil
}

// addFlag lets Helm's own parser apply the flag to the values so far, and then
// finds out which of them it set by applying each part to nothing.
func (v *Values) addFlag(flag, text string, parse func(string, map[string]any) error) error {
	after, _ := v.Root.Data().(map[string]any)
	if err := parse(text, after); err != nil {
		var notRead interface{ Timeout() bool } // what an error of a file system has
		if errors.As(err, &notRead) {
			return &FlagError{Flag: flag, Key: flagKey(text), Err: cause(err)}
		}
		return &FlagError{Flag: flag, Key: flagKey(text)}
	}
	src := &Source{Name: v.flagName(flag), Text: source.New([]byte(text))}
	v.Flags = append(v.Flags, src)
	parts := split(text)
	if flag == "--set-literal" || flag == "--set-json" {
		parts = []part{whole(text)}
	}
	if flag == "--set-json" && strings.HasPrefix(strings.TrimSpace(text), "{") {
		parts = []part{{0, len(text), len(text)}} // no key in front of it
	}
	root := v.Root
	for _, p := range parts {
		alone := map[string]any{}
		if parse(text[p.start:p.end], alone) != nil {
			alone, p = map[string]any{}, whole(text)
			_ = parse(text, alone) // it parsed before
		}
		origin := origin{
			key:  Span{Source: src, Start: p.start, End: p.equals},
			body: Span{Source: src, Start: min(p.equals+1, p.end), End: p.end},
		}
		root = origin.overlay(after, root, alone)
	}
	v.Root = root
	return nil
}

// parseJSON is --set-json. A whole object is merged, as Helm 4 does; Helm 3 refuses it.
func parseJSON(text string, into map[string]any) error {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return mergeObject(text, into)
	}
	return strvals.ParseJSON(text, into)
}

// flagName returns a name for one more use of a flag: "--set", then "--set#2".
func (v *Values) flagName(flag string) string {
	n := 1
	for _, s := range v.Flags {
		if s.Name == flag || strings.HasPrefix(s.Name, flag+"#") {
			n++
		}
	}
	if n == 1 {
		return flag
	}
	return fmt.Sprintf("%s#%d", flag, n)
}

// flagKey returns what stands in front of the first "=", if that can be shown.
func flagKey(text string) string {
	key, _, found := strings.Cut(text, "=")
	if !found || !isPlainPath(key) {
		return ""
	}
	return key
}

// cause returns what is wrong with a file without its name: somebody who takes
// --set-file for --set gives the credential itself in its place.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return errors.New("it cannot be read")
}

// isPlainPath reports whether a key consists of nothing but names and dots. Where it
// does not, a missing bracket may have drawn a value into it, which must not be shown.
func isPlainPath(key string) bool {
	return strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}
