package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleMisplacedBlock = "misplaced-block"

func misplacedBlockRule() Rule {
	return Rule{
		ID: ruleMisplacedBlock, Severity: diag.Error,
		Summary: "The credentials stand where no chart version looks for them.",
		Help:    "The chart ignores them and falls back to its default, the initial admin password. Move them to the place that the finding names.",
	}
}

// wrongPlace is a path at which people put the block, and the step of it that is wrong.
type wrongPlace struct {
	path []string
	bad  int
	want string
}

// rightPlaces returns where the block of either generation goes. Where the chart's
// version is known, that is one place.
func (r *run) rightPlaces() (old, new string) {
	switch v := r.opts.ChartVersion; {
	case v == nil:
		return OldBlockPath, NewBlockPath
	case v.Less(0, 26, 0):
		return OldBlockPath, OldBlockPath
	}
	return NewBlockPath, NewBlockPath
}

// wrongPlaces lists them.
func (r *run) wrongPlaces() []wrongPlace {
	old, new := r.rightPlaces()
	parent := strings.TrimSuffix(old, ".auth")
	return []wrongPlace{
		{[]string{externalArgoCD}, 0, parent},
		{[]string{"auth"}, 0, old},
		{[]string{"global", "auth"}, 1, old},
		{[]string{"global", externalArgoCD, "server", "auth"}, 3, old},
		{[]string{"integrations", "argo-cd", "server", "auth"}, 0, new},
		{[]string{"global", "argo-cd", "server", "auth"}, 1, new},
		{[]string{"global", "argo-cd", "auth"}, 1, new},
		{[]string{"global", "integrations", "auth"}, 2, new},
		{[]string{"global", "integrations", "argo-cd", "auth"}, 3, new},
		{[]string{"global", "integrations", externalArgoCD}, 2, parent},
		{[]string{"argo-cd", externalArgoCD}, 1, parent},
	}
}

// misplaced reports blocks outside their parents, where the chart ignores them.
func (r *run) misplaced() {
	for _, place := range r.wrongPlaces() {
		parent := r.values.Root.At(place.path[:len(place.path)-1]...)
		if parent == nil || parent.Kind != values.Map {
			continue
		}
		last := place.path[len(place.path)-1]
		for _, written := range parent.Order {
			v := parent.Field(written)
			if v == nil || written != last && (last != externalArgoCD || !near(written, last)) {
				continue
			}
			if last == externalArgoCD && v.IsUnset() || last == "auth" && !r.isMeant(v, place.path) {
				continue
			}
			at := slices.Concat(place.path[:len(place.path)-1], []string{written})
			r.misplacedAt(r.values.Root.At(at[:place.bad+1]...), at, place.want)
			if body, below := bodyOf(v, last); body != nil {
				r.judge(body)
				r.plaintext(newBlock(append(at, below...), body))
			}
		}
	}
}

func bodyOf(v *values.Value, name string) (*values.Value, []string) {
	if name == "auth" {
		return v, nil
	}
	return leadsTo(v, []string{"auth"})
}

func (r *run) misplacedAt(v *values.Value, at []string, want string) {
	path := strings.Join(at, ".")
	r.add(diag.Error, ruleMisplacedBlock, keySpan(v), path,
		fmt.Sprintf("the chart does not read credentials from %q", shownPath(r.at(path))),
		fmt.Sprintf("move it to %s", want))
}

// stray reports, below v at path, every block that can only be meant for the Runtime,
// that no Runtime reads and no other rule has dealt with. above is what v is in: what
// Helm has handed down from there is not reported again.
func (r *run) stray(v *values.Value, path []string, above *values.Value) {
	for _, name := range v.Order {
		f := v.Field(name)
		if f == nil || f.Kind != values.Map {
			continue
		}
		at := append(slices.Clone(path), name)
		if name == values.GlobalKey && isHandedDown(f, above) {
			continue
		}
		if body, below := farBlock(f, name); body != nil {
			full := append(slices.Clone(at), below...)
			if !r.judged[body.Body] && !r.isReadAt(full) {
				r.strayAt(f, body, full, name == "integrations")
			}
			continue
		}
		if isLikeBlock(f, name) && !r.judged[f.Body] && !r.isReadAt(at) && !r.values.IsDefault(f) {
			r.strayAt(f, f, at, slices.Contains(at, "integrations"))
		}
		r.stray(f, at, v)
	}
}

