package inline

import (
	"bytes"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/fix"
)

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
	for i, r := range slices.Backward(releases) { // so that the places of those before stay
		l := r.layer()
		if r.body == nil || !l.isEditable() {
			continue
		}
		o, err := fix.File(name, l.text, func(text []byte) (schema.Result, error) {
			edited := l
			edited.text = text
			edited.parse()
			return r.read(edited).lint(linter, opts)
		})
		if err != nil {
			return nil, nil, err
		}
		if !o.Changed() {
			continue
		}
		edited := slices.Concat(data[:l.start], unblanked(o.Data, data[l.start:]), data[l.start+len(l.text):])
		if again, err := Find(name, edited); err == nil && isSame(releases, again, i, o.Data) {
			data, releases, fixed = edited, again, append(o.Fixed, fixed...)
		}
	}
	return data, fixed, nil
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
// one release, which now are the given text.
func isSame(before, after []*Release, changed int, text []byte) bool {
	if len(before) != len(after) {
		return false
	}
	for i := range before {
		a, b := before[i].layer(), after[i].layer()
		if i == changed {
			a.text = text
		}
		if !bytes.Equal(a.text, b.text) || a.kind != b.kind || !before[i].hasSameRest(after[i]) {
			return false
		}
	}
	return true
}

// hasSameRest reports whether two releases are the same but for their values.
func (r *Release) hasSameRest(o *Release) bool {
	isSame := func(a, b parameter) bool { return a.flag == b.flag && a.asString == b.asString }
	return r.String() == o.String() && r.Chart == o.Chart && slices.EqualFunc(r.parameters, o.parameters, isSame) &&
		(r.body == nil) == (o.body == nil) && (r.body == nil || r.body.Kind == o.body.Kind)
}
