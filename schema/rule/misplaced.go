package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// wrongPlace is a path at which people put the block, and the step of it that is wrong.
type wrongPlace struct {
	path []string
	bad  int
	want string
}

// rightPlaces returns where a block goes that was meant for the old place or the new one.
// Where the chart's version is known, that is one place.
func (p *Pass) rightPlaces() (old, new string) {
	v := p.opts.ChartVersion
	if v == nil {
		return auth.OldBlockPath, auth.NewBlockPath
	}
	path := auth.OldBlockPath
	if g := v.Generation(); g != nil {
		path = strings.Join(g.BlockPath, ".")
	}
	return path, path
}

// wrongPlaces lists them.
func (p *Pass) wrongPlaces() []wrongPlace {
	old, new := p.rightPlaces()
	parent := strings.TrimSuffix(old, ".auth")
	return []wrongPlace{
		{[]string{block.ExternalArgoCD}, 0, parent},
		{[]string{"auth"}, 0, old},
		{[]string{"global", "auth"}, 1, old},
		{[]string{"global", block.ExternalArgoCD, "server", "auth"}, 3, old},
		{[]string{"integrations", "argo-cd", "server", "auth"}, 0, new},
		{[]string{"global", "argo-cd", "server", "auth"}, 1, new},
		{[]string{"global", "argo-cd", "auth"}, 1, new},
		{[]string{"global", "integrations", "auth"}, 2, new},
		{[]string{"global", "integrations", "argo-cd", "auth"}, 3, new},
		{[]string{"global", "integrations", block.ExternalArgoCD}, 2, parent},
		{[]string{"argo-cd", block.ExternalArgoCD}, 1, parent},
	}
}

// misplaced reports what was meant to be the Runtime's block and stands where the chart
// does not look.
func misplaced(p *Pass) {
	p.wrongPlaced()
	for _, path := range block.Paths() {
		p.otherNames(path[:len(path)-1])
	}
	for _, path := range block.Paths() {
		p.looseFields(path[:len(path)-1])
	}
	p.dottedKeys()
}

// wrongPlaced reports blocks outside their parents, where the chart ignores them.
func (p *Pass) wrongPlaced() {
	for _, place := range p.wrongPlaces() {
		parent := p.values.Root.At(place.path[:len(place.path)-1]...)
		if parent == nil || parent.Kind != values.Map {
			continue
		}
		last := place.path[len(place.path)-1]
		for _, written := range parent.Order {
			v := parent.Field(written)
			if v == nil || written != last && (last != block.ExternalArgoCD || !block.Near(written, last)) {
				continue
			}
			if last == block.ExternalArgoCD && v.IsUnset() || last == "auth" && !p.isMeant(v, place.path) {
				continue
			}
			at := slices.Concat(place.path[:len(place.path)-1], []string{written})
			p.misplacedAt(p.values.Root.At(at[:place.bad+1]...), at, place.want)
			if body, below := bodyOf(v, last); body != nil {
				p.ignore(block.New(append(at, below...), body))
			}
		}
	}
}

func bodyOf(v *values.Value, name string) (*values.Value, []string) {
	if name == "auth" {
		return v, nil
	}
	return block.LeadsTo(v, []string{"auth"})
}

func (p *Pass) misplacedAt(v *values.Value, at []string, want string) {
	path := strings.Join(at, ".")
	p.report(v.KeySpan(), path,
		fmt.Sprintf("the chart does not read credentials from %q", mask.Path(p.at(path))),
		fmt.Sprintf("move it to %s", want))
}

// strays reports what is left of misplaced blocks, in the values as a whole.
func strays(p *Pass) { p.stray(p.whole.Root, nil, nil) }

// stray reports, below v at path, every block that can only be meant for the Runtime,
// that no Runtime reads and no other rule has dealt with. above is what v is in: what
// Helm has handed down from there is not reported again.
func (p *Pass) stray(v *values.Value, path []string, above *values.Value) {
	for _, name := range v.Order {
		f := v.Field(name)
		if f == nil || f.Kind != values.Map {
			continue
		}
		at := append(slices.Clone(path), name)
		if name == values.GlobalKey && isHandedDown(f, above) {
			continue
		}
		if body, below := block.Far(f, name); body != nil {
			full := append(slices.Clone(at), below...)
			if !p.judged[body.Body] && !p.isReadAt(full) {
				p.strayAt(f, body, full, name == block.Integrations)
			}
			continue
		}
		if isLikeBlock(f, name) && !p.judged[f.Body] && !p.isReadAt(at) && !p.values.IsDefault(f) {
			p.strayAt(f, f, at, slices.Contains(at, block.Integrations))
		}
		p.stray(f, at, v)
	}
}

