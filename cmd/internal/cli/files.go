package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// shownName is what findings call the file of an argument.
func shownName(arg string) string {
	if arg == "-" {
		return "<stdin>"
	}
	return arg
}

// expand returns the files that the arguments stand for, each once and sorted, and
// the errors for those that cannot be found.
func expand(args []string) (names []string, failed []error) {
	isValues := regexp.MustCompile(valuesPattern)
	for _, arg := range args {
		if arg == "-" {
			names = append(names, arg)
			continue
		}
		info, err := os.Stat(arg)
		switch {
		case err != nil:
			failed = append(failed, err)
		case !info.IsDir():
			names = append(names, filepath.Clean(arg))
		default:
			found, errs := walk(arg, isValues)
			names, failed = append(names, found...), append(failed, errs...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), failed
}

// valuesPattern matches the names of values files: values.yaml, values-prod.yaml,
// valuesProd.yml, prod.values.yaml. The pre-commit hook takes the same.
const valuesPattern = `^(values[^/]*|[^/]+[-._]values([-._][^/]*)?)\.ya?ml$`

// walk returns the values files below a folder, and the errors for what cannot be
// read there. Hidden folders are left out: what is in .git is nobody's values.
func walk(dir string, isValues *regexp.Regexp) (names []string, failed []error) {
	dir += string(filepath.Separator) // so that a link to a folder is followed
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			failed = append(failed, err)
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir() && path != dir && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.IsDir() && isValues.MatchString(d.Name()):
			names = append(names, path)
		}
		return nil
	})
	return names, failed
}
