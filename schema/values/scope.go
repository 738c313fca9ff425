package values

// GlobalKey is the key of the values that a chart shares with its dependencies
// (pkg/chartutil of Helm 3.22, pkg/chart/common of 4.3).
const GlobalKey = "global"

// Scope returns the values as Helm hands them down to a dependency of a dependency…
// that is reached by these names or aliases: those below each name, and over their
// `global` the one of the chart above (coalesceGlobals in pkg/chartutil/coalesce.go of
// Helm 3.22). Every value keeps the place at which it is written. Without names the
// result is v. Where the values have nothing below a name, what is shared is all there is.
func (v *Values) Scope(names ...string) *Values {
	scoped := *v
	for _, name := range names {
		if below := scoped.Root.Field(name); v.chart != nil && below != nil && below.Kind == Map {
			scoped.Root = below // Over has handed down already
			continue
		}
		scoped.Root = handDown(scoped.Root, name)
	}
	return &scoped
}

// handDown returns what a chart with the values root hands to the dependency called name.
func handDown(root *Value, name string) *Value {
	own := root.Field(name)
	if own == nil || own.Kind != Map {
		own = emptyMap(own)
	}
	shared, below := root.Field(GlobalKey), own.Field(GlobalKey)
	if shared == nil || shared.Kind != Map || below != nil && below.Kind != Map && below.Kind != Null {
		return own
	}
	handed := *own
	handed.Fields, handed.Order = map[string]*Value{}, nil
	for _, name := range own.Order {
		handed.set(name, own.Fields[name])
	}
	if below == nil || below.Kind != Map {
		handed.set(GlobalKey, shared)
	} else {
		handed.set(GlobalKey, overGlobals(below, shared))
	}
	return &handed
}

// overGlobals lays the globals of a chart over those of its dependency. Other than
// elsewhere, a mapping and a text do not replace each other at the first level, and a
// null replaces nothing.
func overGlobals(below, shared *Value) *Value {
	kept := &Value{Kind: Map, Fields: map[string]*Value{}, Key: shared.Key, Body: shared.Body, Shared: shared.Shared, Duplicates: shared.Duplicates}
	for _, name := range shared.Order {
		under, over := below.Field(name), shared.Fields[name]
		if under != nil && (under.Kind == Map) != (over.Kind == Map) {
			continue
		}
		kept.set(name, over)
	}
	return mergeKeeping(below, kept, true)
}

// emptyMap returns a mapping without fields, at the place of v.
func emptyMap(v *Value) *Value {
	empty := &Value{Kind: Map, Fields: map[string]*Value{}}
	if v != nil {
		empty.Key, empty.Body = v.Key, v.Body
	}
	return empty
}
