package block

import (
	"reflect"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// ExternalArgoCD is the key that leads to the block of charts up to 0.25; people misspell it
// more than any other.
const ExternalArgoCD = "external-argo-cd"

// LeadsTo follows tail below v, allowing for slips, to a mapping with fields of the
// block. It returns that mapping and the names on the way, nil if there is none.
func LeadsTo(v *values.Value, tail []string) (*values.Value, []string) {
	if v == nil || v.Kind != values.Map {
		return nil, nil
	}
	if len(tail) == 0 {
		if len(RightNames(v, Fields())) == 0 {
			return nil, nil
		}
		return v, nil
	}
	for _, slip := range []bool{false, true} {
		for _, name := range v.Order {
			if slip && !Near(name, tail[0]) || !slip && name != tail[0] {
				continue
			}
			if body, below := LeadsTo(v.Field(name), tail[1:]); body != nil {
				return body, append([]string{name}, below...)
			}
		}
	}
	return nil, nil
}

// IsDistinct reports whether a mapping called auth can only be meant for the
// Runtime: other charts have an auth with a username and a password too.
func IsDistinct(v *values.Value) bool {
	if v.Kind != values.Map {
		return false
	}
	return IsMode(v.Field(Type)) || slices.ContainsFunc(v.Order, func(name string) bool {
		return IsRef(name) && !v.Field(name).IsUnset()
	})
}

// IsMode reports whether v is a type that the chart knows.
func IsMode(v *values.Value) bool {
	mode := auth.Mode(v.Str())
	return mode == auth.ModeToken || mode == auth.ModePassword
}

// externalMark is a part of ExternalArgoCD that a slip far from the places of the block
// must have kept, so that a file can be searched for it without being parsed.
const externalMark = "xternal"

// Integrations is the key that leads to the block of charts from 0.26 on.
const Integrations = "integrations"

// Far returns the block below a key called name with value v, and the steps that
// lead to it, wherever in the values that key is: it says by its name and by what is in
// it that it can only be meant for the Runtime. nil if there is none.
func Far(v *values.Value, name string) (body *values.Value, below []string) {
	switch {
	case name == Integrations:
		below = auth.BlockPaths()[1][2:]
	case name == ExternalArgoCD, strings.Contains(name, externalMark) && IsSlip(name, ExternalArgoCD):
		below = auth.BlockPaths()[0][2:]
	default:
		return nil, nil
	}
	body = v.At(below...)
	if body == nil || body.Kind != values.Map || len(RightNames(body, Fields())) == 0 || name == Integrations && !IsDistinct(body) {
		return nil, nil
	}
	return body, below
}

// IsCopy reports whether a value is what the chart above has at the same place.
func IsCopy(v, above *values.Value) bool {
	return above != nil && reflect.DeepEqual(v.Data(), above.Data())
}
