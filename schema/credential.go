package schema

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// credential judges the block's fields together and returns the credential they
// declare. Where it reports an Error the Auth means nothing.
func (r *run) credential(b block) Auth {
	r.plaintext(b)
	mode := b.get(fieldType)
	switch {
	case isSealed(mode.Str()):
		r.later(b.where(b.fields[fieldType].written))
		return Auth{}
	case b.value.Kind != values.Map: // which has its own error
		return Auth{}
	case mode.IsUnset():
		if r.impliedType(b) {
			return Auth{}
		}
		return r.password(b)
	case b.text(fieldType) == string(ModePassword):
		return r.password(b)
	case b.text(fieldType) == string(ModeToken):
		return r.token(b)
	}
	return Auth{} // an invalid type, reported by its own rule
}

func (r *run) token(b block) Auth {
	r.unused(b, ModeToken, fieldPassword, fieldPasswordRef)
	ref := b.ref(fieldTokenRef)
	plain := b.text(fieldToken) != ""
	switch {
	case plain && !ref.isUnset():
		r.twoCredentials(b, fieldToken, fieldTokenRef)
	case plain:
		return Auth{Mode: ModeToken, Plaintext: NewSecret(b.text(fieldToken))}
	case ref.isUnset():
		r.noCredential(b, ModeToken, fieldToken, fieldTokenRef)
	case len(ref.missing()) > 0:
		r.missing(b, fieldTokenRef, ref, ref.missing())
	default:
		r.reserved(b, fieldTokenRef, ref.secretRef(), false)
		return Auth{Mode: ModeToken, Ref: ref.secretRef()}
	}
	return Auth{}
}

func (r *run) password(b block) Auth {
	r.unused(b, ModePassword, fieldToken, fieldTokenRef)
	auth := Auth{Mode: ModePassword, Username: b.text(fieldUsername)}
	if auth.Username == "" {
		auth.Username = DefaultUsername
	}
	r.usernameRef(b, &auth)
	ref := b.ref(fieldPasswordRef)
	plain := b.text(fieldPassword) != ""
	switch {
	case plain && ref.ownPassword():
		r.twoCredentials(b, fieldPassword, fieldPasswordRef)
	case plain:
		auth.Plaintext = NewSecret(b.text(fieldPassword))
	case ref.replacesDefault():
		r.noCredential(b, ModePassword, fieldPassword, fieldPasswordRef)
	case len(ref.halfBlank()) > 0:
		r.missing(b, fieldPasswordRef, ref, ref.halfBlank())
	default:
		auth.Ref = ref.inherited()
		r.inheritedDefault(b, ref, auth.Ref)
		r.reserved(b, fieldPasswordRef, auth.Ref, true)
	}
	return auth
}

func (r *run) usernameRef(b block, auth *Auth) {
	ref := b.ref(fieldUsernameRef)
	if ref.isUnset() {
		return
	}
	if missing := ref.missing(); len(missing) > 0 {
		r.missing(b, fieldUsernameRef, ref, missing)
		return
	}
	s := ref.secretRef()
	r.reserved(b, fieldUsernameRef, s, true)
	auth.UsernameRef = &s
}

// firstSet returns the first of the fields that is set, "" if none is.
func firstSet(b block, names ...string) string {
	for _, name := range names {
		if b.isSet(name) {
			return name
		}
	}
	return ""
}

// related makes the one-element list of a second place.
func related(s values.Span, message string) []diag.Related {
	return []diag.Related{{File: s.File(), Range: s.Range(), Message: message}}
}
