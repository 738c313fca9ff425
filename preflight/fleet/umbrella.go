package fleet

import "github.com/helm-runtime-auth/runtime-auth/schema/values"

const global = "global"

// underUmbrella returns the values that a chart hands down to a dependency: those
// below the name of the dependency, and over them what all charts share (pkg
// /chartutil/coalesce.go of Helm 3.22).
func underUmbrella(root *values.Value, dependency string) *values.Value {
	own := root.Field(dependency)
	if own == nil || own.Kind != values.Map {
		own = &values.Value{Kind: values.Map, Fields: map[string]*values.Value{}, Body: root.Body}
	}
	shared := root.Field(global)
	if shared == nil || shared.Kind != values.Map {
		return own
	}
	handed := &values.Value{Kind: values.Map, Order: []string{global}, Fields: map[string]*values.Value{global: shared}, Body: root.Body}
	return (&values.Values{Root: handed}).Over(&values.File{Root: own}).Root
}
