package schema

import (
	"fmt"
	"strings"

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
	switch text := v.Str(); {
	case isSealed(text):
		r.later(path)
	case isVariable(text) || placeholderForm(text) != "" && strings.ContainsAny(text[:1], "<%_"):
		what := "the block"
		if len(s.at) > 0 {
			what = fmt.Sprintf("%q", s.at[len(s.at)-1])
		}
		r.placeholderAt(v, path, what)
		r.later(path)
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
