package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const externalArgoCD = "external-argo-cd"

// locate finds the auth blocks, and reports everything that was meant to be one
// and stands where no chart looks.
func (r *run) locate() []block {
	var blocks []block
	for _, path := range [][]string{oldPath(), newPath()} {
		r.duplicateSteps(path)
		if v := r.follow(path); v != nil {
			blocks = append(blocks, newBlock(path, v))
		}
		r.misspelledSteps(path)
	}
	r.misplaced()
	r.looseFields(oldPath()[:2])
	r.looseFields(newPath()[:4])
	r.dottedKeys()
	r.laterDocuments()
	return blocks
}

// follow returns the value at path, nil where nothing is set there.
func (r *run) follow(path []string) *values.Value {
	v := r.values.Root
	for i, name := range path {
		v = v.Field(name)
		switch {
		case v == nil || v.Kind == values.Null:
			return nil
		case i == len(path)-1:
			if v.Kind == values.Map && len(v.Fields) == 0 {
				return nil
			}
		case v.Kind != values.Map:
			if name == externalArgoCD {
				r.wrongType(v, strings.Join(path[:i+1], "."), fmt.Sprintf("%q", name), "a mapping with the field \"auth\"")
			}
			return nil
		}
	}
	return v
}

// duplicateSteps reports a key on the way to the block that stands twice. The
// chart's other values are none of our business, so the block must be under one of them.
func (r *run) duplicateSteps(path []string) {
	for i, name := range path {
		parent := r.values.Root.At(path[:i]...)
		if parent == nil {
			return
		}
		for _, d := range parent.Duplicates {
			if d.Name != name {
				continue
			}
			lost, _ := leadsTo(d.First, path[i+1:])
			kept, _ := leadsTo(parent.Field(name), path[i+1:])
			if lost != nil || kept != nil || name == externalArgoCD {
				r.duplicate(d, path[:i+1])
			}
		}
	}
}

// misspelledSteps reports keys on the way to the block that are slips for the right one.
func (r *run) misspelledSteps(path []string) {
	for i, name := range path {
		parent := r.values.Root.At(path[:i]...)
		if parent == nil || parent.Kind != values.Map {
			return
		}
		for _, written := range parent.Order {
			v := parent.Field(written)
			if v == nil || !near(written, name) {
				continue
			}
			body, below := leadsTo(v, path[i+1:])
			if body == nil && name != externalArgoCD {
				continue // some other chart's key that happens to look alike
			}
			at := slices.Concat(path[:i], []string{written})
			r.misspelled(v, strings.Join(at, "."), written, name)
			if body != nil {
				r.plaintext(newBlock(append(at, below...), body))
			}
		}
	}
}

// leadsTo follows tail below v, allowing for slips, to a mapping with fields of the
// block. It returns that mapping and the names on the way, nil if there is none.
func leadsTo(v *values.Value, tail []string) (*values.Value, []string) {
	if v == nil || v.Kind != values.Map {
		return nil, nil
	}
	if len(tail) == 0 {
		if len(rightNames(v, fieldNames())) == 0 {
			return nil, nil
		}
		return v, nil
	}
	for _, slip := range []bool{false, true} {
		for _, name := range v.Order {
			if slip && !near(name, tail[0]) || !slip && name != tail[0] {
				continue
			}
			if body, below := leadsTo(v.Field(name), tail[1:]); body != nil {
				return body, append([]string{name}, below...)
			}
		}
	}
	return nil, nil
}

// wrongPlace is a path at which people put the block, and the step of it that is wrong.
type wrongPlace struct {
	path []string
	bad  int
	want string
}

func wrongPlaces() []wrongPlace {
	old, new := strings.Join(oldPath(), "."), strings.Join(newPath(), ".")
	return []wrongPlace{
		{[]string{externalArgoCD}, 0, "global." + externalArgoCD},
		{[]string{"auth"}, 0, old},
		{[]string{"global", "auth"}, 1, old},
		{[]string{"global", externalArgoCD, "server", "auth"}, 3, old},
		{[]string{"integrations", "argo-cd", "server", "auth"}, 0, new},
		{[]string{"global", "argo-cd", "server", "auth"}, 1, new},
		{[]string{"global", "argo-cd", "auth"}, 1, new},
		{[]string{"global", "integrations", "auth"}, 2, new},
		{[]string{"global", "integrations", "argo-cd", "auth"}, 3, new},
		{[]string{"global", "integrations", externalArgoCD}, 2, "global." + externalArgoCD},
		{[]string{"argo-cd", externalArgoCD}, 1, "global." + externalArgoCD},
	}
}

// misplaced reports blocks outside their parents, where the chart ignores them.
func (r *run) misplaced() {
	for _, place := range wrongPlaces() {
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
			if last == externalArgoCD && v.IsUnset() || last == "auth" && !isDistinct(v) {
				continue
			}
			at := slices.Concat(place.path[:len(place.path)-1], []string{written})
			r.misplacedAt(r.values.Root.At(at[:place.bad+1]...), at, place.want)
			if body, below := bodyOf(v, last); body != nil {
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
		fmt.Sprintf("%q is no place for the Argo CD credentials, the chart ignores it", path),
		fmt.Sprintf("move it to %s", want))
}

// isDistinct reports whether a mapping called auth can only be meant for the
// Runtime: other charts have an auth with a username and a password too.
func isDistinct(v *values.Value) bool {
	if v.Kind != values.Map {
		return false
	}
	mode := Mode(v.Field(fieldType).Str())
	return mode == ModeToken || mode == ModePassword || slices.ContainsFunc(v.Order, func(name string) bool {
		return isRef(name) && !v.Field(name).IsUnset()
	})
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
	first := slices.IndexFunc(v.Order, func(name string) bool { return loose.Fields[name] != nil })
	path := strings.Join(slices.Concat(parent, []string{v.Order[first]}), ".")
	r.add(diag.Error, ruleMisplacedBlock, keySpan(v.Field(v.Order[first])), path,
		fmt.Sprintf("the chart ignores %s here: it reads them one level deeper, in %q", strings.Join(names, ", "), "auth"),
		fmt.Sprintf("move them to %s.auth", strings.Join(parent, ".")))
	r.plaintext(newBlock(parent, loose))
}

// dottedKeys reports a path written as one key: only --set takes those.
func (r *run) dottedKeys() {
	for _, name := range r.values.Root.Order {
		for _, path := range [][]string{oldPath()[:2], newPath()} {
			dotted := strings.Join(path, ".")
			if name == dotted || strings.HasPrefix(name, dotted+".") {
				r.add(diag.Error, ruleMisplacedBlock, keySpan(r.values.Root.Field(name)), name,
					fmt.Sprintf("%s is one key with dots in its name, the chart ignores it", quote(name)),
					"in a file every step of the path is a key of its own, on a line of its own")
			}
		}
	}
}

// laterDocuments reports a block behind a document separator: Helm 3 reads only the
// first document of a values file, Helm 4 merges all of them.
func (r *run) laterDocuments() {
	for _, f := range r.values.Files {
		for _, doc := range f.Later {
			for _, path := range [][]string{oldPath(), newPath()} {
				body, below := leadsTo(doc, path)
				if body == nil {
					continue
				}
				r.add(diag.Error, ruleExtraDocument, keySpan(doc.Field(below[0])), strings.Join(below, "."),
					"this stands in a second YAML document, which Helm 3 ignores and Helm 4 merges",
					"move it into the first document, above the \"---\"")
			}
		}
	}
}
