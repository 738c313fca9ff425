package spot

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// target is where in a file a block goes.
type target struct {
	// in is the innermost mapping on the way that is there already.
	in *values.Value
	// names is the way below in.
	names []string
}

// target follows path from the file's root as far as there is something. why is the
// reason for which nothing can be put there.
func (s Spot) target(path []string) (t target, why string) {
	t.in = s.file.Root
	for i, name := range path {
		if IsTwice(t.in, name) {
			return t, becauseTwice
		}
		at := strings.Join(path[:i+1], ".")
		v := t.in.Field(name)
		t.names = path[i:]
		switch {
		case v == nil:
			return t, ""
		case IsAnchored(v):
			return t, becauseAnchor
		case v.Kind == values.Null, v.Kind == values.Map && len(v.Fields) == 0:
			return t, fmt.Sprintf("%s is there already, and empty", at)
		case i == len(path)-1:
			return t, fmt.Sprintf("there is a block at %s already", at)
		case v.Kind != values.Map:
			return t, fmt.Sprintf("%s is no mapping", at)
		}
		t.in = v
	}
	return t, ""
}

// IsTwice reports whether a key stands more than once in a mapping.
func IsTwice(v *values.Value, name string) bool {
	return slices.ContainsFunc(v.Duplicates, func(d values.Duplicate) bool { return d.Name == name })
}

// layout is how a mapping with entries on lines of their own is indented.
type layout struct {
	column int // of its entries
	step   int // between their column and that of the mapping's own key
}

func layoutOf(v *values.Value) (l layout, ok bool) {
	own, ok := column(v)
	if !ok || len(written(v)) == 0 {
		return l, false
	}
	l.column, ok = column(written(v)[0])
	l.step = l.column - own
	return l, ok && l.step > 0
}

// end returns where one more entry of a block mapping goes: behind its last line and
// the comments that follow in the column of its entries.
func (l layout) end(v *values.Value) int {
	text := v.Body.Source.Text
	at := text.LineEnd(v.Body.End)
	for at < len(text.Bytes()) {
		if lead, ok := text.Comment(at); !ok || lead < l.column {
			break
		}
		at = text.LineEnd(at)
	}
	return at
}
