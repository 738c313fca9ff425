// Package wiring decides what the variables of a container have to say for a credential, and
// what of that may be shown.
package wiring

import (
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// The variables that the credential decides. ARGO_CD_URL and everything that
// begins with ARGOCD_ is not about the credential.
const (
	Token           = "ARGO_CD_TOKEN"
	Username        = "ARGO_CD_USERNAME"
	Password        = "ARGO_CD_PASSWORD"
	TokenSecretName = "ARGO_CD_TOKEN_SECRET_NAME"
	TokenSecretKey  = "ARGO_CD_TOKEN_SECRET_KEY"
)

// Container is one container that uses the credential.
type Container struct {
	Service string // the name in the table of services
	Auth    auth.Auth
	Names   Names // what may be shown of its variables
	Vars    map[string]envedit.Var
	// Holds reports whether a ConfigMap of the stream holds a text under a key.
	Holds func(ref auth.SecretRef, text string) bool
}

// Wire returns what becomes of every variable that the credential decides, in the order of
// the names, which is how the chart sorts its lists; and the edits that are needed, none
// where all is right.
func (c Container) Wire() (env []Env, edits []envedit.Edit) {
	w := &wiring{Container: c}
	switch {
	case c.Service != auth.AppProxy:
		w.wireByName()
	case c.Auth.Mode == auth.ModeToken:
		w.wireToken()
	default:
		w.wirePassword()
	}
	return w.env, w.edits
}

// wiring is a container of which some variables are decided about.
type wiring struct {
	Container
	env   []Env
	edits []envedit.Edit
}

// wireByName wires a service that is told the Secret's name and key. In password
// mode it reads the token that app-proxy makes for itself.
func (w *wiring) wireByName() {
	ref := auth.SecretRef{Name: auth.AppProxySecretName, Key: auth.AppProxySecretKey}
	if w.Auth.Mode == auth.ModeToken {
		ref = w.Auth.Credential()
	}
	w.value(TokenSecretKey, ref.Key)
	w.value(TokenSecretName, ref.Name)
}

// wireToken wires app-proxy to a token. Charts 0.18.0 to 0.24.3 repeat the token
// in ARGO_CD_PASSWORD, beside a username; that does no harm and stays.
func (w *wiring) wireToken() {
	credential := w.Auth.Credential()
	repeated := w.comesFrom(Password, credential)
	w.keepIf(repeated, Password)
	w.ref(Token, credential)
	w.keepIf(repeated, Username)
}

// wirePassword wires app-proxy to a username and a password. Charts 0.18.0 to
// 0.24.3 keep ARGO_CD_TOKEN, from the Secret that app-proxy writes itself.
func (w *wiring) wirePassword() {
	w.ref(Password, w.Auth.Credential())
	own := auth.SecretRef{Name: auth.AppProxySecretName, Key: auth.AppProxySecretKey}
	w.keepIf(w.comesFrom(Token, own), Token)
	if w.Auth.UsernameRef != nil {
		w.ref(Username, *w.Auth.UsernameRef)
		return
	}
	if v := w.Vars[Username]; v.Origin == envedit.ConfigMapKey && w.Holds(v.Ref, w.Auth.Username) {
		w.keep(Username)
		return
	}
	w.value(Username, w.Auth.Username)
}

func (w *wiring) comesFrom(name string, ref auth.SecretRef) bool {
	v := w.Vars[name]
	return v.Origin == envedit.SecretKey && v.Ref.Same(ref)
}

// ref demands that a variable comes from the key of a Secret. A reference that
// differs in `optional` alone is right.
func (w *wiring) ref(name string, ref auth.SecretRef) {
	if w.comesFrom(name, ref) {
		w.keep(name)
		return
	}
	w.change(envedit.Var{Name: name, Origin: envedit.SecretKey, Ref: ref})
}

// value demands that a variable is a plain text.
func (w *wiring) value(name, text string) {
	if v := w.Vars[name]; v.Origin == envedit.Literal && isExpandedTo(v.Value, text) {
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
	v, found := w.Vars[name]
	switch {
	case !found:
	case right:
		w.keep(name)
	default:
		w.env = append(w.env, Env{Name: name, State: Removed, Before: w.Names.source(v)})
		w.edits = append(w.edits, envedit.Edit{Var: v, Remove: true})
	}
}

func (w *wiring) keep(name string) {
	is := w.Names.source(w.Vars[name])
	w.env = append(w.env, Env{Name: name, State: AlreadyRight, Before: is, After: is})
}

func (w *wiring) change(v envedit.Var) {
	e := Env{Name: v.Name, State: Set, After: w.Names.source(v)}
	if before, found := w.Vars[v.Name]; found {
		e.State, e.Before = Replaced, w.Names.source(before)
	}
	w.env = append(w.env, e)
	v.Value = unexpanded(v.Value)
	w.edits = append(w.edits, envedit.Edit{Var: v})
}
