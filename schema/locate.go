package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const externalArgoCD = "external-argo-cd"

// locate finds the auth blocks of the Runtime in question, and reports everything that
// was meant to be one and is where the chart does not look.
func (r *run) locate() []block {
	var blocks []block
	for _, path := range [][]string{oldPath(), newPath()} {
		r.duplicateSteps(path)
		if v := r.follow(path); v != nil {
			r.judge(v)
			blocks = append(blocks, r.given(newBlock(path, v)))
		}
		r.misspelledSteps(path)
	}
	r.misplaced()
	r.otherNames(oldPath()[:2])
	r.otherNames(newPath()[:4])
	r.looseFields(oldPath()[:2])
	r.looseFields(newPath()[:4])
	r.dottedKeys()
	return blocks
}

// given returns a block without a type that only the chart's own values name: nobody who
// gives a token has said by that that it is to be ignored.
func (r *run) given(b block) block {
	if v := b.get(fieldType); v.Str() == string(ModePassword) && r.values.IsDefault(v) {
		delete(b.fields, fieldType)
		if !v.Overrides.IsUnset() && r.isGiven(v.Overrides) {
			b.overruled = v.Overrides
		}
	}
	return b
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

// judge notes that a rule has dealt with the block v.
func (r *run) judge(v *values.Value) {
	r.judged[v.Body] = true
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

// isDistinct reports whether a mapping called auth can only be meant for the
// Runtime: other charts have an auth with a username and a password too.
func isDistinct(v *values.Value) bool {
	if v.Kind != values.Map {
		return false
	}
	return isMode(v.Field(fieldType)) || slices.ContainsFunc(v.Order, func(name string) bool {
		return isRef(name) && !v.Field(name).IsUnset()
	})
}

func isMode(v *values.Value) bool {
	mode := Mode(v.Str())
	return mode == ModeToken || mode == ModePassword
}
