// Package spot edits an entry of a mapping in a values file: another key, another text, out
// of it, or to another place. Every edit is proven, or refused with the reason.
package spot

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// The reasons for which a finding that --fix could mend is left alone.
const (
	becauseAlias  = "it is reached through a YAML alias or a merge key, so its text is also another value's"
	becauseAnchor = "an anchor, an alias or a merge key ties it to other values"
	becauseLayout = "it is written in a way that cannot be changed without touching what is around it"
	becauseTwice  = "a key on the way stands twice, which has to be settled first"
	becauseUTF16  = "the file is not encoded as UTF-8"
)

// Spot is an entry of a mapping in a file: what an edit is about.
type Spot struct {
	file *values.File
	// above holds the mappings around the entry, the file's root first.
	above []*values.Value
	value *values.Value
}

// Parent returns the mapping that the entry is in.
func (s Spot) Parent() *values.Value { return s.above[len(s.above)-1] }

// Value returns the entry's value, with its key.
func (s Spot) Value() *values.Value { return s.value }

func (s Spot) bytes() []byte { return s.file.Source.Text.Bytes() }

// Find finds the entry whose key stands at key, in the tree of its own file among files: of
// merged values only that shows what stands beside it there. why is the reason for which
// the entry cannot be edited, "" if it can.
func Find(files []*values.File, key values.Span) (s Spot, why string) {
	return find(files, key, func(f *values.File) (*values.File, error) { return f, nil })
}

// FindWhole is Find in the whole file, for edits that reach beyond the lines of the
// entry: to lint a file, only parts of it may have been read.
func FindWhole(files []*values.File, key values.Span) (s Spot, why string) {
	return find(files, key, func(f *values.File) (*values.File, error) {
		return values.Parse(f.Source.Name, f.Source.Text.Bytes())
	})
}

func find(files []*values.File, key values.Span, read func(*values.File) (*values.File, error)) (Spot, string) {
	i := slices.IndexFunc(files, func(f *values.File) bool { return f.Source == key.Source })
	if i < 0 {
		if flag, _, _ := strings.Cut(key.File(), "#"); strings.HasPrefix(flag, "--") {
			return Spot{}, fmt.Sprintf("it comes from %s, not from a file", flag)
		}
		return Spot{}, "it stands in the chart's own values"
	}
	if files[i].Encoding != "" {
		return Spot{}, becauseUTF16
	}
	file, err := read(files[i])
	if err != nil {
		return Spot{}, becauseLayout // not known to happen: it was read before
	}
	key.Source = file.Source
	above, value := search(file.Root, key, nil)
	if value == nil {
		return Spot{}, becauseAlias
	}
	for _, v := range above[1:] {
		if IsAnchored(v) {
			return Spot{}, becauseAnchor
		}
	}
	return Spot{file: file, above: above, value: value}, ""
}

// search returns the entry below v whose key stands at key, and the mappings around
// it. Aliases are not followed: behind one, the text belongs to somebody else.
func search(v *values.Value, key values.Span, above []*values.Value) ([]*values.Value, *values.Value) {
	above = append(slices.Clone(above), v)
	for _, e := range written(v) {
		if e.Key == key {
			return above, e
		}
		if !e.Shared && e.Kind == values.Map && e.Body.Start <= key.Start && key.Start < e.Body.End {
			return search(e, key, above)
		}
	}
	return nil, nil
}

// written returns the entries that stand in a mapping's own text, in their order:
// those that are lost to a later key of the same name too, but none from a merge key.
func written(v *values.Value) []*values.Value {
	var all []*values.Value
	add := func(e *values.Value) {
		if e != nil && e.Key.Source == v.Body.Source && v.Body.Start <= e.Key.Start && e.Key.Start < v.Body.End {
			all = append(all, e)
		}
	}
	if v.Kind != values.Map || v.Shared {
		return nil
	}
	for _, name := range v.Order {
		add(v.Fields[name])
	}
	for _, d := range v.Duplicates {
		add(d.First)
	}
	slices.SortFunc(all, func(a, b *values.Value) int { return a.Key.Start - b.Key.Start })
	return all
}

// IsAnchored reports whether the value of an entry has an anchor, or is an alias.
func IsAnchored(v *values.Value) bool {
	return v.Shared || hasName(v.Key.Source.Text.Bytes()[v.Key.End:max(v.Key.End, v.Body.Start)])
}

// hasName reports whether there is an anchor, an alias or a merge key in text that
// holds neither keys nor scalars: the marks and the comments between them.
func hasName(gap []byte) bool {
	for i := 0; i < len(gap); i++ {
		switch gap[i] {
		case '&', '*', '<':
			return true
		case '#':
			n := bytes.IndexByte(gap[i:], '\n')
			if n < 0 {
				return false
			}
			i += n
		}
	}
	return false
}

// isTied reports whether anything in a stretch, where the tree at v stands, has a name in
// YAML or uses one.
func (s Spot) isTied(cut stretch, v *values.Value) bool {
	at, isTied := cut.start, false
	pass := func(span values.Span) {
		isTied = isTied || span.Start > at && hasName(s.bytes()[at:min(span.Start, cut.end)])
		at = max(at, span.End)
	}
	var walk func(v *values.Value)
	walk = func(v *values.Value) {
		if isTied = isTied || v.Shared; isTied {
			return
		}
		if !v.Key.IsZero() {
			pass(v.Key)
		}
		if v.Kind != values.Map && v.Kind != values.List {
			pass(v.Body)
		}
		for _, e := range slices.Concat(written(v), v.Items) {
			walk(e)
		}
	}
	walk(v)
	return isTied || at < cut.end && hasName(s.bytes()[at:cut.end])
}

// cover returns the edit that puts text in the place of the bytes from start to end.
func (s Spot) cover(start, end int, text string) diag.Edit {
	return diag.Edit{Range: s.file.Source.Text.Range(start, end), NewText: text}
}

// leads reports whether the edits turn the file into one whose first document is read
// as want, and the others as before. It is how edits are proven that take text out of
// its place: whatever strange layout they meet, they are right or not offered.
func (s Spot) leads(edits []diag.Edit, want any) bool {
	out, ok := diag.Splice(s.bytes(), edits)
	if !ok {
		return false
	}
	f, err := values.Parse(s.file.Source.Name, out)
	if err != nil || len(f.Later) != len(s.file.Later) || !reflect.DeepEqual(f.Root.Data(), want) {
		return false
	}
	for i, doc := range f.Later {
		if !reflect.DeepEqual(doc.Data(), s.file.Later[i].Data()) {
			return false
		}
	}
	return true
}

// data returns the file's data after change was called with the mapping in which the
// entry stands, and with its name there; nil if it does not count there, because the
// same key stands in the file again.
func (s Spot) data(change func(m map[string]any, name string)) any {
	root := s.file.Root.Data()
	m, _ := root.(map[string]any)
	for i, v := range s.above {
		next := s.value
		if i+1 < len(s.above) {
			next = s.above[i+1]
		}
		at := slices.IndexFunc(v.Order, func(name string) bool { return v.Fields[name] == next })
		if at < 0 {
			return nil
		}
		if next == s.value {
			change(m, v.Order[at])
			break
		}
		m, _ = m[v.Order[at]].(map[string]any)
	}
	return root
}
