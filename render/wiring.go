package render

import (
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// The variables that the credential decides. ARGO_CD_URL and everything that
// begins with ARGOCD_ is not about the credential.
const (
	envToken           = "ARGO_CD_TOKEN"
	envUsername        = "ARGO_CD_USERNAME"
	envPassword        = "ARGO_CD_PASSWORD"
	envTokenSecretName = "ARGO_CD_TOKEN_SECRET_NAME"
	envTokenSecretKey  = "ARGO_CD_TOKEN_SECRET_KEY"
)

// wiring decides about the variables of one container.
type wiring struct {
	auth schema.Auth
	// declared is auth if somebody has declared it, whose names may be shown then.
	declared schema.Auth
	vars     map[string]envedit.Var
	// holds reports whether a ConfigMap of the stream holds a text under a key.
	holds func(ref schema.SecretRef, text string) bool

	env   []Env
	edits []envedit.Edit
}

// changes reports whether a container of a service is not right yet.
func (w *wiring) changes(service string) bool {
	w.wire(service)
	return len(w.edits) > 0
}

// wire decides about every variable of a service. The order of the decisions is
// that of the names, which is how the chart sorts its lists.
func (w *wiring) wire(service string) {
	switch {
	case service != auth.AppProxy:
		w.wireByName()
	case w.auth.Mode == schema.ModeToken:
		w.wireToken()
	default:
		w.wirePassword()
	}
}

// wireByName wires a service that is told the Secret's name and key. In password
// mode it reads the token that app-proxy makes for itself.
func (w *wiring) wireByName() {
	ref := schema.SecretRef{Name: schema.AppProxySecretName, Key: schema.AppProxySecretKey}
	if w.auth.Mode == schema.ModeToken {
		ref = w.auth.Credential()
	}
	w.value(envTokenSecretKey, ref.Key)
	w.value(envTokenSecretName, ref.Name)
}

// wireToken wires app-proxy to a token. Charts 0.18.0 to 0.24.3 repeat the token
// in ARGO_CD_PASSWORD, beside a username; that does no harm and stays.
func (w *wiring) wireToken() {
	credential := w.auth.Credential()
	repeated := w.comesFrom(envPassword, credential)
	w.keepIf(repeated, envPassword)
	w.ref(envToken, credential)
	w.keepIf(repeated, envUsername)
}

// wirePassword wires app-proxy to a username and a password. Charts 0.18.0 to
// 0.24.3 keep ARGO_CD_TOKEN, from the Secret that app-proxy writes itself.
func (w *wiring) wirePassword() {
	w.ref(envPassword, w.auth.Credential())
	own := schema.SecretRef{Name: schema.AppProxySecretName, Key: schema.AppProxySecretKey}
	w.keepIf(w.comesFrom(envToken, own), envToken)
	if w.auth.UsernameRef != nil {
		w.ref(envUsername, *w.auth.UsernameRef)
		return
	}
	if v := w.vars[envUsername]; v.Origin == envedit.ConfigMapKey && w.holds(v.Ref, w.auth.Username) {
		w.keep(envUsername)
		return
	}
	w.value(envUsername, w.auth.Username)
}

func (w *wiring) comesFrom(name string, ref schema.SecretRef) bool {
	v := w.vars[name]
	return v.Origin == envedit.SecretKey && v.Ref.Same(ref)
}

// ref demands that a variable comes from the key of a Secret. A reference that
// differs in `optional` alone is right.
func (w *wiring) ref(name string, ref schema.SecretRef) {
	if w.comesFrom(name, ref) {
		w.keep(name)
		return
	}
	w.change(envedit.Var{Name: name, Origin: envedit.SecretKey, Ref: ref})
}

// value demands that a variable is a plain text.
func (w *wiring) value(name, text string) {
	if v := w.vars[name]; v.Origin == envedit.Literal && isExpandedTo(v.Value, text) {
		w.keep(name)
		return
	}
	w.change(envedit.Var{Name: name, Origin: envedit.Literal, Value: text})
}

// isExpandedTo reports whether Kubernetes makes text of a value: it replaces $(NAME), and
// makes $ of $$ (k8s.io/kubernetes/third_party/forked/golang/expansion).
func isExpandedTo(value, text string) bool {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		b.WriteByte(value[i])
		if value[i] != '$' || i+1 == len(value) {
			continue
		}
		switch {
		case value[i+1] == '$':
			i++
		case value[i+1] == '(' && strings.Contains(value[i:], ")"):
			return false // whatever the variable holds
		}
	}
	return b.String() == text
}

// unexpanded returns the value of a variable of which Kubernetes makes text.
func unexpanded(text string) string {
	if !strings.Contains(text, "$(") && !strings.Contains(text, "$$") {
		return text
	}
	return strings.ReplaceAll(text, "$", "$$")
}

// keepIf leaves a variable as it is, or takes it away.
func (w *wiring) keepIf(right bool, name string) {
	v, found := w.vars[name]
	switch {
	case !found:
	case right:
		w.keep(name)
	default:
		w.env = append(w.env, Env{Name: name, State: Removed, Before: w.describe(v)})
		w.edits = append(w.edits, envedit.Edit{Var: v, Remove: true})
	}
}

func (w *wiring) keep(name string) {
	is := w.describe(w.vars[name])
	w.env = append(w.env, Env{Name: name, State: AlreadyRight, Before: is, After: is})
}

func (w *wiring) change(v envedit.Var) {
	e := Env{Name: v.Name, State: Set, After: w.describe(v)}
	if before, found := w.vars[v.Name]; found {
		e.State, e.Before = Replaced, w.describe(before)
	}
	w.env = append(w.env, e)
	v.Value = unexpanded(v.Value)
	w.edits = append(w.edits, envedit.Edit{Var: v})
}

// describe says where a variable takes its value from, as far as that may be shown.
func (w *wiring) describe(v envedit.Var) Source { return shownSource(v, w.declared) }
