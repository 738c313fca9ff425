package block

import (
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// IsSealed reports whether another tool puts something else in the place of a text
// before or after Helm sees it: the Argo CD Vault Plugin, vals, Bank-Vaults, SOPS. What
// it looks like says nothing about the value, in whatever field it is.
func IsSealed(s string) bool {
	for _, prefix := range []string{"ref+", "secretref+", "secrets://", "vault:"} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return IsCiphertext(s) || strings.Contains(s, "<path:")
}

// IsCiphertext reports whether a text is what SOPS makes of a value. Helm is never meant
// to see it.
func IsCiphertext(s string) bool { return strings.HasPrefix(s, "ENC[") }

// IsEncrypted reports whether SOPS has encrypted a file: it says so under a key of its own.
func IsEncrypted(root *values.Value) bool {
	sops := root.Field("sops")
	return sops != nil && sops.Kind == values.Map && (sops.Field("mac") != nil || sops.Field("version") != nil || sops.Field("lastmodified") != nil)
}

// WordForBool returns what a word for a boolean means to people: "true" or "false";
// "" for anything else.
func WordForBool(text string) string {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "yes", "on", "y", "enabled", "enable":
		return "true"
	case "false", "no", "off", "n", "disabled", "disable":
		return "false"
	}
	return ""
}
