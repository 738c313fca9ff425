package schema

import (
	"reflect"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// maxScopeDepth is how many charts deep a Runtime is looked for where no chart tells.
const maxScopeDepth = 2

// isCarrier reports whether a key holds values that somebody pasted whole, with what
// was around them in a manifest. No chart looks below it.
func isCarrier(key string) bool {
	switch key {
	case "values", "valuesObject", "spec", "helm":
		return true
	}
	return false
}

// scopesOf returns where in the values those of Runtimes are, as the names or aliases
// of dependencies; one without names is the values as a whole. Where no chart tells,
// a Runtime is what is called so, or has a block at one of its places. A block that a
// chart has handed down to all its dependencies counts once.
func scopesOf(root *values.Value) [][]string {
	var found [][]string
	var walk func(v *values.Value, path []string)
	walk = func(v *values.Value, path []string) {
		for _, name := range v.Order {
			f := v.Field(name)
			if f == nil || f.Kind != values.Map || name == values.GlobalKey || isCarrier(name) {
				continue
			}
			at := append(slices.Clone(path), name)
			switch {
			case name == ChartName || hasOwnBlock(f, v):
				found = append(found, at)
			case len(at) < maxScopeDepth:
				walk(f, at)
			}
		}
	}
	walk(root, nil)
	if len(found) == 0 {
		return [][]string{nil}
	}
	return found
}

// hasOwnBlock reports whether v holds a block below `global` that it does not have from parent.
func hasOwnBlock(v, parent *values.Value) bool {
	global := v.Field(values.GlobalKey)
	if global == nil {
		return false
	}
	return slices.ContainsFunc(global.Order, func(name string) bool {
		body, below := farBlock(global.Field(name), name)
		return body != nil && !isCopy(body, parent.At(slices.Concat([]string{values.GlobalKey, name}, below)...))
	})
}

// externalMark is a part of externalArgoCD that a slip far from the places of the block
// must have kept, so that a file can be searched for it without being parsed.
const externalMark = "xternal"

// farBlock returns the block below a key called name with value v, and the steps that
// lead to it, wherever in the values that key is: it says by its name and by what is in
// it that it can only be meant for the Runtime. nil if there is none.
func farBlock(v *values.Value, name string) (body *values.Value, below []string) {
	switch {
	case name == "integrations":
		below = newPath()[2:]
	case name == externalArgoCD, strings.Contains(name, externalMark) && isSlip(name, externalArgoCD):
		below = oldPath()[2:]
	default:
		return nil, nil
	}
	body = v.At(below...)
	if body == nil || body.Kind != values.Map || len(rightNames(body, fieldNames())) == 0 || name == "integrations" && !isDistinct(body) {
		return nil, nil
	}
	return body, below
}

// isRepeated reports whether charts on which a chart depends have a block in values of
// their own, as they do in values that Helm has merged (helm get values --all).
func isRepeated(root *values.Value) bool {
	for _, name := range root.Order {
		global := root.At(name, values.GlobalKey)
		for _, below := range []string{externalArgoCD, "integrations"} {
			if body, _ := farBlock(global.Field(below), below); body != nil && name != values.GlobalKey {
				return true
			}
		}
	}
	return false
}

// isCopy reports whether a value is what the chart above has at the same place.
func isCopy(v, above *values.Value) bool {
	return above != nil && reflect.DeepEqual(v.Data(), above.Data())
}

// at returns the path at which people write what the Runtime in question has at path:
// what all charts share may stand further up. Findings carry such paths.
func (r *run) at(path string) string {
	if len(r.scope) == 0 || path == "" {
		return path
	}
	steps := strings.Split(path, ".")
	if steps[0] == values.GlobalKey {
		v := r.values.Root.At(steps...)
		for i := range r.scope {
			above := r.whole.Root.At(slices.Concat(r.scope[:i], steps)...)
			if v != nil && above != nil && keySpan(v) == keySpan(above) {
				return strings.Join(slices.Concat(r.scope[:i], steps), ".")
			}
		}
	}
	return strings.Join(slices.Concat(r.scope, steps), ".")
}

// isReadAt reports whether some Runtime reads what stands at path in the values as
// they were given.
func (r *run) isReadAt(path []string) bool {
	return slices.ContainsFunc(r.scopes, func(scope []string) bool {
		for i := range len(scope) + 1 {
			for _, place := range [][]string{oldPath(), newPath()} {
				if slices.Equal(path, slices.Concat(scope[:i], place)) {
					return true
				}
			}
		}
		return false
	})
}
