package inline

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// isBlank reports whether something in a value is filled in later.
func isBlank(v *values.Value) bool { return strings.Contains(v.Str(), Blank) }

// isFilledIn reports whether something in the values or in a parameter is filled in later.
func (r reading) isFilledIn() bool {
	return len(r.unknown) > 0 || slices.ContainsFunc(r.parameters, func(p parameter) bool { return p.unknown })
}

// isOpen reports whether an auth block may come out of what is filled in: out of a key that
// may be one on the way to it or in it, or out of a value of such a key.
func (r reading) isOpen() bool {
	if !r.isFilledIn() {
		return false
	}
	var isIn func(v *values.Value) bool
	isIn = func(v *values.Value) bool {
		return v != nil && slices.ContainsFunc(v.Order, func(name string) bool {
			below := v.Fields[name]
			return strings.Contains(name, Blank) || isOnTheWay(name) && (isBlank(below) || isIn(below))
		})
	}
	root := r.values.Root
	return isIn(root) || slices.ContainsFunc(root.Order, func(scope string) bool {
		return root.Field(scope).Field(values.GlobalKey) != nil && isIn(root.Field(scope))
	})
}

// isOnTheWay reports whether an auth block is below a key, or the key is in one.
func isOnTheWay(name string) bool {
	return block.IsRef(name) || slices.ContainsFunc(auth.BlockPaths(), func(path []string) bool { return slices.Contains(path, name) })
}

// filled returns values as the rules can judge them: a type of which a part is filled in
// is not known at all, and where a whole reference is, neither its name nor its key is.
// What is filled in may also be nothing: with asUnset, credentials are left out.
func filled(v *values.Value, asUnset bool) *values.Value {
	if v.Kind != values.Map {
		return v
	}
	out := *v
	out.Fields, out.Order = map[string]*values.Value{}, nil
	for _, name := range v.Order {
		field := *filled(v.Fields[name], asUnset)
		switch {
		case !isBlank(&field):
		case name == block.Type:
			field.Scalar = Blank
		case block.IsRef(name):
			part := field
			field.Kind, field.Scalar, field.Order = values.Map, nil, []string{block.RefName, block.RefKey}
			field.Fields = map[string]*values.Value{block.RefName: &part, block.RefKey: &part}
		case asUnset && slices.Contains([]string{block.Token, block.Password, block.Username, "argoCdUsername", "enabled"}, name):
			continue
		}
		out.Fields[name], out.Order = &field, append(out.Order, name)
	}
	return &out
}
