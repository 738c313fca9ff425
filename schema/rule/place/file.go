// Package place holds the rules on values files and on where in them blocks stand.
package place

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
)

// Rules returns the rules on where blocks are, in the order of the documentation.
func Rules() []rule.Rule { return slices.Concat(fileRules(), placeRules(), generationRules()) }

// fileRules are the rules on a values file as a whole.
func fileRules() []rule.Rule {
	return []rule.Rule{
		{ID: rule.YAMLSyntax, Severity: diag.Error, Keys: true, File: helm3Only},
		{ID: "extra-document", Severity: diag.Error, Keys: true, File: laterDocuments},
	}
}

// helm3Only reports files that Helm 3 reads and Helm 4 refuses.
func helm3Only(p *rule.Pass) {
	for _, f := range p.Values.Files {
		if e := f.Helm3Only; e != nil {
			p.Report(e.Span, "", e.Message, e.Hint)
		}
	}
}

// laterDocuments reports a block that is not in the first document of its file.
func laterDocuments(p *rule.Pass) {
	for _, f := range p.Values.Files {
		for i, doc := range f.Later {
			message, hint := "this is in a second YAML document, which Helm 3 ignores and Helm 4 merges", "move it into the first document, above the \"---\""
			if f.IsDropped(i) {
				message, hint = "this follows the end of the YAML document (\"...\"), where Helm 3 and Helm 4 read nothing", "remove the line \"...\""
			}
			scopes := p.Scopes
			if p.Options.Scopes == nil { // then the values tell, these too
				scopes = append(block.Scopes(doc), scopes...)
			}
			for _, scope := range scopes {
				of := doc.At(scope...)
				for _, path := range auth.BlockPaths() {
					if body, below := block.LeadsTo(of, path); body != nil {
						p.Report(of.Field(below[0]).KeySpan(), strings.Join(slices.Concat(scope, below), "."), message, hint)
					}
				}
			}
		}
	}
}
