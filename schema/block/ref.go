package block

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Ref is a secretKeyRef as written. Its zero value is one that is not given.
type Ref struct {
	// name and key distinguish what is left out (nil, null: the chart's default
	// stays) from what is blank ("" : the default is replaced by nothing).
	name, key *string
	optional  *bool
	// blanked is a reference that is no mapping: [] or "" replace the default.
	blanked bool
}

// Ref returns the reference that is the field called name.
func (b Block) Ref(name string) Ref { return b.refs[name] }

func newRef(v *values.Value) Ref {
	r := Ref{}
	if v.Kind != values.Map {
		r.blanked = v.IsUnset() && v.Kind != values.Null
		if !v.IsUnset() && !IsSealed(v.Str()) {
			text := wrongType
			r.name, r.key = &text, &text
		}
		return r
	}
	fields := RightNames(v, RefFields())
	r.name, r.key = given(fields[RefName].Value), given(fields[RefKey].Value)
	if o := fields[RefOptional].Value; o != nil && o.Kind == values.Bool {
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

// HasName and HasKey report whether the reference gives the field.
func (r Ref) HasName() bool { return isFilled(r.name) }

// HasKey is HasName for the key.
func (r Ref) HasKey() bool { return isFilled(r.key) }

// IsUnset reports whether none of the reference's fields says anything.
func (r Ref) IsUnset() bool { return !r.HasName() && !r.HasKey() && r.optional == nil }

// ReplacesDefault reports whether the reference leaves nothing of the chart's
// default: [], "", or a blank name or key and nothing else.
func (r Ref) ReplacesDefault() bool {
	return r.blanked || !r.HasName() && !r.HasKey() && (isBlank(r.name) || isBlank(r.key))
}

// missing lists the fields among name and key that the reference lacks.
func (r Ref) missing() []string {
	var names []string
	if !r.HasName() {
		names = append(names, RefName)
	}
	if !r.HasKey() {
		names = append(names, RefKey)
	}
	return names
}

// halfBlank lists the fields that are blank while the other is filled, so that
// nothing is inherited for them.
func (r Ref) halfBlank() []string {
	switch {
	case isBlank(r.name) && r.HasKey():
		return []string{RefName}
	case isBlank(r.key) && r.HasName():
		return []string{RefKey}
	}
	return nil
}

// inherited returns the reference with the chart's default where a field is left out.
func (r Ref) inherited() auth.SecretRef { return r.over(auth.DefaultPasswordRef()) }

// secretRef returns the reference as it stands.
func (r Ref) secretRef() auth.SecretRef { return r.over(auth.SecretRef{}) }

func (r Ref) over(s auth.SecretRef) auth.SecretRef {
	if r.name != nil {
		s.Name = *r.name
	}
	if r.key != nil {
		s.Key = *r.key
	}
	s.Optional = r.optional
	return s
}

// IsOwnPassword reports whether r, a passwordSecretKeyRef, names anything but the
// chart's default.
func (r Ref) IsOwnPassword() bool {
	return (r.HasName() || r.HasKey()) && !r.inherited().Same(auth.DefaultPasswordRef())
}
