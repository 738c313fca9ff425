package fleet

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// namesFiles reports whether a field through which a release takes more values names
// files, which may be in the same repository.
func namesFiles(field string) bool {
	return slices.Contains([]string{"valueFiles", "valuesFiles", "valuesFile", "additionalValuesFiles", "files"}, field)
}

// valuesFiles returns the names of values files that a manifest has, as they are written.
func (c content) valuesFiles() []string {
	f, err := values.Parse(c.name, c.text)
	if err != nil {
		return nil // it was read before
	}
	var names []string
	var walk func(v *values.Value, isName bool)
	walk = func(v *values.Value, isName bool) {
		switch {
		case v.Kind == values.String && isName:
			names = append(names, v.Str())
		case v.Kind == values.List:
			for _, item := range v.Items {
				walk(item, isName)
			}
		case v.Kind == values.Map:
			for _, name := range v.Order {
				isFiles := namesFiles(name) || name == "values" && v.Fields[name].Kind == values.List // helmfile
				walk(v.Fields[name], isFiles)
			}
		}
	}
	for _, doc := range append([]*values.Value{f.Root}, f.Later...) {
		walk(doc, false)
	}
	return names
}

// Elsewhere returns the fields of r.Unseen through which values come that are not among
// the files searched. A file counts as searched if one of them ends in the path that the
// manifest has, in which expressions stand for anything.
func (r Release) Elsewhere(searched []string) []string {
	isElsewhere := func(file string) bool { return !isSearched(file, searched) }
	isHere := len(r.Files) > 0 && !slices.ContainsFunc(r.Files, isElsewhere)
	return slices.DeleteFunc(slices.Clone(r.Unseen), func(field string) bool { return isHere && namesFiles(field) })
}

func isSearched(file string, searched []string) bool {
	file = regexp.MustCompile(`^\$[\w-]+/`).ReplaceAllString(file, "") // of another source of the Application
	file = path.Clean("/" + file)                                      // without ../ in front
	isIt := func(name string) bool { return strings.HasSuffix(name, file) }
	if pattern := regexp.QuoteMeta(file); strings.ContainsAny(file, "{") {
		expression := regexp.MustCompile(`\\\{\\\{.*?\\\}\\\}|\\\$\\\{.*?\\\}`)
		isIt = regexp.MustCompile(expression.ReplaceAllString(pattern, "[^/]*") + "$").MatchString
	}
	return slices.ContainsFunc(searched, func(name string) bool { return isIt("/" + filepath.ToSlash(name)) })
}
