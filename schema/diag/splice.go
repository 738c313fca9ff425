package diag

import (
	"cmp"
	"slices"
)

// Splice returns data with every edit made in it; data itself stays as it is. The
// edits may stand in any order. ok is false if two of them overlap, if two begin at
// the same place, so that their order would matter, or if one lies outside data.
func Splice(data []byte, edits []Edit) (out []byte, ok bool) {
	sorted := slices.Clone(edits)
	slices.SortFunc(sorted, func(a, b Edit) int {
		return cmp.Compare(a.Range.Start.Offset, b.Range.Start.Offset)
	})
	done := 0
	for i, e := range sorted {
		start, end := e.Range.Start.Offset, e.Range.End.Offset
		sameStart := i > 0 && sorted[i-1].Range.Start.Offset == start
		if start < done || end < start || end > len(data) || sameStart {
			return nil, false
		}
		out = append(append(out, data[done:start]...), e.NewText...)
		done = end
	}
	return append(out, data[done:]...), true
}
