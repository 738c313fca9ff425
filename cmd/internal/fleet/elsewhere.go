package fleet

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Elsewhere returns the fields of r.Unseen through which values come that are not among
// the files searched. A file counts as searched if one of them ends in the path that the
// manifest has, in which expressions stand for anything.
func (r Release) Elsewhere(searched []string) []string {
	return r.Release.Elsewhere(func(file string) bool { return isSearched(file, searched) })
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
