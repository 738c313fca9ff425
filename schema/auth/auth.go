// Package auth knows what an auth block declares, one credential, and which chart of
// which generation reads it where and hands it to which services.
package auth

import (
	"fmt"
	"io"
)

// Mode is how the Runtime signs in to Argo CD: the block's field `type`.
type Mode string

// The two modes the chart knows (gitops-runtime 0.18.0 and newer).
const (
	ModeToken    Mode = "token"
	ModePassword Mode = "password"
)

// Redacted is what every formatting of a Secret prints. It is also the marker
// that the post-renderer leaves where it takes a credential out of a manifest.
const Redacted = "[redacted]"

// Secret is a credential given in plaintext. Only Reveal returns it; formatted
// or marshalled in any way it reads "[redacted]".
type Secret struct{ value string }

// NewSecret wraps a plaintext credential.
func NewSecret(value string) Secret { return Secret{value: value} }

// Reveal returns the plaintext.
func (s Secret) Reveal() string { return s.value }

// IsZero reports whether there is no credential at all.
func (s Secret) IsZero() bool { return s.value == "" }

// IsMarker reports whether the credential was taken out of the values before we
// saw them: that one was given is known, what it is is not.
func (s Secret) IsMarker() bool { return s.value == Redacted }

// String implements fmt.Stringer.
func (s Secret) String() string { return Redacted }

// Format implements fmt.Formatter, so that no verb and no flag gets around String.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// MarshalText implements encoding.TextMarshaler, which JSON and YAML use.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// SecretRef names one key of one Secret in the Runtime's namespace.
type SecretRef struct {
	Name string `json:"name"`
	Key  string `json:"key"`
	// Optional is the user's own `optional`, nil where none was given.
	Optional *bool `json:"optional,omitempty"`
}

// Same reports whether both name the same key of the same Secret, whatever they
// say about `optional`.
func (r SecretRef) Same(o SecretRef) bool { return r.Name == o.Name && r.Key == o.Key }

// The Secrets and keys that the chart itself names (gitops-runtime 0.18.0 to 0.30).
const (
	DefaultUsername       = "admin"
	TokenSecretName       = "gitops-runtime-argo-cd-token"    // made by the chart from auth.token
	PasswordSecretName    = "gitops-runtime-argo-cd-password" // made by the chart from auth.password
	PlaintextSecretKey    = "token"                           // in both of them
	AppProxySecretName    = "argocd-token"                    // written by app-proxy in password mode
	AppProxySecretKey     = "token"
	RuntimeSecretName     = "codefresh-token" // the Runtime's own, never Argo CD's
	defaultPasswordSecret = "argocd-initial-admin-secret"
	defaultPasswordKey    = "password"
)

// DefaultPasswordRef returns the reference that the chart falls back to: the
// Secret that Argo CD makes for its first admin password.
func DefaultPasswordRef() SecretRef {
	return SecretRef{Name: defaultPasswordSecret, Key: defaultPasswordKey}
}

// Default returns the credential of a chart to which none was given.
func Default() Auth {
	return Auth{Mode: ModePassword, Ref: DefaultPasswordRef(), Username: DefaultUsername}
}

// Auth is the one credential that a validated block declares. It holds exactly
// one mode, and in it either Plaintext or Ref.
type Auth struct {
	Mode Mode
	// Plaintext is the token or password given in the values; zero if Ref is used.
	Plaintext Secret
	// Ref is the user's (or the chart's default) reference; zero if Plaintext is used.
	Ref SecretRef
	// Username and UsernameRef are used in password mode only. Username is never
	// empty there; a non-nil UsernameRef beats it.
	Username    string
	UsernameRef *SecretRef
}

// IsPlaintext reports whether the credential itself stands in the values.
func (a Auth) IsPlaintext() bool { return !a.Plaintext.IsZero() }

// Credential returns the Secret and key from which the services must read: the
// user's reference, or the Secret that the chart makes from a plaintext credential.
func (a Auth) Credential() SecretRef {
	if !a.IsPlaintext() {
		return a.Ref
	}
	if a.Mode == ModeToken {
		return SecretRef{Name: TokenSecretName, Key: PlaintextSecretKey}
	}
	return SecretRef{Name: PasswordSecretName, Key: PlaintextSecretKey}
}

// IsDefault reports whether the credential is that of a chart to which none was given,
// whoever signs in with it.
func (a Auth) IsDefault() bool {
	return a.Mode == ModePassword && !a.IsPlaintext() && a.Ref.Same(DefaultPasswordRef())
}

// Equal reports whether both declare the same credential. A plaintext credential
// that was redacted equals any other plaintext credential of its mode.
func (a Auth) Equal(b Auth) bool {
	if a.Mode != b.Mode || a.IsPlaintext() != b.IsPlaintext() {
		return false
	}
	if a.IsPlaintext() {
		known := !a.Plaintext.IsMarker() && !b.Plaintext.IsMarker()
		if known && a.Plaintext != b.Plaintext {
			return false
		}
	} else if !equalRefs(&a.Ref, &b.Ref) {
		return false
	}
	return a.Mode == ModeToken || (a.sameUser(b))
}

func (a Auth) sameUser(b Auth) bool {
	if a.UsernameRef != nil || b.UsernameRef != nil {
		return equalRefs(a.UsernameRef, b.UsernameRef)
	}
	return a.Username == b.Username
}

func equalRefs(a, b *SecretRef) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Same(*b) && isTrue(a.Optional) == isTrue(b.Optional)
}

func isTrue(b *bool) bool { return b != nil && *b }
