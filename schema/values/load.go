package values

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"helm.sh/helm/v3/pkg/strvals"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
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
	// Defaults are the values files of the chart and its dependencies, over which the
	// others were laid; none where they are not known.
	Defaults []*File
	chart    *Chart // whose values they are, or were laid over; nil where that is not known
}

// Sources returns every source in the order in which they were laid over each other.
func (v *Values) Sources() []*Source {
	var all []*Source
	for _, f := range slices.Concat(v.Defaults, v.Files) {
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

// FlagError says that the text of a --set flag cannot be parsed, or that the file which
// it names cannot be read. Of the text it holds nothing but names of the chart's own: a
// slip, such as a dot typed for the equals sign, makes the credential a part of the key.
type FlagError struct {
	Flag string // "--set"
	Key  string // what may be shown of the path that the text begins with
	Err  error  // why the file cannot be read, without its name; nil if that is not it
}

// Unwrap returns the cause.
func (e *FlagError) Unwrap() error { return e.Err }

// Error names the flag and what may be shown of the key.
func (e *FlagError) Error() string {
	key := ""
	if e.Key != "" {
		key = fmt.Sprintf(" for %q", e.Key)
	}
	switch {
	case e.Err != nil && key == "":
		return fmt.Sprintf("cannot read a file that %s names: %v", e.Flag, e.Err)
	case e.Err != nil:
		return fmt.Sprintf("cannot read the file that %s names%s: %v", e.Flag, key, e.Err)
	}
	form := cmp.Or(map[string]string{"--set-json": "json", "--set-file": "path"}[e.Flag], "value")
	return fmt.Sprintf("cannot parse the argument of %s%s: it must have the form key=%s", e.Flag, key, form)
}

// Load reads and merges all values that o names. read returns the content of a
// file. Errors: those of read, *SyntaxError, *RootError, *FlagError.
func Load(o Options, read func(name string) ([]byte, error)) (*Values, error) {
	v := &Values{Root: emptyMap(nil)}
	for _, name := range o.Files {
		data, err := read(name)
		if err != nil {
			return nil, fmt.Errorf("cannot read values file %s: %w", shownFile(name), cause(name, err))
		}
		if err := v.addFile(sourceName(name), data); err != nil {
			return nil, err
		}
	}
	readRunes := func(rs []rune) (any, error) {
		data, err := read(string(rs))
		if err != nil {
			return "", unread{cause(string(rs), err)}
		}
		return string(data), nil
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
		for i, text := range step.texts {
			name := step.flag
			if i > 0 {
				name = fmt.Sprintf("%s#%d", name, i+1)
			}
			if err := v.addFlag(step.flag, &Source{Name: name, Text: yamldoc.New([]byte(text))}, step.parse); err != nil {
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

// IsDefault reports whether a value comes from a values file of the chart's own.
func (v *Values) IsDefault(value *Value) bool {
	return value != nil && slices.ContainsFunc(v.Defaults, func(f *File) bool { return f.Source == value.Body.Source })
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
func (v *Values) addFlag(flag string, src *Source, parse func(string, map[string]any) error) error {
	text := string(src.Text.Bytes())
	after, _ := v.Root.Data().(map[string]any)
	if err := parse(text, after); err != nil {
		var file unread
		_ = errors.As(err, &file) // else it holds no cause
		return &FlagError{Flag: flag, Key: flagKey(text), Err: file.error}
	}
	v.Flags = append(v.Flags, src)
	parts := split(text)
	switch {
	case flag == "--set-json" && isObject(text):
		parts = []part{{0, len(text), len(text)}}
	case flag == "--set-json", flag == "--set-literal":
		parts = []part{whole(text)}
	}
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
		v.Root = origin.overlay(after, v.Root, alone)
	}
	return nil
}

// unread is why the file that --set-file names cannot be read.
type unread struct{ error }

// cause returns what is wrong with a file without its name: somebody who takes
// --set-file for --set gives the credential itself in its place.
func cause(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	if quoted := strings.Trim(strconv.Quote(name), `"`); strings.Contains(err.Error(), name) || strings.Contains(err.Error(), quoted) {
		return errors.New("it cannot be read")
	}
	return err
}

// shownFile returns the name of a values file, unless -f was taken for --set or it is an
// address with a user in it.
func shownFile(name string) string {
	scheme, rest, isAddress := strings.Cut(name, "://")
	at := strings.LastIndexByte(rest, '@')
	switch {
	case isAddress && at >= 0:
		return scheme + "://…" + rest[at:]
	case !isAddress && strings.Contains(name, "="):
		return strings.TrimPrefix(flagKey(name)+"=…", "=")
	}
	return name
}

// flagKey returns what may be shown of the path that the text of a flag begins with: its
// first steps as far as they are names that lead to an auth block, or in one, with "…" for
// the rest; "" if there are none. Any other step may be a credential, whatever it looks like.
func flagKey(text string) string {
	own := []string{
		"gitops-runtime", "global", "external-argo-cd", "integrations", "argo-cd", "server", "auth",
		"type", "token", "tokenSecretKeyRef", "username", "usernameSecretKeyRef", "password", "passwordSecretKeyRef",
		"name", "key", "optional", "enabled", "gitops-operator", "app-proxy", "config", "argoCdUsername",
		"codefresh", "userToken", "secretKeyRef", "runtime",
	}
	path, _, _ := strings.Cut(text, "=")
	steps := strings.Split(path, ".")
	switch i := slices.IndexFunc(steps, func(step string) bool { return !slices.Contains(own, step) }); i {
	case -1:
		return path
	case 0:
		return ""
	default:
		return strings.Join(steps[:i], ".") + ".…"
	}
}
