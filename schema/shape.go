package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// shape reports where the block does not have the form that the schema describes.
func (r *run) shape(b block) error {
	r.duplicates(b)
	found, err := r.linter.structure(b.value)
	if err != nil {
		return err
	}
	done := map[string]bool{} // one cause, one error: a value can fail several keywords
	for _, s := range found {
		place := strings.Join(s.at, "\x00")
		if !done[place] {
			done[place] = true
			r.misshapen(b, s)
		}
	}
	return nil
}

func (r *run) misshapen(b block, s structural) {
	v := b.value.At(s.at...)
	if s.keyword == "additionalProperties" {
		known := fieldNames()
		if len(s.at) > 0 {
			known = refFieldNames()
		}
		r.unknownFields(b, v, s.at, known)
		return
	}
	path := b.where(s.at...)
	switch {
	case len(s.at) == 0:
		r.wrongType(v, path, "the block", "a mapping with the field \"type\" and a credential")
	case len(s.at) == 1 && isRef(s.at[0]):
		r.wrongType(v, path, fmt.Sprintf("%q", s.at[0]), "a mapping {name: …, key: …}")
	case s.at[len(s.at)-1] == refOptional:
		r.wrongType(v, path, fmt.Sprintf("%q", refOptional), "true or false")
	case v.Kind != values.String:
		r.wrongType(v, path, fmt.Sprintf("%q", s.at[len(s.at)-1]), "a string")
	case s.at[0] == fieldType:
		r.invalidType(v, path)
	default:
		r.invalidName(v, path, s.at[len(s.at)-1])
	}
}

func (r *run) wrongType(v *values.Value, path, what, want string) {
	hint := ""
	if want == "a string" && (v.Kind == values.Number || v.Kind == values.Bool) {
		hint = "put the value in quotes"
		if strings.HasPrefix(v.Body.File(), "--set") {
			hint = "--set-string takes every value for a string"
		}
	}
	at := v.Body
	if at.End <= at.Start {
		at = keySpan(v)
	}
	r.add(diag.Error, ruleWrongType, at, path, fmt.Sprintf("%s is %s, it must be %s", what, v.Kind, want), hint)
}

func (r *run) invalidType(v *values.Value, path string) {
	modes := []string{string(ModeToken), string(ModePassword)}
	hint := ""
	if mode := nearest(strings.TrimSpace(v.Str()), modes); mode != "" {
		hint = fmt.Sprintf("did you mean %q?", mode)
	} else if m := strings.TrimSpace(v.Str()); m == modes[0] || m == modes[1] {
		hint = fmt.Sprintf("remove the white space around %q", m)
	}
	r.add(diag.Error, ruleInvalidValue, v.Body, path,
		fmt.Sprintf("unknown type %s, it must be %q or %q", quote(v.Str()), ModeToken, ModePassword), hint)
}

func (r *run) invalidName(v *values.Value, path, field string) {
	what, want := "the name of a Secret", "lower-case letters, digits, \"-\" and \".\", beginning and ending with a letter or digit"
	if field == refKey {
		what, want = "a key of a Secret", "letters, digits, \"-\", \"_\" and \".\", not beginning with two dots"
	}
	hint := ""
	if trimmed := strings.TrimSpace(v.Str()); trimmed != v.Str() {
		hint = "remove the white space around it"
	} else if len(v.Str()) > maxNameLength {
		hint = fmt.Sprintf("at most %d characters", maxNameLength)
	} else if looksSecret(v.Str()) {
		hint = "this looks like the credential itself; here goes the " + field + " of the Secret that holds it"
	}
	r.add(diag.Error, ruleInvalidName, v.Body, path, fmt.Sprintf("%s cannot be %s: use %s", quote(v.Str()), what, want), hint)
}

// unknownFields reports every field of v that is none of known.
func (r *run) unknownFields(b block, v *values.Value, at, known []string) {
	for _, name := range v.Order {
		f := v.Field(name)
		if f == nil || slices.Contains(known, name) {
			continue
		}
		path := b.where(slices.Concat(at, []string{name})...)
		if right := nearest(name, known); right != "" {
			r.misspelled(f, path, name, right)
			continue
		}
		r.add(diag.Error, ruleUnknownField, keySpan(f), path,
			fmt.Sprintf("unknown field %s, the chart ignores it; known are %s", quote(name), strings.Join(known, ", ")), "")
	}
}

// misspelled reports a key that is a slip for another, with the edit that mends it.
func (r *run) misspelled(v *values.Value, path, written, right string) {
	d := r.add(diag.Error, ruleMisspelledKey, keySpan(v), path,
		fmt.Sprintf("unknown key %s, the chart ignores it", quote(written)),
		fmt.Sprintf("did you mean %q?", right))
	if s := v.Key; !s.IsZero() && s.Text() == written && !v.Shared {
		d.Fix = []diag.Edit{{Range: s.Range(), NewText: right}}
	}
}

// duplicates reports keys that stand twice in the block or in one of its references.
func (r *run) duplicates(b block) {
	r.duplicatesIn(b.value, b.path)
	for _, name := range b.value.Order {
		if f := b.value.Field(name); f != nil && f.Kind == values.Map {
			r.duplicatesIn(f, slices.Concat(b.path, []string{name}))
		}
	}
}

func (r *run) duplicatesIn(v *values.Value, path []string) {
	for _, d := range v.Duplicates {
		r.duplicate(d, slices.Concat(path, []string{d.Name}))
	}
}

func (r *run) duplicate(d values.Duplicate, path []string) {
	found := r.add(diag.Error, ruleDuplicateKey, d.Later, strings.Join(path, "."),
		fmt.Sprintf("key %s stands twice, and Helm drops the first one", quote(d.Name)),
		"merge the two into one")
	found.Related = related(d.FirstKey, "the first one")
}

// quote writes a text from the values into a message, unless it may be a credential.
func quote(s string) string {
	if looksSecret(s) {
		return redacted
	}
	return fmt.Sprintf("%q", s)
}
