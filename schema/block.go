package schema

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// The two places of the block, as values paths: charts 0.18 to 0.25 read the old
// one, charts from 0.26 on the new one.
const (
	OldBlockPath = "global.external-argo-cd.auth"
	NewBlockPath = "global.integrations.argo-cd.server.auth"
)

func oldPath() []string { return strings.Split(OldBlockPath, ".") }

func newPath() []string { return strings.Split(NewBlockPath, ".") }

// block is an auth block at one of its two places.
type block struct {
	path  []string
	value *values.Value
	// fields are the block's fields by their right names. A field whose name is
	// misspelt counts as given; the refs likewise.
	fields map[string]field
	// overruled is a type that was given and that Helm lays the chart's own over, as it does
	// where an umbrella chart has a part of what all its charts share.
	overruled *values.Value
}

// field is one field of the block, with its name as written.
type field struct {
	written string
	value   *values.Value
}

func newBlock(path []string, v *values.Value) block {
	return block{path: path, value: v, fields: rightNames(v, fieldNames())}
}

// rightNames returns the fields of v by the known name that each has or was meant to have.
func rightNames(v *values.Value, known []string) map[string]field {
	fields := map[string]field{}
	if v == nil || v.Kind != values.Map {
		return fields
	}
	for _, name := range known {
		if f := v.Field(name); f != nil {
			fields[name] = field{written: name, value: f}
		}
	}
	for _, written := range v.Order {
		if slices.Contains(known, written) {
			continue
		}
		right := nearest(written, known)
		if _, taken := fields[right]; right != "" && !taken {
			fields[right] = field{written: written, value: v.Field(written)}
		}
	}
	return fields
}

// get returns the value of a field, nil if it is not given.
func (b block) get(name string) *values.Value { return b.fields[name].value }

// text returns the field's string, "" if it is unset. A value of the wrong type,
// which has its own error, counts as given: it is not missing as well.
func (b block) text(name string) string {
	if v := b.get(name); !v.IsUnset() && v.Kind != values.String {
		return wrongType
	}
	return b.get(name).Str()
}

// wrongType stands for a text that is there but of another type.
const wrongType = "?"

// where returns the values path of a field, "" standing for the block itself.
func (b block) where(names ...string) string {
	return strings.Join(slices.Concat(b.path, names), ".")
}

// isSet reports whether the field is given and means something to the chart.
func (b block) isSet(name string) bool {
	if isRef(name) {
		return !b.ref(name).isUnset()
	}
	return b.text(name) != ""
}

func isAny(*values.Value) bool { return true }

// namesCredential reports whether the block says by those of its values that count where
// the credential is from: a type alone says that it is the chart's default.
func (b block) namesCredential(counts func(*values.Value) bool) bool {
	names := []*values.Value{b.get(fieldType), b.get(fieldToken), b.get(fieldPassword)}
	for _, ref := range []string{fieldTokenRef, fieldPasswordRef} {
		v := b.get(ref)
		names = append(names, v.Field(refName), v.Field(refKey))
		if v != nil && v.Kind != values.Map {
			names = append(names, v)
		}
	}
	return slices.ContainsFunc(names, func(v *values.Value) bool { return !v.IsUnset() && counts(v) })
}

// says reports whether the block says anything by those of its values that count: a
// field that is set, one that replaces the chart's default by nothing, or one that no
// chart knows. An empty block, or one whose fields are all unset, says nothing.
func (b block) says(counts func(*values.Value) bool) bool {
	if b.value.Kind != values.Map {
		return counts(b.value)
	}
	for name, v := range b.value.Fields {
		if !isField(name) || v.Kind != values.Map && !v.IsUnset() || v.Kind != values.Map && name == fieldPasswordRef && b.ref(name).replacesDefault() {
			if counts(v) {
				return true
			}
			continue
		}
		for _, f := range v.Fields {
			if (!f.IsUnset() || name == fieldPasswordRef && isBlank(given(f))) && counts(f) {
				return true
			}
		}
	}
	return false
}

// ref is a secretKeyRef as written. Its zero value is one that is not given.
type ref struct {
	value *values.Value
	// name and key distinguish what is left out (nil, null: the chart's default
	// stays) from what is blank ("" : the default is replaced by nothing).
	name, key *string
	optional  *bool
	// blanked is a reference that is no mapping: [] or "" replace the default.
	blanked bool
}

func (b block) ref(name string) ref {
	v := b.get(name)
	r := ref{value: v}
	if v == nil {
		return r
	}
	if v.Kind != values.Map {
		r.blanked = v.IsUnset() && v.Kind != values.Null
		if !v.IsUnset() && !isSealed(v.Str()) {
			text := wrongType
			r.name, r.key = &text, &text
		}
		return r
	}
	fields := rightNames(v, refFieldNames())
	r.name, r.key = given(fields[refName].value), given(fields[refKey].value)
	if o := fields[refOptional].value; o != nil && o.Kind == values.Bool {
		optional := o.Scalar.(bool)
		r.optional = &optional
	}
	return r
}

func given(v *values.Value) *string {
	if v == nil || v.Kind == values.Null {
		return nil
	}
	s := v.Str()
	if v.Kind != values.String {
		s = wrongType
	}
	return &s
}

func isFilled(s *string) bool { return s != nil && *s != "" }

func isBlank(s *string) bool { return s != nil && *s == "" }

// isUnset reports whether none of the reference's fields says anything.
func (r ref) isUnset() bool {
	return !isFilled(r.name) && !isFilled(r.key) && r.optional == nil
}

// replacesDefault reports whether the reference leaves nothing of the chart's
// default: [], "", or a blank name or key and nothing else.
func (r ref) replacesDefault() bool {
	return r.blanked || !isFilled(r.name) && !isFilled(r.key) && (isBlank(r.name) || isBlank(r.key))
}

// missing lists the fields among name and key that the reference lacks.
func (r ref) missing() []string {
	var names []string
	if !isFilled(r.name) {
		names = append(names, refName)
	}
	if !isFilled(r.key) {
		names = append(names, refKey)
	}
	return names
}

// halfBlank lists the fields that are blank while the other is filled, so that
// nothing is inherited for them.
func (r ref) halfBlank() []string {
	var names []string
	if isBlank(r.name) && isFilled(r.key) {
		names = append(names, refName)
	}
	if isBlank(r.key) && isFilled(r.name) {
		names = append(names, refKey)
	}
	return names
}

// inherited returns the reference with the chart's default where a field is left out.
func (r ref) inherited() SecretRef {
	s := DefaultPasswordRef()
	if r.name != nil {
		s.Name = *r.name
	}
	if r.key != nil {
		s.Key = *r.key
	}
	s.Optional = r.optional
	return s
}

// secretRef returns the reference as it stands.
func (r ref) secretRef() SecretRef {
	s := SecretRef{Optional: r.optional}
	if r.name != nil {
		s.Name = *r.name
	}
	if r.key != nil {
		s.Key = *r.key
	}
	return s
}

// ownPassword reports whether r, a passwordSecretKeyRef, names anything but the
// chart's default.
func (r ref) ownPassword() bool {
	return (isFilled(r.name) || isFilled(r.key)) && !r.inherited().Same(DefaultPasswordRef())
}
