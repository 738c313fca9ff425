package fleet

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// File is a file that may hold values.
type File struct {
	Name string // - for standard input
	// OnlyReleases is set for a file that was found in a folder and is not called as
	// values files are: it is looked at for the releases in it, and otherwise nobody's
	// business.
	OnlyReleases bool
}

// Expand returns the files that the arguments stand for, each once and sorted, and
// the errors for those that cannot be found. hasFolder is set if one of them is a folder.
func Expand(args []string) (files []File, hasFolder bool, failed []error) {
	isValues := regexp.MustCompile(valuesPattern)
	for _, arg := range args {
		if arg == "-" {
			files = append(files, File{Name: arg})
			continue
		}
		info, err := os.Stat(arg)
		switch {
		case err != nil:
			failed = append(failed, err)
		case !info.IsDir():
			files = append(files, File{Name: filepath.Clean(arg)})
		default:
			found, errs := walk(arg, isValues)
			files, failed, hasFolder = append(files, found...), append(failed, errs...), true
		}
	}
	// Of a file that is both named and found, the one that was named comes first.
	slices.SortFunc(files, func(a, b File) int { return cmp.Or(cmp.Compare(a.Name, b.Name), order(a)-order(b)) })
	return slices.CompactFunc(files, func(a, b File) bool { return a.Name == b.Name }), hasFolder, failed
}

func order(f File) int {
	if f.OnlyReleases {
		return 1
	}
	return 0
}

// valuesPattern matches the names of values files: values.yaml, values-prod.yaml,
// valuesProd.yml, prod.values.yaml. The pre-commit hook takes the same.
const valuesPattern = `^(values[^/]*|[^/]+[-._]values([-._][^/]*)?)\.ya?ml$`

// walk returns the values files and other YAML files below a folder, and the errors for
// what cannot be read there. Hidden folders are left out: what is in .git is nobody's
// values.
func walk(dir string, isValues *regexp.Regexp) (files []File, failed []error) {
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
		case !d.IsDir() && isYAML(d.Name()) && isFile(path, d):
			files = append(files, File{Name: path, OnlyReleases: !isValues.MatchString(d.Name())})
		}
		return nil
	})
	return files, failed
}

func isYAML(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml"
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
