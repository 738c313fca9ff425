package inline

import (
	"bytes"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/fix"
)

// isEditable reports whether edits in a layer are edits in the manifest: its lines
// stand there as they are.
func (r *Release) isEditable(l layer) bool {
	return l.kind == excerpt && l.err == nil && len(l.unknown) == 0
}

// Mend makes the fixes that lint offers in all releases of a manifest, and returns the
// new text and the findings that were mended, whose places are those at the moment when
// they were. Each release is mended as fix.File mends a values file; what comes out is
// kept only if the manifest read again has the same releases with the same values
// everywhere else. Errors: a *values.SyntaxError, those of the linter.
func Mend(name string, data []byte, linter *schema.Linter, opts schema.Options) (out []byte, fixed []diag.Diagnostic, err error) {
	releases, err := Find(name, data)
	if err != nil {
		return nil, nil, err
	}
	var changes []change
	for i, r := range releases {
		o, l, err := r.mend(linter, opts)
		if err != nil {
			return nil, nil, err
		}
		if o.Changed() {
			changes = append(changes, change{i, l, o})
		}
	}
	if out, ok := apply(name, data, releases, changes); ok {
		for _, c := range changes {
			fixed = append(fixed, c.Fixed...)
		}
		return out, fixed, nil
	}
	for _, c := range slices.Backward(changes) { // one of them is to blame
		if out, ok := apply(name, data, releases, []change{c}); ok {
			data, fixed = out, append(fixed, c.Fixed...)
			releases, _ = Find(name, data) // apply has read it
		}
	}
	return data, fixed, nil
}

// change is what becomes of the values of one release.
type change struct {
	release int
	layer
	fix.Outcome
}

// apply makes changes to a manifest, and reports whether it then reads as it should.
func apply(name string, data []byte, releases []*Release, changes []change) ([]byte, bool) {
	out := data
	texts := map[int][]byte{}
	for _, c := range slices.Backward(changes) {
		texts[c.release] = c.Data
		out = slices.Concat(out[:c.start], unblanked(c.Data, data[c.start:]), out[c.start+len(c.text):])
	}
	again, err := Find(name, out)
	return out, err == nil && isSame(releases, again, texts)
}

// mend mends the values of one release by themselves.
func (r *Release) mend(linter *schema.Linter, opts schema.Options) (fix.Outcome, layer, error) {
	l := r.layer()
	if r.body == nil || !r.isEditable(l) {
		return fix.Outcome{}, l, nil
	}
	o, err := fix.File(r.At.File(), l.text, func(text []byte) (schema.Result, error) {
		edited := l
		edited.text = text
		edited.parse()
		return r.lint(linter, opts, edited, r.merged(edited))
	})
	return o, l, err
}

// unblanked puts back what an excerpt has blanks for: what stands on its first line in
// front of values in braces.
func unblanked(text, original []byte) []byte {
	lead := len(text) - len(bytes.TrimLeft(text, " "))
	if lead > len(original) || bytes.Contains(original[:lead], []byte("\n")) {
		return text
	}
	return append(bytes.Clone(original[:lead]), text[lead:]...)
}

// isSame reports whether two readings of a manifest differ in nothing but the values of
// some releases, which now are the given texts.
func isSame(before, after []*Release, texts map[int][]byte) bool {
	if len(before) != len(after) {
		return false
	}
	for i := range before {
		a, b := before[i].layer(), after[i].layer()
		isEqual := bytes.Equal(a.text, b.text) && a.kind == b.kind
		if text, changed := texts[i]; changed {
			isEqual = bytes.Equal(b.text, text) && b.kind == excerpt
		}
		if !isEqual || !before[i].hasSameRest(after[i]) {
			return false
		}
	}
	return true
}

// hasSameRest reports whether two releases are the same but for their values.
func (r *Release) hasSameRest(o *Release) bool {
	sameParameter := func(a, b parameter) bool { return a.flag() == b.flag() && a.asString == b.asString }
	return r.String() == o.String() && r.Chart == o.Chart && slices.EqualFunc(r.parameters, o.parameters, sameParameter) &&
		(r.body == nil) == (o.body == nil) && (r.body == nil || r.body.Kind == o.body.Kind)
}
