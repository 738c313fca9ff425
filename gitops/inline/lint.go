package inline

import (
	"bytes"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Result is what lint says of a release.
type Result struct {
	// Result has its places in the manifest. Its Masks are only for the other files that
	// findings may be about; lines of the manifest are shown by Lines.
	schema.Result
	Lines *Lines
	// Unread is set if the values are a template, which is no YAML before it is filled in.
	Unread bool
	// Incomplete is set if the values lack something that may come from elsewhere.
	// Settings mean nothing then.
	Incomplete bool
	// Unsettled is set if what is filled in later may decide what the values declare: a
	// parameter or a key of which the name is not known, a patch. It is known in part then.
	Unsettled bool
	// Refused is set if helm would not take one of the parameters.
	Refused bool
}

// IsRuntime reports whether the release is one of a Runtime: by its chart's name, or
// because its values have something to do with the auth block.
func (r *Release) IsRuntime(result Result) bool {
	return r.Chart == auth.ChartName || result.Block != "" || len(result.Diagnostics) > 0
}

// Lint checks the values of a release. Findings are about what the manifest says: none
// is about what an expression will be replaced by, and, where values come from
// elsewhere too, none about what is missing. The chart's version is that of the release,
// unless opts has one. The error is that of the linter.
func (r *Release) Lint(linter *schema.Linter, opts schema.Options) (Result, error) {
	l := r.layer()
	if l.isTemplate() {
		return Result{Unread: true}, nil
	}
	read := r.read(l)
	isOpen := read.isOpen()
	found, err := read.lint(linter, opts)
	if err != nil {
		return Result{}, err
	}
	n := len(found.Diagnostics)
	found.Diagnostics = slices.DeleteFunc(found.Diagnostics, func(d diag.Diagnostic) bool {
		return (isOpen || len(r.Unseen) > 0) && schema.RuleOf(d.Rule).Class == rule.Absence // it may come from where lint does not look
	})
	result := Result{Refused: read.refused, Incomplete: len(found.Diagnostics) < n}
	result.Unsettled = isOpen || slices.Contains(r.Unseen, parameters) || slices.Contains(r.Unseen, "templatePatch")
	for i := range found.Diagnostics {
		read.move(&found.Diagnostics[i])
	}
	found.Diagnostics = diag.Sort(found.Diagnostics)
	result.Result, result.Lines = found, &Lines{read, found.Masks}
	return result, nil
}

// Values returns the values that the manifest has for the chart, with the parameters laid
// over them. ok is false where part of them is not known: a template, or a parameter that
// helm would refuse or that is filled in later. What Unseen names is not in them.
func (r *Release) Values() (v *values.Values, ok bool) {
	l := r.layer()
	read := r.read(l)
	return read.values, l.err == nil && !read.isFilledIn() && !read.refused && !slices.Contains(r.Unseen, parameters)
}

// reading is the values of a release, with its parameters laid over them.
type reading struct {
	*Release
	layer
	values  *values.Values
	flags   map[string]parameter // by the name of the source
	refused bool                 // one of them
}

// read lays the parameters over the values. Those that helm would not take are left out.
func (r *Release) read(l layer) reading {
	load := func(o values.Options) (*values.Values, error) {
		return values.Load(o, func(string) ([]byte, error) { return l.text, nil })
	}
	read := reading{Release: r, layer: l, flags: map[string]parameter{}}
	if l.file != nil {
		read.values = values.FromFile(l.file)
	} else {
		read.values, _ = load(values.Options{}) // none
	}
	if len(r.parameters) == 0 || l.err != nil {
		return read
	}
	var all values.Options
	var order []parameter
	for _, p := range r.parameters {
		one, flags := values.Options{Set: []string{p.flag}}, &all.Set
		if p.asString {
			one, flags = values.Options{String: []string{p.flag}}, &all.String
		}
		if _, err := load(one); err != nil {
			read.refused = true
			continue
		}
		*flags, order = append(*flags, p.flag), append(order, p)
	}
	if r.body != nil {
		all.Files = []string{r.At.File()}
	}
	v, err := load(all)
	if err != nil { // values that are no mapping, which helm refuses
		return read
	}
	read.values = v
	for i, src := range v.Flags {
		read.flags[src.Name] = order[i]
	}
	return read
}

// lint returns findings with their places in the layer.
func (r reading) lint(linter *schema.Linter, opts schema.Options) (schema.Result, error) {
	if result, err := schema.Unreadable(r.err); r.err != nil && err == nil {
		return result, nil
	}
	if opts.ChartVersion == nil && r.Chart == auth.ChartName {
		opts.ChartVersion = r.Version
	}
	if opts.Scopes == nil && r.Chart == auth.ChartName && r.Path == "" {
		opts.Scopes = [][]string{nil}
	}
	opts.Parameters = true
	unset := *r.values
	if r.isFilledIn() {
		r.values.Root, unset.Root = filled(r.values.Root, false), filled(r.values.Root, true)
	}
	result, err := linter.Lint(r.values, opts)
	if err != nil {
		return schema.Result{}, err
	}
	if r.isFilledIn() && len(result.Diagnostics) > 0 {
		without, err := linter.Lint(&unset, opts)
		if err != nil {
			return schema.Result{}, err
		}
		result.Diagnostics = slices.DeleteFunc(result.Diagnostics, func(d diag.Diagnostic) bool {
			return !slices.ContainsFunc(without.Diagnostics, func(w diag.Diagnostic) bool {
				return w.Rule == d.Rule && w.File == d.File && w.Range == d.Range
			})
		})
	}
	result.Diagnostics = slices.DeleteFunc(result.Diagnostics, func(d diag.Diagnostic) bool {
		// The account's name may be an expression or come from elsewhere.
		isGuess := schema.RuleOf(d.Rule).Class == rule.Account && (len(r.Unseen) > 0 || r.isFilledIn())
		return isGuess || r.flags[d.File].unknown || d.File == r.At.File() && overlaps(d.Range, r.unknown)
	})
	return result, nil
}

// move takes a finding from the layer to the manifest.
func (r reading) move(d *diag.Diagnostic) {
	if d.File == r.At.File() && r.isEditable() {
		d.Fix = slices.Clone(d.Fix)
		for i, e := range d.Fix {
			d.Fix[i].Range = r.layer.place(e.Range)
		}
	} else {
		d.Fix = nil
	}
	d.File, d.Range = r.place(d.File, d.Range)
	for i, related := range d.Related {
		d.Related[i].File, d.Related[i].Range = r.place(related.File, related.Range)
	}
	d.Related = append(d.Related, diag.Related{File: r.At.File(), Range: r.At.Range(), Message: "in " + r.String()})
}

// place returns where in the manifest a place in one of the sources is. Other files,
// such as the chart's defaults, stay as they are.
func (r reading) place(file string, at diag.Range) (string, diag.Range) {
	manifest := r.At.File()
	if p, ok := r.flags[file]; ok {
		return manifest, p.at.Range()
	}
	switch file {
	case "":
		return manifest, r.At.Range()
	case manifest:
		return manifest, r.layer.place(at)
	}
	return file, at
}

// Lines shows lines of a manifest: those of the values, with credentials hidden, and no
// others.
type Lines struct {
	reading
	masks *mask.Masks
}

// Line returns a line of the manifest, or of another file that the lint was about, in
// pieces; ok is false if it may not be shown.
func (s *Lines) Line(file string, number int) (pieces []mask.Piece, ok bool) {
	isOurs := s != nil && file == s.At.File()
	if s == nil || s.masks == nil || isOurs && s.kind == opaque {
		return nil, false
	}
	if !isOurs {
		return s.masks.Line(file, number)
	}
	pieces, ok = s.masks.Line(file, number-s.lines)
	for i := range pieces {
		pieces[i].Start += s.start
		pieces[i].End += s.start
	}
	return pieces, ok
}

// Has reports whether a line of the manifest is one of the values.
func (s *Lines) Has(number int) bool {
	if s == nil || s.kind != excerpt {
		return false
	}
	last := s.lines + bytes.Count(bytes.TrimSuffix(s.text, []byte("\n")), []byte("\n")) + 1
	return s.lines < number && number <= last
}
