package place

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
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
func rightPlaces(p *rule.Pass) (old, new string) {
	v := p.Options.ChartVersion
	if v == nil {
		return auth.OldBlockPath, auth.NewBlockPath
	}
	path := strings.Join(v.BlockPath(), ".")
	return path, path
}

// wrongPlaces lists them.
func wrongPlaces(p *rule.Pass) []wrongPlace {
	old, new := rightPlaces(p)
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
func misplaced(p *rule.Pass) {
	wrongPlaced(p)
	for _, path := range auth.BlockPaths() {
		otherNames(p, path[:len(path)-1])
	}
	for _, path := range auth.BlockPaths() {
		looseFields(p, path[:len(path)-1])
	}
	dottedKeys(p)
}

// wrongPlaced reports blocks outside their parents, where the chart ignores them.
func wrongPlaced(p *rule.Pass) {
	for _, place := range wrongPlaces(p) {
		parent := p.Values.Root.At(place.path[:len(place.path)-1]...)
		if parent == nil || parent.Kind != values.Map {
			continue
		}
		last := place.path[len(place.path)-1]
		for _, written := range parent.Order {
			v := parent.Field(written)
			if v == nil || written != last && (last != block.ExternalArgoCD || !block.Near(written, last)) {
				continue
			}
			if last == block.ExternalArgoCD && v.IsUnset() || last == "auth" && !isMeant(p, v, place.path) {
				continue
			}
			at := slices.Concat(place.path[:len(place.path)-1], []string{written})
			misplacedAt(p, p.Values.Root.At(at[:place.bad+1]...), at, place.want)
			if body, below := bodyOf(v, last); body != nil {
				p.Ignore(block.New(append(at, below...), body))
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

func misplacedAt(p *rule.Pass, v *values.Value, at []string, want string) {
	path := strings.Join(at, ".")
	p.Report(v.KeySpan(), path,
		fmt.Sprintf("the chart does not read credentials from %q", mask.Path(p.At(path))),
		fmt.Sprintf("move it to %s", want))
}

// strays reports what is left of misplaced blocks, in the values as a whole.
func strays(p *rule.Pass) { stray(p, p.Whole.Root, nil, nil) }

// stray reports, below v at path, every block that can only be meant for the Runtime,
// that no Runtime reads and no other rule has dealt with. above is what v is in: what
// Helm has handed down from there is not reported again.
func stray(p *rule.Pass, v *values.Value, path []string, above *values.Value) {
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
			if !p.IsJudged(body) && !p.IsReadAt(full) {
				strayAt(p, f, body, full, name == block.Integrations)
			}
			continue
		}
		if isLikeBlock(f, name) && !p.IsJudged(f) && !p.IsReadAt(at) && !p.Values.IsDefault(f) {
			strayAt(p, f, f, at, slices.Contains(at, block.Integrations))
		}
		stray(p, f, at, v)
	}
}

// strayAt reports a block that stands at full, at the key of v. isNew says that it is meant
// for the new place.
func strayAt(p *rule.Pass, v, body *values.Value, full []string, isNew bool) {
	want, newer := rightPlaces(p)
	if isNew {
		want = newer
	}
	p.Ignore(block.New(full, body))
	misplacedAt(p, v, full, want)
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
func isMeant(p *rule.Pass, v *values.Value, path []string) bool {
	return block.IsDistinct(v) && (len(path) > 1 || p.IsRuntime() || slices.ContainsFunc(v.Order, block.IsRef))
}

// otherNames reports what can only be a block beside the place of one, under a name that no
// chart reads and that is no slip.
func otherNames(p *rule.Pass, parent []string) {
	v := p.Values.Root.At(parent...)
	if v == nil || v.Kind != values.Map {
		return
	}
	for _, name := range v.Order {
		f := v.Field(name)
		if f == nil || f.Kind != values.Map || name == "auth" || block.Near(name, "auth") || p.IsJudged(f) || !block.IsDistinct(f) || !slices.ContainsFunc(f.Order, block.IsRef) {
			continue
		}
		at := append(slices.Clone(parent), name)
		p.Ignore(block.New(at, f))
		misplacedAt(p, f, at, strings.Join(parent, ".")+".auth")
	}
}

// looseFields reports fields of the block that stand one level too high, beside
// `auth` instead of in it.
func looseFields(p *rule.Pass, parent []string) {
	v := p.Values.Root.At(parent...)
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
	p.Ignore(block.New(parent, loose))
	first := slices.IndexFunc(v.Order, func(name string) bool { return loose.Fields[name] != nil })
	path := strings.Join(slices.Concat(parent, []string{v.Order[first]}), ".")
	p.Report(v.Field(v.Order[first]).KeySpan(), path,
		fmt.Sprintf("the chart ignores %s here: it reads them one level deeper, in %q", strings.Join(names, ", "), "auth"),
		fmt.Sprintf("move them to %s.auth", strings.Join(parent, ".")))
}

// dottedKeys reports steps of the path written as one key: only --set takes those.
func dottedKeys(p *rule.Pass) {
	done := map[*values.Value]bool{} // both paths begin with the same step
	for _, path := range auth.BlockPaths() {
		for i, step := range path {
			parent := p.Values.Root.At(path[:i]...)
			if parent == nil || parent.Kind != values.Map {
				break
			}
			ahead := strings.Join(path[i:], ".") + "."
			for _, name := range parent.Order {
				v := parent.Field(name)
				dotted := strings.HasPrefix(name, step+".") && (strings.HasPrefix(ahead, name+".") || strings.HasPrefix(name, ahead))
				if v != nil && dotted && !done[v] && name != "global.integrations" {
					done[v] = true
					p.Report(v.KeySpan(), strings.Join(slices.Concat(path[:i], []string{name}), "."),
						fmt.Sprintf("%s is one key with dots in its name, the chart ignores it", mask.Quote(name)),
						"in a file every step of the path is a key of its own, on a line of its own")
				}
			}
		}
	}
}
