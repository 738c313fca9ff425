package wiring

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
)

// Names say what may be shown of manifests. A credential may stand in the wrong place
// there: a token as the key of a Secret, a password as the username. So only that is shown
// which somebody vouches for, or which is a plain name.
type Names struct {
	Vouched    []string // Secrets, keys in them, objects and accounts, plain or not
	Users      []string // those of Vouched that are accounts
	credential auth.Secret
}

// Declared returns what a declared credential vouches for: its names, and who signs in.
// The zero Auth is that of manifests which nobody has declared anything about.
func Declared(a auth.Auth) Names {
	n := Names{Vouched: []string{a.Username, a.Credential().Name, a.Credential().Key}, Users: []string{a.Username}, credential: a.Plaintext}
	if r := a.UsernameRef; r != nil {
		n.Vouched = append(n.Vouched, r.Name, r.Key)
	}
	return n
}

// MayShow reports whether a name, a key or a username may be shown.
func (n Names) MayShow(s string) bool {
	isVouched := slices.Contains(n.Vouched, s) && !mask.MayBeToken(s)
	return s == "" || s != n.credential.Reveal() && (isVouched || mask.Name(s))
}

// Shown returns a name, or what is printed in its place if it may not be shown.
func (n Names) Shown(name string) string {
	if !n.MayShow(name) {
		return mask.Hidden
	}
	return name
}

// Ref is Shown for a name and a key.
func (n Names) Ref(r auth.SecretRef) auth.SecretRef {
	r.Name, r.Key = n.Shown(r.Name), n.Shown(r.Key)
	return r
}

// Object returns the name of an object or a container, which may be anything that
// Kubernetes takes: it takes no capitals.
func Object(name string) string {
	if strings.ToLower(name) != name || mask.MayBeToken(name) {
		return mask.Hidden
	}
	return name
}

// Env reports whether the value of a variable may be shown: it says which Secret to read,
// or who signs in.
func (n Names) Env(variable, text string) bool {
	switch variable {
	case TokenSecretName, TokenSecretKey:
		return n.MayShow(text)
	case Username:
		return text == "" || text == auth.DefaultUsername || slices.Contains(n.Users, text) && n.MayShow(text)
	}
	return false
}

// source says where a variable takes its value from.
func (n Names) source(v envedit.Var) Source {
	switch ref := n.Ref(v.Ref); {
	case v.Origin == envedit.SecretKey:
		return Source{Kind: SecretSource, Name: ref.Name, Key: ref.Key}
	case v.Origin == envedit.ConfigMapKey:
		return Source{Kind: ConfigMapSource, Name: ref.Name, Key: ref.Key}
	case v.Origin != envedit.Literal:
		return Source{Kind: OtherSource}
	case !n.Env(v.Name, v.Value):
		return Source{Kind: ValueSource, Hidden: true}
	}
	return Source{Kind: ValueSource, Value: v.Value}
}
