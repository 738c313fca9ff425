package cli

import (
	"fmt"
	"io"
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
		case d.IsDir() && path != dir && (strings.HasPrefix(d.Name(), ".") || isTemplates(path)):
			return fs.SkipDir
		case !d.IsDir() && isValues.MatchString(d.Name()) && isFile(path, d):
			names = append(names, path)
		}
		return nil
	})
	return names, failed
}

// isTemplates reports whether a folder holds a chart's templates, which are no values
// whatever their names.
func isTemplates(path string) bool {
	if filepath.Base(path) != "templates" {
		return false
	}
	_, err := os.Stat(filepath.Join(filepath.Dir(path), "Chart.yaml"))
	return err == nil
}

// isFile reports whether a name found in a folder can be read to its end, which a
// pipe or a device cannot. Links are followed; what leads nowhere is left for the
// reader to say so.
func isFile(path string, d fs.DirEntry) bool {
	if d.Type().IsRegular() {
		return true
	}
	info, err := os.Stat(path)
	return d.Type()&fs.ModeSymlink != 0 && (err != nil || info.Mode().IsRegular())
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

// maxFile is the size in bytes of the largest file that is read. Helm keeps values in
// the release, which has 1 MiB; this leaves room for everything but mistakes.
const maxFile = 64 << 20

// readFile reads a file of values. The error names the file.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() <= maxFile {
		return os.ReadFile(name) // it knows the size, and reads at once
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d MiB, which no values file is", name, maxFile>>20)
	}
	return data, nil
}
