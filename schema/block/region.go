package block

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
	"github.com/helm-runtime-auth/runtime-auth/schema/values/outline"
)

// variablePrefix is how the names of all variables begin that the block decides.
const variablePrefix = "ARGO_CD_"

// Wanted returns what lint has to see of a values file that is linted by itself;
// data is the file. The rest of it, mostly the values of subcharts, need not be
// parsed. A rule that looks at a key not listed here must add it:
//
//   - The rules on the block's path, form and credential (follow, shape, credential,
//     moved-block and so on), and on misplaced blocks and loose fields below global:
//     all of global. So do the steps that ask whether the file is a Runtime's
//     (global.runtime, global.codefresh).
//   - misspelled-key: every key of the root that is a slip for global. Slips further
//     down the path are below global.
//   - duplicate-key: only keys on the path to the block and in it. ParsePart keeps all
//     of several entries with one name if it keeps any.
//   - misplaced-block: external-argo-cd, and slips for it, at the root and below
//     argo-cd; auth and integrations at the root; a path written as one key with dots.
//   - bundled-argo-cd, and whether the operator runs: enabled below argo-cd and below
//     gitops-operator. The username: config below app-proxy. Whether SOPS has encrypted
//     the file: sops.
//   - Runtimes below the key of a dependency, and blocks where no chart looks, at
//     whatever depth: every entry whose text may hold a block.
//   - env-override: it walks everything but global for the block's variables. They
//     are keys, and ParsePart only leaves out keys that stand in the file as they are
//     read, so an entry without variablePrefix in its text has none of them.
//   - extra-document, yaml-syntax: ParsePart leaves out nothing where there is a second
//     document, and nothing that may not parse.
//
// Masks hide the lines that were not read.
func Wanted(data []byte, scopes [][]string) outline.Want {
	setsVariables := bytes.Contains(data, []byte(variablePrefix))
	return func(path []string, text []byte) outline.Keep {
		if setsVariables && bytes.Contains(text, []byte(variablePrefix)) {
			return outline.All
		}
		if mayHoldBlock(text) || isScope(path[0], scopes) {
			return outline.All
		}
		if len(path) == 1 {
			return wantedAtRoot(path[0])
		}
		if path[1] == "enabled" || path[1] == "config" || path[1] == ExternalArgoCD || IsSlip(path[1], ExternalArgoCD) {
			return outline.All
		}
		return outline.Skip
	}
}

// mayHoldBlock reports whether Far or isLikeBlock may find a block somewhere in an entry.
func mayHoldBlock(text []byte) bool {
	return bytes.Contains(text, []byte("SecretKeyRef")) || bytes.Contains(text, []byte("auth")) && (bytes.Contains(text, []byte(externalMark)) || bytes.Contains(text, []byte(Integrations)))
}

// isScope reports whether a key of the root leads to the values of a Runtime.
func isScope(name string, scopes [][]string) bool {
	return slices.ContainsFunc(scopes, func(scope []string) bool { return len(scope) > 0 && scope[0] == name })
}

func wantedAtRoot(name string) outline.Keep {
	switch name {
	case values.GlobalKey, ExternalArgoCD, "auth", Integrations, auth.ChartName, "sops":
		return outline.All
	case "argo-cd", "gitops-operator", "app-proxy":
		return outline.Descend
	}
	if strings.HasPrefix(name, "global.") || IsSlip(name, "global") || IsSlip(name, ExternalArgoCD) {
		return outline.All
	}
	return outline.Skip
}

// IsSlip is Near, but asks it only about a name that has enough letters in common
// with known: files have hundreds of keys that are nothing like it.
func IsSlip(name, known string) bool {
	return !isFar(name, known) && Near(name, known)
}

// maxSlip is the most letters by which a slip that near accepts can be off.
const maxSlip = 3

// isFar reports whether more than maxSlip letters would have to be changed, added or
// removed to turn one name into the other, whatever their order. It may say no where
// that is so, as for names that are not ASCII.
func isFar(name, known string) bool {
	var surplus [128]int8 // how often name has a letter more than known has it
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf || i == math.MaxInt8 {
			return false
		}
		surplus[lower(name[i])]++
	}
	for i := range len(known) {
		surplus[lower(known[i])]--
	}
	more, less := 0, 0
	for c, n := range surplus {
		if n != 0 && strings.IndexByte("-_. ", byte(c)) < 0 { // near ignores these
			more, less = more+max(int(n), 0), less-min(int(n), 0)
		}
	}
	return max(more, less) > maxSlip
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
