// Package argocdtest is a stand-in for the API of Argo CD in tests. It is a test
// double, not an Argo CD: it behaves as recorded from Argo CD 3.6.1, and as read in
// its source, for the calls that package argocd makes and no others.
//
// Its accounts, passwords and API keys are those of a Store, which may be the
// ConfigMap argocd-cm and the Secret argocd-secret of a cluster. It checks in the
// same order as Argo CD, and refuses in the same words. It knows no roles but that of
// admin, no SSO, and no replicas; where Argo CD writes argocd-cm anew whenever an API
// key is made or revoked ("apiKey, login" becomes "apiKey,login"), it does not.
//
// Where a comment names a file, it is one of github.com/argoproj/argo-cd/v3 at v3.6.1.
package argocdtest
