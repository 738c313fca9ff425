package cli

import (
	"path/filepath"
	"slices"
)

// shownName is what findings call the file of an argument.
func shownName(arg string) string {
	if arg == "-" {
		return "<stdin>"
	}
	return arg
}

// distinct leaves out names that lead to a file which an earlier name leads to: what
// is mended under one name is not what was read under the other any more.
func distinct(names []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		target, err := filepath.Abs(name)
		if resolved, linkErr := filepath.EvalSymlinks(target); linkErr == nil {
			target = resolved
		}
		known := seen[target]
		seen[target] = true
		return err == nil && known
	})
}
