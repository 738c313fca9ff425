package schema

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleExtraDocument = "extra-document"

func extraDocumentRule() Rule {
	return Rule{
		ID: ruleExtraDocument, Severity: diag.Error,
		Summary: "The block is not in the first YAML document of the file.",
		Help: "Helm 3 reads only the first document of a values file, Helm 4 merges all that a \"---\" separates. " +
			"Neither reads what follows a \"...\", up to the next \"---\". Keep everything in the first document.",
	}
}

// laterDocuments reports a block that is not in the first document of its file.
func (r *run) laterDocuments() {
	r.helm3Only()
	for _, f := range r.values.Files {
		for i, doc := range f.Later {
			message, hint := "this is in a second YAML document, which Helm 3 ignores and Helm 4 merges", "move it into the first document, above the \"---\""
			if f.IsDropped(i) {
				message, hint = "this follows the end of the YAML document (\"...\"), where Helm 3 and Helm 4 read nothing", "remove the line \"...\""
			}
			scopes := r.scopes
			if r.opts.Scopes == nil { // then the values tell, these too
				scopes = append(scopesOf(doc), scopes...)
			}
			for _, scope := range scopes {
				of := doc.At(scope...)
				for _, path := range [][]string{oldPath(), newPath()} {
					if body, below := leadsTo(of, path); body != nil {
						r.add(diag.Error, ruleExtraDocument, keySpan(of.Field(below[0])), strings.Join(slices.Concat(scope, below), "."), message, hint)
					}
				}
			}
		}
	}
}
