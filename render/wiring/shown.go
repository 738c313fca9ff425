package wiring

import (
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/render/redact"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// shownSource says where a variable takes its value from. What stands in manifests may
// be a credential in the wrong place: a token as the key of a Secret, a password as the
// username. So only that is shown which the declared credential vouches for, or which is
// a plain name.
func shownSource(v envedit.Var, declared auth.Auth) Source {
	kind := SecretSource
	switch v.Origin {
	case envedit.SecretKey:
	case envedit.ConfigMapKey:
		kind = ConfigMapSource
	case envedit.Literal:
		if !showsValue(v.Name, v.Value, declared) {
			return Source{Kind: ValueSource, Hidden: true}
		}
		return Source{Kind: ValueSource, Value: v.Value}
	default:
		return Source{Kind: OtherSource}
	}
	return Source{Kind: kind, Name: ShownName(v.Ref.Name, declared), Key: ShownName(v.Ref.Key, declared)}
}

// ShownName returns the name of an object or a key in it, "…" where that may be a
// credential.
func ShownName(s string, declared auth.Auth) string {
	if s == "" || isShown(s, declared) {
		return s
	}
	return "…"
}

// showsValue reports whether the value of a variable is surely no credential: it is the
// name or the key of a Secret, the declared username or the chart's own.
func showsValue(variable, text string, declared auth.Auth) bool {
	switch variable {
	case Token, Password:
		return false
	case TokenSecretName, TokenSecretKey:
		return text == "" || isShown(text, declared)
	}
	return text == "" || text == auth.DefaultUsername || text == declared.Username && isShown(text, declared)
}

// isShown reports whether a name, a key or a username may be shown: the credential that
// the values declare names it, or it is plain; and it is no credential by its looks.
func isShown(s string, declared auth.Auth) bool {
	vouched := []string{declared.Username, declared.Credential().Name, declared.Credential().Key}
	if r := declared.UsernameRef; r != nil {
		vouched = append(vouched, r.Name, r.Key)
	}
	isCredential := redact.MayBeToken(s) || s == declared.Plaintext.Reveal()
	return !isCredential && (slices.Contains(vouched, s) || redact.IsPlainName(s))
}
