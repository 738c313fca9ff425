package values

import (
	"maps"
	"slices"
	"strings"
)

// Chart is what Helm merges values with: the values file of a chart, and its dependencies.
// What follows is pkg/chartutil/coalesce.go of Helm 3.22 (pkg/chart/common/util of 4.3)
// on values that know their places. Helm changes mappings that several charts share while
// it merges; whether a credential wins can depend on that, and so it is done here too.
type Chart struct {
	// Name is the name or alias by which the chart above has it, Real its own.
	Name, Real string
	// File is its values file, nil where it has none.
	File *File
	// Listed is set where its Chart.yaml lists dependencies. Helm then merges their values
	// into the chart's own before any are given (processImportValues in dependencies.go).
	Listed       bool
	Dependencies []*Chart
	// Condition and Tags are what the chart above says of when it is there.
	Condition string
	Tags      []string

	own *Value // its values, as they are laid beneath others
	off bool   // values have switched it off
}

// Defaults returns the values of a chart, over which others can be laid; see Over.
func (c *Chart) Defaults() *Values {
	d := &Values{chart: c}
	c.prepare(d)
	d.Root = c.own
	return d
}

// prepare finds out what the own values of a chart and of its dependencies are, and adds
// their files.
func (c *Chart) prepare(d *Values) {
	if c.File != nil {
		d.Files = append(d.Files, c.File)
	}
	for _, below := range c.Dependencies {
		below.prepare(d)
	}
	c.settle()
}

// settle finds out what a chart's own values are, those of its dependencies being known.
func (c *Chart) settle() {
	c.own = c.written()
	if c.Listed {
		whole := emptyMap(nil)
		c.coalesce(whole, true)
		c.own = whole
	}
}

// written returns what is in a chart's own values file.
func (c *Chart) written() *Value {
	if c.File != nil && c.File.Root.Kind == Map {
		return c.File.Root
	}
	return emptyMap(nil)
}

// Over returns v laid over a chart's defaults, as Helm does it: with the values of each
// dependency that is switched on below its name. The defaults do not change.
func (v *Values) Over(defaults *Values) *Values {
	over := *v
	over.Defaults, over.chart = defaults.Files, defaults.chart
	if defaults.Root.Kind != Map || v.Root.Kind != Map && v.Root.Kind != Null {
		return &over
	}
	c := defaults.chart
	switch {
	case c == nil:
		c = &Chart{own: defaults.Root}
	case len(c.Dependencies) > 0:
		seen := clone(v.Root)
		c.asSeen(0).coalesce(seen, false)
		c = c.switched(seen, nil)
		over.chart = c
	}
	over.Root = clone(v.Root)
	c.coalesce(over.Root, false)
	return &over
}

// IsOff reports whether the values switch off a dependency, or one on the way to it. It is
// false where they were not laid over those of a chart.
func (v *Values) IsOff(names ...string) bool {
	for c := v.chart; c != nil && len(names) > 0; names = names[1:] {
		if c = c.dependency(names[0]); c != nil && c.off {
			return true
		}
	}
	return false
}

// switched returns the chart with the dependencies off that values switch off
// (processDependencyEnabled in pkg/chartutil/dependencies.go): by a condition, else by
// tags. path leads to the chart. The result is c itself where none is.
func (c *Chart) switched(whole *Value, path []string) *Chart {
	out := *c
	out.Dependencies = slices.Clone(c.Dependencies)
	for i, d := range c.Dependencies {
		if c.Listed && !d.isOn(c, whole, path) {
			off := *d
			off.off = true
			out.Dependencies[i] = &off
		} else {
			out.Dependencies[i] = d.switched(whole, append(slices.Clone(path), d.Name))
		}
	}
	if slices.Equal(out.Dependencies, c.Dependencies) {
		return c
	}
	out.settle()
	return &out
}

// asSeen returns a chart as Helm has it while it decides what is switched on: aliases
// that are not the chart's own mean nothing yet.
func (c *Chart) asSeen(depth int) *Chart {
	seen := *c
	seen.Dependencies = nil
	for _, d := range c.Dependencies {
		d = d.asSeen(depth + 1)
		if depth > 0 && d.Real != "" {
			d.Name = d.Real
		}
		if seen.dependency(d.Name) == nil {
			seen.Dependencies = append(seen.Dependencies, d)
		}
	}
	seen.own = c.written()
	return &seen
}

// isOn reports whether a dependency of parent is switched on.
func (c *Chart) isOn(parent *Chart, whole *Value, path []string) bool {
	for condition := range strings.SplitSeq(strings.TrimSpace(c.Condition), ",") {
		at := whole.At(slices.Concat(path, strings.Split(condition, "."))...)
		if at != nil && at.Kind == Bool {
			return at.Scalar.(bool)
		}
	}
	said := map[bool]bool{}
	for _, tag := range c.Tags {
		at := whole.At("tags", tag)
		if at == nil {
			at = parent.own.At("tags", tag)
		}
		if at != nil && at.Kind == Bool {
			said[at.Scalar.(bool)] = true
		}
	}
	return said[true] || !said[false]
}

