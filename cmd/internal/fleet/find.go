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
	// Others are further names that lead to the same file.
	Others []string
	// NotRead says what it is if it has no end that could be read to, such as a pipe.
	NotRead string

	info   fs.FileInfo // of what the name leads to; nil where that is not known
	isLink int         // 1 for a link, else 0
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
			f := File{Name: filepath.Clean(arg), Found: onlyRuntimes, info: info}
			if own, err := os.Lstat(arg); err == nil && own.Mode()&fs.ModeSymlink != 0 {
				f.isLink = 1
			}
			files = append(files, f)
		default:
			found, errs := walk(arg)
			files, folders, failed = append(files, found...), append(folders, arg), append(failed, errs...)
		}
	}
	return once(files), folders, failed
}

// once returns files sorted and each once, whatever its names: a link and what it leads to,
// or a name in another case where the file system ignores that. It keeps the name that is
// no link, and what was named stays named.
func once(files []File) (all []File) {
	slices.SortStableFunc(files, func(a, b File) int {
		return cmp.Or(a.isLink-b.isLink, cmp.Compare(a.Name, b.Name))
	})
	type looks struct{ size, modified int64 } // so that only few have to be compared
	names, alike := map[string]int{}, map[looks][]int{}
	for _, f := range files {
		var like looks
		at, isKnown := names[f.Name]
		if f.info != nil && !isKnown {
			like = looks{f.info.Size(), f.info.ModTime().UnixNano()}
			i := slices.IndexFunc(alike[like], func(i int) bool { return os.SameFile(all[i].info, f.info) })
			if isKnown = i >= 0; isKnown {
				at = alike[like][i]
				names[f.Name], all[at].Others = at, append(all[at].Others, f.Name)
			}
		}
		if isKnown {
			all[at].Found = all[at].Found && f.Found
			for _, folder := range f.Folders {
				if !slices.Contains(all[at].Folders, folder) {
					all[at].Folders = append(all[at].Folders, folder)
				}
			}
			continue
		}
		names[f.Name] = len(all)
		if f.info != nil {
			alike[like] = append(alike[like], len(all))
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	return all
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
		case !d.IsDir() && mayHoldValues(d.Name()):
			f := File{Name: path, Found: true, Folders: []string{arg}}
			if f.look(d); f.info == nil || !f.info.IsDir() {
				files = append(files, f)
			}
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

// look notes what a name found in a folder leads to: what cannot be read to its end, as a
// pipe or a device cannot, is not opened. What leads nowhere is left for the reader to say
// so.
func (f *File) look(d fs.DirEntry) {
	info, err := d.Info()
	if d.Type()&fs.ModeSymlink != 0 {
		f.isLink = 1
		info, err = os.Stat(f.Name)
	}
	if err != nil {
		return
	}
	f.info = info
	if mode := info.Mode(); !mode.IsRegular() && !mode.IsDir() {
		f.NotRead = "a device or a socket"
		if mode&fs.ModeNamedPipe != 0 {
			f.NotRead = "a named pipe"
		}
	}
}

func unreadable(name string, err error) error { return fmt.Errorf("%s: %w", name, input.Cause(err)) }
