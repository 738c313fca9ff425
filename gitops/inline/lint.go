package inline

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Result is what lint says of a release.
type Result struct {
	// Result has its places in the manifest. Its Masks are only for the other files that
	// findings may be about; lines of the manifest are shown by Lines.
	schema.Result
	Lines *Lines
	// Unread says why the values were not looked into, "" if they were.
	Unread string
	// Templated is set if part of the values is decided by expressions. In Settings
	// they read Blanks.
	Templated bool
	// Incomplete is set if the values lack something that may come from elsewhere.
	// Settings mean nothing then.
	Incomplete bool
	// Refused is set if helm would not take one of the parameters.
	Refused bool
}

// IsRuntime reports whether the release is one of a Runtime: by its chart's name, or
// because its values have something to do with the auth block.
func (r *Release) IsRuntime(result Result) bool {
	return r.Chart == schema.ChartName || result.Block != "" || len(result.Diagnostics) > 0
}

// Lint checks the values of a release. Findings are about what the manifest says: none
// is about what an expression will be replaced by, and, where values come from
// elsewhere too, none about what is missing. The chart's version is that of the release,
// unless opts has one. The error is that of the linter.
func (r *Release) Lint(linter *schema.Linter, opts schema.Options) (Result, error) {
	l := r.layer()
	if l.isTemplate() {
		return Result{Unread: "its values are a template, which is no YAML before it is filled in"}, nil
	}
	v := r.merged(l)
	found, err := r.lint(linter, opts, l, v)
	if err != nil {
		return Result{}, err
	}
	n := len(found.Diagnostics)
	found.Diagnostics = slices.DeleteFunc(found.Diagnostics, func(d diag.Diagnostic) bool { return r.isElsewhere(d) })
	result := Result{Templated: len(l.unknown) > 0, Refused: v.refused, Incomplete: len(found.Diagnostics) < n}
	m := mover{release: r, layer: l, merged: v}
	for i := range found.Diagnostics {
		m.move(&found.Diagnostics[i])
	}
	found.Diagnostics = diag.Sort(found.Diagnostics)
	result.Result, result.Lines = found, &Lines{layer: l, file: r.At.File(), masks: found.Masks}
	return result, nil
}

func (r *Release) layer() layer {
	switch {
	case r.body == nil:
		return layer{body: &values.Value{Body: r.At}, kind: opaque}
	case len(r.parameters) == 0:
		return layerOf(r.body, r.expression)
	}
	l := layerOf(r.body, r.expression)
	if l.kind == subtree { // parameters are laid over text
		text, err := json.Marshal(r.body.Data())
		l = layer{body: r.body, kind: opaque, text: text, err: err}
	}
	return l
}

// lint returns findings with their places in the layer.
func (r *Release) lint(linter *schema.Linter, opts schema.Options, l layer, v merged) (schema.Result, error) {
	if syntax := l.syntaxError(); syntax != nil {
		return schema.SyntaxResult(syntax), nil
	}
	if opts.ChartVersion == nil && r.Chart == schema.ChartName {
		opts.ChartVersion = r.Version
	}
	if opts.Scopes == nil && r.Chart == schema.ChartName && r.Path == "" {
		opts.Scopes = [][]string{nil}
	}
	opts.Parameters = true
	result, err := linter.Lint(v.values, opts)
	if err != nil {
		return schema.Result{}, err
	}
	result.Diagnostics = slices.DeleteFunc(result.Diagnostics, func(d diag.Diagnostic) bool {
		p, isParameter := v.flags[d.File]
		return r.isGuess(d.Rule, l) || isParameter && p.unknown || d.File == r.At.File() && overlaps(d.Range, l.unknown)
	})
	return result, nil
}

// isGuess reports whether a rule says nothing certain about the release: those about
// Argo CD's account, where its name may be an expression or come from elsewhere.
func (r *Release) isGuess(rule string, l layer) bool {
	return schema.ClassOf(rule) == schema.Account && len(r.Unseen)+len(l.unknown) > 0
}

