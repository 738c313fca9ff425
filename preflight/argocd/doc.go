// Package argocd is a client for the few calls of Argo CD's API that tell whether a
// credential works, and that make and revoke API keys. What is sent as a credential
// goes to the address given and nowhere else: redirects are not followed. No error
// quotes one, also where the server repeats it, and nothing is logged.
//
// Paths, status codes and messages are those of Argo CD 3.6. Where a comment names a
// file, it is one of github.com/argoproj/argo-cd/v3 at v3.6.1.
package argocd
