// Package argocdtest is a stand-in for the API of Argo CD in tests. It is a test
// double, not an Argo CD: it behaves as was recorded from version 3.6.1 and read in
// its source, for the calls that package argocd makes and no others.
//
// Its accounts and tokens are those of a Store, which may be the ConfigMap argocd-cm
// and the Secret argocd-secret of a cluster.
package argocdtest
