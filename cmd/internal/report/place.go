package report

import (
	"net/url"
	"path"
	"strings"
)

// isFile reports whether the name of a source is that of a file: not that of a
// flag, which schema/values numbers from its second use on, and not standard input.
func isFile(name string) bool {
	flag, _, _ := strings.Cut(name, "#")
	switch flag {
	case "", "-", "<stdin>", "--set", "--set-json", "--set-string", "--set-file", "--set-literal":
		return false
	}
	return true
}

// slashed returns a relative name with forward slashes and without dot segments,
// which is how GitHub knows its files, and any other name as it is. The separator
// is that of the system that the name comes from.
func slashed(name string, separator rune) string {
	if isWindows(name) || strings.HasPrefix(name, "/") {
		return name
	}
	return path.Clean(strings.ReplaceAll(name, string(separator), "/"))
}

// fileURI returns the name of a file as a URI reference: relative where the name is.
func fileURI(name string, separator rune) string {
	if !isWindows(name) {
		u := url.URL{Path: slashed(name, separator)}
		if strings.HasPrefix(name, "/") {
			u = url.URL{Scheme: "file", Path: path.Clean(name)}
		}
		return u.String()
	}
	name = strings.ReplaceAll(strings.TrimPrefix(name, `\\?\`), `\`, "/")
	if unc, ok := strings.CutPrefix(name, "//"); ok {
		host, share, _ := strings.Cut(unc, "/")
		return (&url.URL{Scheme: "file", Host: host, Path: path.Clean("/" + share)}).String()
	}
	return (&url.URL{Scheme: "file", Path: "/" + path.Clean(name)}).String()
}

// isWindows reports whether a name is absolute as Windows writes it, which is seen
// on any system: C:\values.yaml, C:/values.yaml, \\server\share\values.yaml.
func isWindows(name string) bool {
	if strings.HasPrefix(name, `\\`) {
		return true
	}
	if len(name) < 3 || name[1] != ':' || name[2] != '\\' && name[2] != '/' {
		return false
	}
	letter := name[0] | 0x20 // in lower case
	return 'a' <= letter && letter <= 'z'
}
