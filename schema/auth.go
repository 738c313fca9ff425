package schema

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

// redacted is what every formatting of a Secret prints. It is also the marker
// that the post-renderer leaves where it takes a credential out of a manifest.
const redacted = "[redacted]"

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
func (s Secret) IsMarker() bool { return s.value == redacted }

// String implements fmt.Stringer.
func (s Secret) String() string { return redacted }

// Format implements fmt.Formatter, so that no verb and no flag gets around String.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText implements encoding.TextMarshaler, which JSON and YAML use.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

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

// Settings is everything in the values that decides how the Runtime is wired.
type Settings struct {
	// Declared is set where somebody has given a block that says something. Where it is
	// not, Auth is the chart's default, and no reason to change anything.
	Declared bool
	// Implied is set where that block names neither a type nor a credential, but a
	// username say, so that the chart's default is meant only because nothing else was said.
	Implied bool
	// Auth is the credential that the block declares, with the block's own username.
	// Which username counts, EffectiveAuth knows.
	Auth Auth
	// AppProxyUsername is values `app-proxy.config.argoCdUsername`, "" where it is unset.
	AppProxyUsername string
	// BundledArgoCD is values `argo-cd.enabled`: nil where it is not given. Where it
	// is true, charts up to 0.25 ignore the auth block.
	BundledArgoCD *bool
	// GitOpsOperatorDisabled is set where values give `gitops-operator.enabled`: true
	// where that is false or null.
	GitOpsOperatorDisabled *bool
}

// EffectiveAuth returns the credential with the username that the chart of a version
// reads, nil standing for one that is not known: charts from 0.24.4 on prefer
// AppProxyUsername. Older ones do not read it, and 0.18 has "admin" there by default, so
// that where the version is not known "admin" does not beat what the block says.
func (s Settings) EffectiveAuth(version *ChartVersion) Auth {
	auth := s.Auth
	if auth.Mode != ModePassword || s.AppProxyUsername == "" {
		return auth
	}
	if version == nil && s.AppProxyUsername == DefaultUsername || version != nil && version.Less(0, 24, 4) {
		return auth
	}
	auth.Username = s.AppProxyUsername
	return auth
}

func (s Settings) equal(o Settings) bool {
	same := func(a, b *bool) bool { return (a == nil) == (b == nil) && isTrue(a) == isTrue(b) }
	return s.Declared == o.Declared && s.Auth.Equal(o.Auth) && s.AppProxyUsername == o.AppProxyUsername &&
		same(s.BundledArgoCD, o.BundledArgoCD) && same(s.GitOpsOperatorDisabled, o.GitOpsOperatorDisabled)
}
