package inline

import (
	"bytes"
	"reflect"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/fix"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Mend makes the fixes that lint offers in all releases of a manifest, and returns the
// new text and the findings that were mended, whose places are those at the moment when
// they were. Each release is mended as fix.File mends a values file; what comes out is
// kept only if the manifest then reads as before but for these values. Errors: a
// *values.SyntaxError, those of the linter.
func Mend(name string, data []byte, linter *schema.Linter, opts schema.Options) ([]byte, []diag.Diagnostic, error) {
	var fixed []diag.Diagnostic
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
		if differsIn(name, data, edited, i, o.Data) {
			data, fixed = edited, append(o.Fixed, fixed...)
		}
	}
	return data, fixed, nil
}

// differsIn reports whether two readings of a manifest differ in nothing but the values of
// one release, which now are the given text.
func differsIn(name string, before, after []byte, changed int, text []byte) bool {
	a, was, err := find(name, before)
	b, is, err2 := find(name, after)
	if err != nil || err2 != nil || len(was) != len(is) || is[changed].body == nil {
		return false
	}
	l := is[changed].layer()
	*was[changed].body = *is[changed].body
	return l.kind == excerpt && bytes.Equal(l.text, text) && slices.EqualFunc(a, b, func(a, b *values.Value) bool {
		return reflect.DeepEqual(a.Data(), b.Data())
	})
}

// unblanked puts back what an excerpt has blanks for: what stands on its first line in
// front of values in braces.
func unblanked(text, original []byte) []byte {
	lead := yamldoc.Indent(text)
	if lead > len(original) || bytes.Contains(original[:lead], []byte("\n")) {
		return text
	}
	return append(bytes.Clone(original[:lead]), text[lead:]...)
}
