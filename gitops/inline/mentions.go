package inline

import (
	"bytes"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// Mentions reports whether a file may hold a release of a Runtime: an object of one of
// the kinds, and the name of the Runtime's chart or a key of its auth block, also one
// that is misspelt. It is a look at the bytes, so that the many other manifests of a
// repository need not be parsed.
func Mentions(data []byte) bool {
	return mentionsKind(data) && mentionsRuntime(data)
}

func mentionsRuntime(data []byte) bool {
	for _, word := range []string{schema.ChartName, "auth", "external-arg", "integrations"} {
		if bytes.Contains(data, []byte(word)) {
			return true
		}
	}
	return false
}

// mentionsKind looks for a key called kind, in any quotes, with one of the kinds, and for
// the keys of forms that have none.
func mentionsKind(data []byte) bool {
	for _, key := range []string{"helmCharts", "releases", "helm"} {
		if hasKey(data, key) {
			return true
		}
	}
	for _, kind := range []string{HelmRelease, Application, "HelmChart", "Release"} {
		for at := 0; ; {
			i := bytes.Index(data[at:], []byte(kind))
			if i < 0 {
				break
			}
			before := bytes.TrimRight(data[max(0, at+i-64):at+i], " \t\"'")
			if key, ok := bytes.CutSuffix(before, []byte(":")); ok && bytes.HasSuffix(bytes.TrimRight(key, " \t\"'"), []byte("kind")) {
				return true
			}
			at += i + len(kind)
		}
	}
	return false
}

// hasKey looks for a key, in any quotes.
func hasKey(data []byte, key string) bool {
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte(key))
		if i < 0 {
			return false
		}
		at += i + len(key)
		begins := at == len(key) || bytes.IndexByte([]byte(" \t\r\n{,\"'"), data[at-len(key)-1]) >= 0
		if behind := bytes.TrimLeft(data[at:min(at+8, len(data))], "\"' \t"); begins && len(behind) > 0 && behind[0] == ':' {
			return true
		}
	}
}
