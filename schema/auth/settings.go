package auth

// Settings is everything in the values that decides how the Runtime is wired.
type Settings struct {
	// Declared is set where somebody has given a block that says something. Where it is
	// not, Auth is the chart's default, and no reason to change anything.
	Declared bool
	// Implied is set where Auth is the chart's default though that block does not say so: it
	// names neither a type nor a credential, but a username say, or names a credential that
	// its type does not read.
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
	if version == nil && s.AppProxyUsername == DefaultUsername || version != nil && version.ReadsBlockUsername() {
		return auth
	}
	auth.Username = s.AppProxyUsername
	return auth
}

// Equal reports whether both wire the Runtime alike.
func (s Settings) Equal(o Settings) bool {
	same := func(a, b *bool) bool { return (a == nil) == (b == nil) && isTrue(a) == isTrue(b) }
	return s.Declared == o.Declared && s.Auth.Equal(o.Auth) && s.AppProxyUsername == o.AppProxyUsername &&
		same(s.BundledArgoCD, o.BundledArgoCD) && same(s.GitOpsOperatorDisabled, o.GitOpsOperatorDisabled)
}
