package fleet

import (
	"bytes"
	"fmt"
	"iter"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// content is the text of a file of which it is asked whether it is a Runtime's. Its
// methods look at bytes: most files of a repository are somebody else's, and need not be
// parsed to know that.
type content struct {
	name string
	text []byte
}

// mayHoldRuntime reports whether the file is worth a closer look. Where lint has something
// to say of a Runtime there is one of its words, or a slip for external-argo-cd. An `auth`
// alone tells nothing: many charts have one.
func (c content) mayHoldRuntime() bool {
	lower := bytes.ToLower(c.text)
	for _, word := range []string{"argo", "codefresh", auth.ChartName, "tokensecretkeyref"} {
		if bytes.Contains(lower, []byte(word)) {
			return true
		}
	}
	return c.holds(isExternalArgoCD)
}

// keys yields what is before a colon as keys are, in YAML, JSON and what is nearly either,
// and the column in which it begins.
func (c content) keys() iter.Seq2[[]byte, int] {
	return func(yield func([]byte, int) bool) {
		line := 0
		for at := 0; ; at++ {
			i := bytes.IndexByte(c.text[at:], ':')
			if i < 0 {
				return
			}
			if n := bytes.LastIndexByte(c.text[at:at+i], '\n'); n >= 0 {
				line = at + n + 1
			}
			at += i
			end := at
			for end > line && strings.IndexByte("\"' \t", c.text[end-1]) >= 0 {
				end--
			}
			start := end
			for start > line && isKeyByte(c.text[start-1]) {
				start--
			}
			if start < end && !yield(c.text[start:end], start-line) {
				return
			}
		}
	}
}

func isKeyByte(b byte) bool {
	return b == '-' || b == '_' || b == '.' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// holdsBlock reports whether there is an auth block below keys that only one has above it:
// those of the old place, or a slip for it, or those of the new place.
func (c content) holdsBlock() bool {
	is := func(want string) func([]byte) bool { return func(key []byte) bool { return string(key) == want } }
	return c.holds(isExternalArgoCD, isAuth) || c.holds(is("integrations"), is("argo-cd"), is("server"), isAuth)
}

// holds reports whether there are such keys, each further to the right than the one before
// and with nothing further to the left between them.
func (c content) holds(way ...func(key []byte) bool) bool {
	var columns []int
	for key, column := range c.keys() {
		for len(columns) > 0 && column <= columns[len(columns)-1] {
			columns = columns[:len(columns)-1]
		}
		if way[len(columns)](key) {
			columns = append(columns, column)
		}
		if len(columns) == len(way) {
			return true
		}
	}
	return false
}

// isExternalArgoCD reports whether a key is external-argo-cd or a slip for it. It is asked
// about every key of a repository, most of which are too short.
func isExternalArgoCD(key []byte) bool {
	return len(key) > 10 && isOrSlip(string(key), "external-argo-cd")
}

// isAuth reports whether a key is auth or a slip for it, or one of its fields in its place.
func isAuth(key []byte) bool {
	return bytes.HasSuffix(key, []byte("SecretKeyRef")) || len(key) < 6 && isOrSlip(string(key), "auth")
}

func isOrSlip(key, known string) bool { return key == known || block.IsSlip(key, known) }

// namesRuntime reports whether the text names the Runtime's chart, or holds a block.
func (c content) namesRuntime() bool {
	return bytes.Contains(c.text, []byte(auth.ChartName)) || c.holdsBlock()
}

// isRuntime reports whether a file that was found is a Runtime's values, given what lint
// says of it.
func (c content) isRuntime(r schema.Result) bool {
	isOther := func(d diag.Diagnostic) bool { return d.Rule != "yaml-syntax" }
	if r.Block != "" || slices.ContainsFunc(r.Diagnostics, isOther) {
		return true
	}
	// If it does not parse, nobody can tell what it would say.
	return len(r.Diagnostics) > 0 && c.holdsBlock() && !c.isTemplate()
}

func (c content) hasExpressions() bool { return bytes.Contains(c.text, []byte("{{")) }

// isTemplate reports whether the file is one that helmfile renders.
func (c content) isTemplate() bool { return filepath.Ext(c.name) == templateExt && c.hasExpressions() }

// isObject reports whether the file holds objects of Kubernetes.
func (c content) isObject() bool {
	if bytes.HasPrefix(bytes.TrimSpace(c.text), []byte("{")) {
		return bytes.Contains(c.text, []byte(`"apiVersion"`)) && bytes.Contains(c.text, []byte(`"kind"`))
	}
	return startsLine(c.text, "apiVersion:") && startsLine(c.text, "kind:")
}

func startsLine(text []byte, word string) bool {
	return bytes.HasPrefix(text, []byte(word)) || bytes.Contains(text, []byte("\n"+word))
}

// object says what an object is that holds a block inside of something, "" if there is
// none. What the chart itself makes of the values is not where they come from.
func (c content) object() string {
	for doc := range bytes.SplitSeq(c.text, []byte("\n---")) {
		if !(content{c.name, doc}).holdsBlock() || bytes.Contains(doc, []byte("helm-values-config")) || bytes.Contains(doc, []byte("validate-values-config")) {
			continue
		}
		kind := regexp.MustCompile(`(?m)^ *"?kind"?: *"?([A-Z][A-Za-z]{0,62})\b`).FindSubmatch(doc)
		if kind == nil || string(kind[1]) == "CustomResourceDefinition" {
			continue
		}
		return fmt.Sprintf("values inside of a %s", kind[1])
	}
	return ""
}

// otherForm says what a file is that is no values file of a Runtime, and holds a block all
// the same; "" if there is none.
func (c content) otherForm() string {
	switch {
	case !c.holdsBlock(), bytes.Contains(c.text, []byte(`"$schema"`)):
		return ""
	case c.isTemplate():
		return "a Go template"
	}
	return "an auth block where lint does not look"
}