// isElsewhere reports whether a finding is about something missing that may come from
// where lint does not look.
func (r *Release) isElsewhere(d diag.Diagnostic) bool {
	return len(r.Unseen) > 0 && schema.ClassOf(d.Rule) == schema.Absence
}

// merged is the values of a release with its parameters laid over them.
type merged struct {
	values  *values.Values
	flags   map[string]parameter // by the name of the source
	refused bool
}

// merged lays the parameters over the values. Those that helm would not take are left out.
func (r *Release) merged(l layer) merged {
	m := merged{flags: map[string]parameter{}, values: &values.Values{Root: &values.Value{Kind: values.Map, Fields: map[string]*values.Value{}}}}
	if l.file != nil {
		m.values = values.FromFile(l.file)
	}
	if len(r.parameters) == 0 || l.err != nil {
		return m
	}
	load := func(o values.Options) (*values.Values, error) {
		return values.Load(o, func(string) ([]byte, error) { return l.text, nil })
	}
	var o values.Options
	var order []parameter
	for _, asString := range []bool{false, true} { // as helm goes through its flags
		for _, p := range r.parameters {
			if p.asString != asString {
				continue
			}
			if _, err := load(p.options()); err != nil {
				m.refused = true
				continue
			}
			order = append(order, p)
			o.Set, o.String = append(o.Set, p.options().Set...), append(o.String, p.options().String...)
		}
	}
	if r.body != nil {
		o.Files = []string{r.At.File()}
	}
	v, err := load(o)
	if err != nil { // values that are no mapping, which helm refuses
		return m
	}
	m.values = v
	for i, src := range v.Flags {
		m.flags[src.Name] = order[i]
	}
	return m
}

// mover takes findings from a layer to the manifest.
type mover struct {
	release *Release
	layer   layer
	merged  merged
}

func (m mover) move(d *diag.Diagnostic) {
	edits := d.Fix
	d.Fix = nil
	if _, isParameter := m.merged.flags[d.File]; !isParameter && d.File == m.release.At.File() && m.release.isEditable(m.layer) {
		for _, e := range edits {
			e.Range = m.layer.place(e.Range)
			d.Fix = append(d.Fix, e)
		}
	}
	d.File, d.Range = m.place(d.File, d.Range)
	for i := range d.Related {
		d.Related[i].File, d.Related[i].Range = m.place(d.Related[i].File, d.Related[i].Range)
	}
	d.Related = append(d.Related, diag.Related{File: m.release.At.File(), Range: m.release.At.Range(), Message: "in " + m.release.String()})
}

// place returns where in the manifest a place in one of the sources is. Other files,
// such as the chart's defaults, stay as they are.
func (m mover) place(file string, at diag.Range) (string, diag.Range) {
	manifest := m.release.At.File()
	if p, ok := m.merged.flags[file]; ok {
		return manifest, p.at.Range()
	}
	switch file {
	case "":
		return manifest, m.release.At.Range()
	case manifest:
		return manifest, m.layer.place(at)
	}
	return file, at
}

// Lines shows lines of a manifest: those of the values, with credentials hidden, and no
// others.
type Lines struct {
	layer layer
	file  string
	masks *schema.Masks
}

// Line returns a line of the manifest, or of another file that the lint was about, in
// pieces; ok is false if it may not be shown.
func (s *Lines) Line(file string, number int) (pieces []schema.Piece, ok bool) {
	if s == nil || s.masks == nil {
		return nil, false
	}
	switch {
	case file != s.file, s.layer.kind == subtree:
		return s.masks.Line(file, number)
	case s.layer.kind == opaque:
		return nil, false
	}
	pieces, ok = s.masks.Line(file, number-s.layer.lines)
	for i := range pieces {
		pieces[i].Start += s.layer.start
		pieces[i].End += s.layer.start
	}
	return pieces, ok
}

// Has reports whether a line of the manifest is one of the values.
func (s *Lines) Has(number int) bool {
	if s == nil || s.layer.kind != excerpt {
		return false
	}
	last := s.layer.lines + bytes.Count(bytes.TrimSuffix(s.layer.text, []byte("\n")), []byte("\n")) + 1
	return s.layer.lines < number && number <= last
}
