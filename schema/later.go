package schema

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// isSealed reports whether another tool puts something else in the place of a text
// before or after Helm sees it: the Argo CD Vault Plugin, vals, Bank-Vaults, SOPS. What
// it looks like says nothing about the value, in whatever field it is.
func isSealed(s string) bool {
	for _, prefix := range []string{"ref+", "secretref+", "secrets://", "vault:"} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return isCiphertext(s) || strings.Contains(s, "<path:")
}

// isCiphertext reports whether a text is what SOPS makes of a value. Helm is never meant
// to see it.
func isCiphertext(s string) bool { return strings.HasPrefix(s, "ENC[") }

// isEncrypted reports whether SOPS has encrypted a file: it says so under a key of its own.
func isEncrypted(root *values.Value) bool {
	sops := root.Field("sops")
	return sops != nil && sops.Kind == values.Map && (sops.Field("mac") != nil || sops.Field("version") != nil || sops.Field("lastmodified") != nil)
}

// later notes that a value which decides what the block means is not known yet.
func (r *run) later(path string) {
	if r.runtime.Later == "" {
		r.runtime.Later = shownPath(r.at(path))
	}
}

// ciphertext notes the fields of a block that SOPS has encrypted.
func (r *run) ciphertext(b block) {
	for _, name := range fieldNames() {
		f, given := b.fields[name]
		if !given {
			continue
		}
		if isCiphertext(f.value.Str()) {
			r.later(b.where(f.written))
		}
		for _, below := range f.value.Order {
			if isCiphertext(f.value.Field(below).Str()) {
				r.later(b.where(f.written, below))
			}
		}
	}
}

// keysAlone drops what was found about values, for a file in which SOPS has encrypted
// them. Where that would have kept render from working, nobody knows what is declared.
func (r *run) keysAlone() {
	if !r.encrypted {
		return
	}
	r.found = slices.DeleteFunc(r.found, func(d *diag.Diagnostic) bool {
		about := isAboutKeys(d.Rule)
		if !about && stops(d) && r.runtime.Later == "" {
			r.runtime.Later = d.Path
		}
		return !about
	})
}

// isAboutKeys reports whether a rule looks at nothing but keys and where they are.
func isAboutKeys(rule string) bool {
	switch rule {
	case ruleYAMLSyntax, ruleExtraDocument, ruleDuplicateKey, ruleMisspelledKey, ruleMisplacedBlock, ruleMovedBlock, ruleUnknownField, ruleEnvOverride:
		return true
	}
	return false
}
