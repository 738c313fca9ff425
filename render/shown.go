package render

import (
	"slices"
	"strconv"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/render/redact"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// shownSource says where a variable takes its value from, in the words of Env.Before.
// What stands in manifests may be a credential in the wrong place: a token as the key of
// a Secret, a password as the username. So only that is shown which the declared
// credential vouches for, or which is a plain name.
func shownSource(v envedit.Var, declared schema.Auth) string {
	switch v.Origin {
	case envedit.SecretKey:
		return "secret " + shownRef(v.Ref, declared)
	case envedit.ConfigMapKey:
		return "configMap " + shownRef(v.Ref, declared)
	case envedit.Literal:
		return "value " + shownValue(v.Name, v.Value, declared)
	}
	return "something else"
}

// shownRef returns NAME/KEY, with "…" in place of either that may be a credential.
func shownRef(ref schema.SecretRef, declared schema.Auth) string {
	show := func(s string) string {
		if s == "" || isShown(s, declared) {
			return s
		}
		return "…"
	}
	return show(ref.Name) + "/" + show(ref.Key)
}

// shownValue returns the value of a variable in quotes, or the marker where it may be a
// credential: it is anything but the name or the key of a Secret, the declared username
// or the chart's own.
func shownValue(variable, text string, declared schema.Auth) string {
	show := false
	switch variable {
	case envToken, envPassword:
	case envTokenSecretName, envTokenSecretKey:
		show = text == "" || isShown(text, declared)
	default:
		show = text == "" || text == schema.DefaultUsername || text == declared.Username && isShown(text, declared)
	}
	if !show {
		return redact.Marker
	}
	return strconv.Quote(text)
}

// isShown reports whether a name, a key or a username may be shown: the credential that
// the values declare names it, or it is plain; and it is no credential by its looks.
func isShown(s string, declared schema.Auth) bool {
	vouched := []string{declared.Username, declared.Credential().Name, declared.Credential().Key}
	if r := declared.UsernameRef; r != nil {
		vouched = append(vouched, r.Name, r.Key)
	}
	isCredential := redact.MayBeToken(s) || s == declared.Plaintext.Reveal()
	return !isCredential && (slices.Contains(vouched, s) || redact.IsPlainName(s))
}
