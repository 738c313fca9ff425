package schema

import (
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const ruleLostBlock = "lost-block"

func lostBlockRule() Rule {
	return Rule{
		ID: ruleLostBlock, Severity: diag.Warning, Class: Advice,
		Summary: "A values file gives the block, and a later file or flag takes all of it away.",
		Help:    "A null, or a value in place of a mapping, removes what stands below it in earlier files. The chart then falls back to its default, the initial admin password.",
	}
}

// lost reports, where nothing is declared, the block that a file gives all the same.
func (r *run) lost() {
	if len(r.whole.Files)+len(r.whole.Flags) < 2 {
		return
	}
	for _, f := range r.whole.Files {
		given := values.FromFile(f).Scope(r.scope...)
		for _, path := range [][]string{oldPath(), newPath()} {
			if v := given.Root.At(path...); !v.IsUnset() && newBlock(path, v).says(isAny) {
				d := r.add(diag.Warning, ruleLostBlock, keySpan(v), strings.Join(path, "."),
					"a later file or flag takes this block away, so the values declare no credential",
					"take out the null, or what is no mapping, at a part of its path")
				d.Related = r.takes(path, f)
			}
		}
	}
}

// takes returns where the values that count have no mapping on a path, if not in f itself.
func (r *run) takes(path []string, f *values.File) []diag.Related {
	v := r.values.Root
	for _, name := range path {
		if v = v.Field(name); v == nil || v.Kind != values.Map {
			break
		}
	}
	if v == nil || keySpan(v).Source == f.Source {
		return nil
	}
	return related(keySpan(v), "it is taken away here")
}
