package schema

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// credential judges the block's fields together and returns the credential they
// declare. Where it reports an Error the Auth means nothing.
func (r *run) credential(b block) Auth {
	r.plaintext(b)
	mode := b.get(fieldType)
	switch {
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

// impliedType reports a token without `type: token`: the chart's default type is
// password, so it ignores the token and signs in with the admin password.
func (r *run) impliedType(b block) bool {
	token := firstSet(b, fieldToken, fieldTokenRef)
	if token == "" || b.text(fieldPassword) != "" || b.ref(fieldPasswordRef).ownPassword() {
		return false
	}
	f := b.fields[token]
	r.add(diag.Error, ruleImpliedType, keySpan(f.value), b.where(f.written),
		fmt.Sprintf("%q is given but not %q, so the chart takes type %q and ignores the token", f.written, fieldType, ModePassword),
		"add \"type: token\" to the block")
	return true
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

func (r *run) twoCredentials(b block, plain, ref string) {
	first, second := b.fields[plain], b.fields[ref]
	if r.isLater(first.value, second.value) {
		first, second = second, first
	}
	d := r.add(diag.Error, ruleTwoCredentials, keySpan(second.value), b.where(second.written),
		fmt.Sprintf("both %q and %q are given, and charts disagree on which one counts", first.written, second.written),
		"remove one of them")
	d.Related = related(keySpan(first.value), "the other credential")
}

func (r *run) noCredential(b block, mode Mode, plain, ref string) {
	at, path := keySpan(b.value), b.where()
	if f, ok := b.fields[ref]; ok && mode == ModePassword {
		at, path = keySpan(f.value), b.where(f.written)
	}
	message := fmt.Sprintf("type is %q, but neither %q nor %q is set", mode, plain, ref)
	if mode == ModePassword {
		message = fmt.Sprintf("this %q replaces the chart's default by nothing, and %q is not set", ref, plain)
	}
	r.add(diag.Error, ruleNoCredential, at, path, message,
		fmt.Sprintf("name the Secret that holds it: %s: {name: …, key: …}", ref))
}

func (r *run) missing(b block, name string, ref ref, fields []string) {
	f := b.fields[name]
	quoted := make([]string, len(fields))
	for i, field := range fields {
		quoted[i] = fmt.Sprintf("%q", field)
	}
	why := ""
	if name != fieldPasswordRef {
		why = ", and the chart has no default for it"
	}
	r.add(diag.Error, ruleMissingField, keySpan(f.value), b.where(f.written, fields[0]),
		fmt.Sprintf("%q lacks %s%s", f.written, strings.Join(quoted, " and "), why),
		"give both the name of the Secret and the key inside it")
}

// inheritedDefault tells what the chart fills in where a passwordSecretKeyRef gives
// only one of its two fields (Helm merges it into the chart's default).
func (r *run) inheritedDefault(b block, ref ref, whole SecretRef) {
	if isFilled(ref.name) == isFilled(ref.key) {
		return
	}
	f := b.fields[fieldPasswordRef]
	field, value := refName, whole.Name
	if isFilled(ref.name) {
		field, value = refKey, whole.Key
	}
	r.add(diag.Info, ruleInheritedDefault, keySpan(f.value), b.where(f.written, field),
		fmt.Sprintf("%q gives no %q, so the chart's default %q is used", f.written, field, value),
		fmt.Sprintf("write %q down if that is what you mean", field))
}

// unused warns of credentials that the chosen type does not read.
func (r *run) unused(b block, mode Mode, plain, ref string) {
	for _, name := range []string{plain, ref} {
		if !b.isSet(name) || name == fieldPasswordRef && !b.ref(name).ownPassword() {
			continue
		}
		f := b.fields[name]
		r.add(diag.Warning, ruleUnusedCredential, keySpan(f.value), b.where(f.written),
			fmt.Sprintf("%q is not used with type %q", f.written, mode),
			"remove it, or change \"type\"")
	}
}

// plaintext warns of credentials that stand in the values themselves.
func (r *run) plaintext(b block) {
	for _, name := range []string{fieldToken, fieldPassword} {
		if b.text(name) == "" {
			continue
		}
		f := b.fields[name]
		r.add(diag.Warning, rulePlaintextCredential, f.value.Body, b.where(f.written),
			fmt.Sprintf("the %s is given in plaintext: Helm stores it in the release, and the chart prints it into a ConfigMap", name),
			fmt.Sprintf("put it into a Secret and name that with %sSecretKeyRef", name))
	}
}

// reserved refuses references to Secrets that hold something else: the Runtime's
// own token, and what app-proxy writes itself in password mode.
func (r *run) reserved(b block, name string, ref SecretRef, passwordMode bool) {
	f := b.fields[name]
	if f.value == nil {
		return
	}
	at := f.value
	if n := rightNames(f.value, refFieldNames())[refName].value; n != nil {
		at = n
	}
	why := ""
	switch {
	case ref.Name == RuntimeSecretName:
		why = "holds the Runtime's own token for Codefresh, not a credential of Argo CD"
	case passwordMode && ref.Same(SecretRef{Name: AppProxySecretName, Key: AppProxySecretKey}):
		why = "is written by app-proxy itself, which puts an Argo CD token there"
	default:
		return
	}
	r.add(diag.Error, ruleReservedSecret, at.Body, b.where(f.written, refName),
		fmt.Sprintf("Secret %q %s", ref.Name, why),
		"keep the credential in a Secret of its own")
}

// related makes the one-element list of a second place.
func related(s values.Span, message string) []diag.Related {
	return []diag.Related{{File: s.File(), Range: s.Range(), Message: message}}
}
