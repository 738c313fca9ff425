package schema

import (
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleExtraDocument = "extra-document"

func extraDocumentRule() Rule {
	return Rule{
		ID: ruleExtraDocument, Severity: diag.Error,
		Summary: "The block stands behind a document separator.",
		Help:    "Helm 3 reads only the first document of a values file, Helm 4 merges all of them. Keep everything in the first one.",
	}
}

// laterDocuments reports a block behind a document separator: Helm 3 reads only the
// first document of a values file, Helm 4 merges all of them.
func (r *run) laterDocuments() {
	for _, f := range r.values.Files {
		for _, doc := range f.Later {
			for _, path := range [][]string{oldPath(), newPath()} {
				body, below := leadsTo(doc, path)
				if body == nil {
					continue
				}
				r.add(diag.Error, ruleExtraDocument, keySpan(doc.Field(below[0])), strings.Join(below, "."),
					"this stands in a second YAML document, which Helm 3 ignores and Helm 4 merges",
					"move it into the first document, above the \"---\"")
			}
		}
	}
}
