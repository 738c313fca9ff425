package fleet

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
)

// File is a file that may hold values.
type File struct {
	Name string // - for standard input
	// Found is set for a file that nobody vouches for: it was found in a folder, or named
	// with the request to pass over what is none of ours. What a Runtime has nothing to do
	// with is left alone then, broken or not.
	Found bool
	// Folders are the arguments below which it was found.
	Folders []string
}

// Expand returns the files that the arguments stand for, each once and sorted, the
// folders among the arguments, and the errors for those that cannot be found. With
// onlyRuntimes, files that are named are taken as if they were found.
func Expand(args []string, onlyRuntimes bool) (files []File, folders []string, failed []error) {
	for _, arg := range args {
		if arg == "-" {
			files = append(files, File{Name: arg})
			continue
		}
		info, err := os.Stat(arg)
		switch {
		case err != nil:
			failed = append(failed, unreadable(arg, err))
		case !info.IsDir():
			files = append(files, File{Name: filepath.Clean(arg), Found: onlyRuntimes})
		default:
			found, errs := walk(arg)
			files, folders, failed = append(files, found...), append(folders, arg), append(failed, errs...)
		}
	}
	slices.SortStableFunc(files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	once := files[:0]
	for _, f := range files {
		if n := len(once) - 1; n >= 0 && once[n].Name == f.Name { // one that was named is named
			once[n].Found = once[n].Found && f.Found
			once[n].Folders = append(once[n].Folders, f.Folders...)
		} else {
			once = append(once, f)
		}
	}
	return once, folders, failed
}

// walk returns the files below a folder that may hold values, and the errors for what
// cannot be read there. Links to files are followed, those to folders are not. Hidden
// folders are left out: what is in .git is nobody's values.
func walk(arg string) (files []File, failed []error) {
	dir := arg + string(filepath.Separator) // so that a link to a folder is followed
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			failed = append(failed, unreadable(path, err))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir() && path != dir && (strings.HasPrefix(d.Name(), ".") || isTemplates(path)):
			return fs.SkipDir
		case !d.IsDir() && mayHoldValues(d.Name()) && isFile(path, d):
			files = append(files, File{Name: path, Found: true, Folders: []string{arg}})
		}
		return nil
	})
	return files, failed
}

// mayHoldValues reports whether files of that name are looked into: YAML, JSON, templates
// of either, and Terraform's, which are only named.
func mayHoldValues(name string) bool {
	switch filepath.Ext(strings.TrimSuffix(name, templateExt)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return filepath.Ext(name) == terraformExt
}

// The ends of names of files that are not YAML themselves.
const (
	templateExt  = ".gotmpl" // helmfile
	terraformExt = ".tf"
)

// isTemplates reports whether a folder holds a chart's templates, which are no values
// whatever their names.
func isTemplates(path string) bool {
	return filepath.Base(path) == "templates" && exists(filepath.Dir(path), "Chart.yaml")
}

// isFile reports whether a name found in a folder can be read to its end, which a
// pipe or a device cannot. Links are followed; what leads nowhere is left for the
// reader to say so.
func isFile(path string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.Type().IsRegular()
	}
	info, err := os.Stat(path)
	return err != nil || info.Mode().IsRegular()
}

func unreadable(name string, err error) error { return fmt.Errorf("%s: %w", name, input.Cause(err)) }
