// Package export writes down what the post-renderer changes in a Runtime's manifests in
// the forms that GitOps engines take: a kustomize Component, the postRenderers of a Flux
// HelmRelease, an Argo CD Application or plugin. The changes are read off render's own
// input and output, so that what is exported cannot disagree with it.
package export