// strayAt reports a block that stands at full, at the key of v. isNew says that it is meant
// for the new place.
func (p *Pass) strayAt(v, body *values.Value, full []string, isNew bool) {
	want, newer := p.rightPlaces()
	if isNew {
		want = newer
	}
	p.ignore(block.New(full, body))
	p.misplacedAt(v, full, want)
}

// isLikeBlock reports whether a mapping can only be meant as a block, wherever it is: it has
// a reference of the block's, and its type or its name.
func isLikeBlock(v *values.Value, name string) bool {
	hasRef := slices.ContainsFunc([]string{block.TokenRef, block.PasswordRef}, func(ref string) bool {
		f := v.Field(ref)
		return f != nil && f.Kind == values.Map && !f.IsUnset()
	})
	return hasRef && (name == "auth" || block.IsMode(v.Field(block.Type)))
}

// isHandedDown reports whether all that a chart shares is in above, too.
func isHandedDown(global, above *values.Value) bool {
	shared := above.Field(values.GlobalKey)
	for _, name := range []string{block.ExternalArgoCD, block.Integrations} {
		if f := global.Field(name); f != nil && !block.IsCopy(f, shared.Field(name)) {
			return false
		}
	}
	return shared != nil
}

// isMeant reports whether a mapping called auth is meant for the Runtime. At the root
// of a file that says nothing else of a Runtime it takes more than a type to tell.
func (p *Pass) isMeant(v *values.Value, path []string) bool {
	return block.IsDistinct(v) && (len(path) > 1 || p.isRuntime() || slices.ContainsFunc(v.Order, block.IsRef))
}

// otherNames reports what can only be a block beside the place of one, under a name that no
// chart reads and that is no slip.
func (p *Pass) otherNames(parent []string) {
	v := p.values.Root.At(parent...)
	if v == nil || v.Kind != values.Map {
		return
	}
	for _, name := range v.Order {
		f := v.Field(name)
		if f == nil || f.Kind != values.Map || name == "auth" || block.Near(name, "auth") || p.judged[f.Body] || !block.IsDistinct(f) || !slices.ContainsFunc(f.Order, block.IsRef) {
			continue
		}
		at := append(slices.Clone(parent), name)
		p.ignore(block.New(at, f))
		p.misplacedAt(f, at, strings.Join(parent, ".")+".auth")
	}
}

// looseFields reports fields of the block that stand one level too high, beside
// `auth` instead of in it.
func (p *Pass) looseFields(parent []string) {
	v := p.values.Root.At(parent...)
	if v == nil || v.Kind != values.Map {
		return
	}
	loose := &values.Value{Kind: values.Map, Fields: map[string]*values.Value{}, Body: v.Body}
	var names []string
	for _, name := range v.Order {
		if f := v.Field(name); block.IsField(name) && !f.IsUnset() {
			loose.Fields[name] = f
			names = append(names, fmt.Sprintf("%q", name))
		}
	}
	if len(names) == 0 {
		return
	}
	p.ignore(block.New(parent, loose))
	first := slices.IndexFunc(v.Order, func(name string) bool { return loose.Fields[name] != nil })
	path := strings.Join(slices.Concat(parent, []string{v.Order[first]}), ".")
	p.report(v.Field(v.Order[first]).KeySpan(), path,
		fmt.Sprintf("the chart ignores %s here: it reads them one level deeper, in %q", strings.Join(names, ", "), "auth"),
		fmt.Sprintf("move them to %s.auth", strings.Join(parent, ".")))
}

// dottedKeys reports steps of the path written as one key: only --set takes those.
func (p *Pass) dottedKeys() {
	done := map[*values.Value]bool{} // both paths begin with the same step
	for _, path := range block.Paths() {
		for i, step := range path {
			parent := p.values.Root.At(path[:i]...)
			if parent == nil || parent.Kind != values.Map {
				break
			}
			ahead := strings.Join(path[i:], ".") + "."
			for _, name := range parent.Order {
				v := parent.Field(name)
				dotted := strings.HasPrefix(name, step+".") && (strings.HasPrefix(ahead, name+".") || strings.HasPrefix(name, ahead))
				if v != nil && dotted && !done[v] && name != "global.integrations" {
					done[v] = true
					p.report(v.KeySpan(), strings.Join(slices.Concat(path[:i], []string{name}), "."),
						fmt.Sprintf("%s is one key with dots in its name, the chart ignores it", mask.Quote(name)),
						"in a file every step of the path is a key of its own, on a line of its own")
				}
			}
		}
	}
}
