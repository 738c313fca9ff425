package block

import (
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
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

// Scopes returns where in the values those of Runtimes are, as the names or aliases
// of dependencies; one without names is the values as a whole. Where no chart tells,
// a Runtime is what is called so, or has a block at one of its places. A block that a
// chart has handed down to all its dependencies counts once.
func Scopes(root *values.Value) [][]string {
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
			case name == auth.ChartName || hasOwnBlock(f, v):
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
		body, below := Far(global.Field(name), name)
		return body != nil && !IsCopy(body, parent.At(slices.Concat([]string{values.GlobalKey, name}, below)...))
	})
}

// IsRepeated reports whether charts on which a chart depends have a block in values of
// their own, as they do in values that Helm has merged (helm get values --all).
func IsRepeated(root *values.Value) bool {
	for _, name := range root.Order {
		global := root.At(name, values.GlobalKey)
		for _, below := range []string{ExternalArgoCD, Integrations} {
			if body, _ := Far(global.Field(below), below); body != nil && name != values.GlobalKey {
				return true
			}
		}
	}
	return false
}
