// Package krm is the post-renderer as a function of the Kubernetes Resource Model: a
// ResourceList comes in, and goes out with the Argo CD credential wired into its items.
// The protocol is that of kustomize, kpt and their kin
// (https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md).
//
// The wiring is package render's: the items are passed through it as a stream of
// manifests, and what it did not touch stays the very node that was read.
package krm
