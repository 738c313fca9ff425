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
		below := scoped.Root.Field(name)
		if v.chart == nil || below == nil || below.Kind != Map { // else Over has handed down already
			below = clone(below)
			if shared := scoped.Root.Field(GlobalKey); shared != nil && shared.Kind == Map {
				handGlobals(below, clone(shared))
			}
		}
		scoped.Root = below
	}
	return &scoped
}