// strayAt reports a block that stands at full, at the key of v. isNew says that it is meant
// for the new place.
func (r *run) strayAt(v, body *values.Value, full []string, isNew bool) {
	want, newer := r.rightPlaces()
	if isNew {
		want = newer
	}
	r.judge(body)
	r.misplacedAt(v, full, want)
	r.plaintext(newBlock(full, body))
}

// isLikeBlock reports whether a mapping can only be meant as a block, wherever it is: it has
// a reference of the block's, and its type or its name.
func isLikeBlock(v *values.Value, name string) bool {
	hasRef := slices.ContainsFunc([]string{fieldTokenRef, fieldPasswordRef}, func(ref string) bool {
		f := v.Field(ref)
		return f != nil && f.Kind == values.Map && !f.IsUnset()
	})
	return hasRef && (name == "auth" || isMode(v.Field(fieldType)))
}

// isHandedDown reports whether all that a chart shares is in above, too.
func isHandedDown(global, above *values.Value) bool {
	shared := above.Field(values.GlobalKey)
	for _, name := range []string{externalArgoCD, "integrations"} {
		if f := global.Field(name); f != nil && !isCopy(f, shared.Field(name)) {
			return false
		}
	}
	return shared != nil
}

// isMeant reports whether a mapping called auth is meant for the Runtime. At the root
// of a file that says nothing else of a Runtime it takes more than a type to tell.
func (r *run) isMeant(v *values.Value, path []string) bool {
	return isDistinct(v) && (len(path) > 1 || r.isRuntime() || slices.ContainsFunc(v.Order, isRef))
}

// otherNames reports what can only be a block beside the place of one, under a name that no
// chart reads and that is no slip.
func (r *run) otherNames(parent []string) {
	v := r.values.Root.At(parent...)
	if v == nil || v.Kind != values.Map {
		return
	}
	for _, name := range v.Order {
		f := v.Field(name)
		if f == nil || f.Kind != values.Map || name == "auth" || near(name, "auth") || r.judged[f.Body] || !isDistinct(f) || !slices.ContainsFunc(f.Order, isRef) {
			continue
		}
		r.judge(f)
		at := append(slices.Clone(parent), name)
		r.misplacedAt(f, at, strings.Join(parent, ".")+".auth")
		r.plaintext(newBlock(at, f))
	}
}

// looseFields reports fields of the block that stand one level too high, beside
// `auth` instead of in it.
func (r *run) looseFields(parent []string) {
	v := r.values.Root.At(parent...)
	if v == nil || v.Kind != values.Map {
		return
	}
	loose := &values.Value{Kind: values.Map, Fields: map[string]*values.Value{}}
	var names []string
	for _, name := range v.Order {
		if f := v.Field(name); isField(name) && !f.IsUnset() {
			loose.Fields[name] = f
			names = append(names, fmt.Sprintf("%q", name))
		}
	}
	if len(names) == 0 {
		return
	}
	r.judge(v)
	first := slices.IndexFunc(v.Order, func(name string) bool { return loose.Fields[name] != nil })
	path := strings.Join(slices.Concat(parent, []string{v.Order[first]}), ".")
	r.add(diag.Error, ruleMisplacedBlock, keySpan(v.Field(v.Order[first])), path,
		fmt.Sprintf("the chart ignores %s here: it reads them one level deeper, in %q", strings.Join(names, ", "), "auth"),
		fmt.Sprintf("move them to %s.auth", strings.Join(parent, ".")))
	r.plaintext(newBlock(parent, loose))
}

// dottedKeys reports steps of the path written as one key: only --set takes those.
func (r *run) dottedKeys() {
	done := map[*values.Value]bool{} // both paths begin with the same step
	for _, path := range [][]string{oldPath(), newPath()} {
		for i, step := range path {
			parent := r.values.Root.At(path[:i]...)
			if parent == nil || parent.Kind != values.Map {
				break
			}
			ahead := strings.Join(path[i:], ".") + "."
			for _, name := range parent.Order {
				v := parent.Field(name)
				dotted := strings.HasPrefix(name, step+".") && (strings.HasPrefix(ahead, name+".") || strings.HasPrefix(name, ahead))
				if v != nil && dotted && !done[v] && name != "global.integrations" {
					done[v] = true
					r.add(diag.Error, ruleMisplacedBlock, keySpan(v), strings.Join(slices.Concat(path[:i], []string{name}), "."),
						fmt.Sprintf("%s is one key with dots in its name, the chart ignores it", quote(name)),
						"in a file every step of the path is a key of its own, on a line of its own")
				}
			}
		}
	}
}