// clone copies the mappings of v; of anything else it returns an empty one.
func clone(v *Value) *Value {
	if v == nil || v.Kind != Map {
		return emptyMap(v)
	}
	c := shallow(v)
	for name, f := range c.Fields {
		if f.Kind == Map {
			c.Fields[name] = clone(f)
		}
	}
	return c
}

// shallow copies a mapping, and none below it.
func shallow(v *Value) *Value {
	c := *v
	c.Fields, c.Order, c.Duplicates = maps.Clone(v.Fields), slices.Clone(v.Order), slices.Clone(v.Duplicates)
	return &c
}

// emptyMap returns a mapping without fields, at the place of v.
func emptyMap(v *Value) *Value {
	empty := &Value{Kind: Map, Fields: map[string]*Value{}}
	if v != nil {
		empty.Key, empty.Body = v.Key, v.Body
	}
	return empty
}

// coalesce lays the values of a chart and its dependencies beneath those in dest. With
// keep, nulls take nothing away yet.
func (c *Chart) coalesce(dest *Value, keep bool) {
	own := clone(c.own)
	for _, name := range own.Order {
		under, over := own.Fields[name], dest.present(name)
		switch {
		case under.gone:
		case over == nil:
			dest.set(name, under)
		case over.Kind == Null && !keep:
			dest.remove(name, under)
		case over.Kind == Map && under.Kind == Map:
			d := c.dependency(name)
			layBeneath(over, under, keep || d != nil && !d.off)
		default:
			dest.Fields[name] = replacing(over, under)
		}
	}
	for _, d := range c.Dependencies {
		if d.off {
			continue
		}
		below := dest.present(d.Name)
		if below == nil {
			below = emptyMap(nil)
			dest.set(d.Name, below)
		}
		if below.Kind != Map {
			return // which Helm refuses
		}
		handGlobals(below, dest.present(GlobalKey))
		d.coalesce(below, keep)
	}
}

// dependency returns the one of that name, nil if there is none.
func (c *Chart) dependency(name string) *Chart {
	for _, d := range c.Dependencies {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// layBeneath adds to a mapping what it lacks of another (coalesceTablesFullKey).
func layBeneath(dest, src *Value, keep bool) {
	for _, name := range dest.Order {
		if over := dest.present(name); over != nil && over.Kind == Null && src.present(name) == nil {
			src.set(name, over)
		}
	}
	dest.Duplicates = append(slices.Clone(src.Duplicates), dest.Duplicates...)
	for _, name := range src.Order {
		under, over := src.Fields[name], dest.present(name)
		switch {
		case under.gone:
		case over == nil:
			dest.set(name, under)
		case over.Kind == Null && !keep && under.Kind != Null:
			dest.remove(name, under)
		case over.Kind == Map && under.Kind == Map:
			layBeneath(over, under, keep)
		case over.Kind == Null:
			src.Fields[name] = over
		default:
			dest.Fields[name] = replacing(over, under)
		}
	}
}

// handGlobals lays what a chart shares over what a dependency has of it (coalesceGlobals).
// Only the first level of it is copied.
func handGlobals(below, shared *Value) {
	own := below.present(GlobalKey)
	if own == nil {
		own = emptyMap(shared)
	}
	if own.Kind != Map || shared == nil || shared.Kind != Map {
		return
	}
	own.Shared = own.Shared || shared.Shared
	own.Duplicates = append(own.Duplicates, shared.Duplicates...)
	for _, name := range shared.Order {
		over, under := shared.present(name), own.present(name)
		switch {
		case over == nil:
		case over.Kind == Map && under == nil:
			own.set(name, shallow(over))
		case over.Kind == Map && under.Kind == Map:
			over = shallow(over)
			layBeneath(over, under, true)
			own.set(name, over)
		case over.Kind == Map, under != nil && under.Kind == Map: // they do not replace each other
		default:
			own.set(name, replacing(over, under))
		}
	}
	below.set(GlobalKey, own)
}

// present returns a field of a mapping, nil where it was removed.
func (v *Value) present(name string) *Value {
	if f := v.Fields[name]; f != nil && !f.gone {
		return f
	}
	return nil
}

// remove takes a field away because it is null. Its place is kept for what is said of it.
func (v *Value) remove(name string, under *Value) {
	null := *replacing(v.Fields[name], under)
	null.gone = true
	v.Fields[name] = &null
}

// replacing returns over with the note that it replaces under, if it does and is no mapping.
// That of an earlier file or flag tells more.
func replacing(over, under *Value) *Value {
	if under == nil || over.Kind == Map || over.Overrides != nil || over == under {
		return over
	}
	r := *over
	r.Overrides = under
	return &r
}
