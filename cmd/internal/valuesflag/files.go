package valuesflag

import (
	"slices"

	"helm.sh/helm/v3/pkg/strvals"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Files returns the names of the files that the values are read from, those of --set-file
// included, without reading any.
func Files(o values.Options) []string {
	names := slices.DeleteFunc(slices.Clone(o.Files), input.IsStdin)
	for _, text := range o.File {
		// What does not parse is an error later on.
		_ = strvals.ParseIntoFile(text, map[string]any{}, func(name []rune) (any, error) {
			names = append(names, string(name))
			return "", nil
		})
	}
	return names
}
