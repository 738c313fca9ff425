package inline

import (
	"bytes"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// Mentions reports whether a file may hold a release of a Runtime: an object of one of
// the kinds, and the name of the Runtime's chart or a key of its auth block, also one
// that is misspelt. It is a look at the bytes, so that the many other manifests of a
// repository need not be parsed.
func Mentions(data []byte) bool {
	isThere := func(word string) bool { return bytes.Contains(data, []byte(word)) }
	return slices.ContainsFunc([]string{auth.ChartName, "auth", "external-arg", "integrations"}, isThere) &&
		// A key called kind, in any quotes, with one of the kinds; or those of forms that have none.
		(has(data, isValueOfKind, "HelmRelease", "Application", "HelmChart", "Release") ||
			has(data, isKey, "helmCharts", "releases", "helm"))
}

// has looks for a word that is somewhere between such texts.
func has(data []byte, isBetween func(before, after []byte) bool, words ...string) bool {
	for _, word := range words {
		for at := 0; ; at += len(word) {
			i := bytes.Index(data[at:], []byte(word))
			if i < 0 {
				break
			}
			at += i
			if isBetween(data[:at], data[at+len(word):]) {
				return true
			}
		}
	}
	return false
}

func isValueOfKind(before, _ []byte) bool {
	const marks = " \t\"'"
	key, found := bytes.CutSuffix(bytes.TrimRight(before, marks), []byte(":"))
	return found && bytes.HasSuffix(bytes.TrimRight(key, marks), []byte("kind"))
}

func isKey(before, after []byte) bool {
	begins := len(before) == 0 || bytes.IndexByte([]byte(" \t\r\n{,\"'"), before[len(before)-1]) >= 0
	return begins && bytes.HasPrefix(bytes.TrimLeft(after[:min(8, len(after))], "\"' \t"), []byte(":"))
}
