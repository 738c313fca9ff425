package export

import "gopkg.in/yaml.v3"

// Kustomize returns a Component that makes the changes in the kustomization which lists it
// under `components`: kustomization.yaml, and where a plaintext credential needs it
// secret.yaml.
func Kustomize(c Changes) ([]File, error) {
	var f files
	f.addComponent("", c)
	return f.made, f.err
}

// addComponent adds the Component in a folder.
func (f *files) addComponent(folder string, c Changes) {
	var fields []any
	if c.HasSecret() {
		fields = append(fields, "resources", list(text(secretFile)))
	}
	if patches := f.patches(c); len(patches) > 0 {
		fields = append(fields, "patches", patches)
	}
	if c.IsEmpty() {
		// A Component without any field is an error to kustomize ("is empty"). This one
		// is about generators, of which there are none.
		fields = append(fields, "generatorOptions", mapping())
	}
	f.add(folder+"kustomization.yaml", component(fields...),
		"List its folder under `components` of the kustomization that renders the Runtime.")
	f.addSecret(folder, c)
}

// component makes a kustomize Component (sigs.k8s.io/kustomize/api/types, Kustomization).
func component(fields ...any) *yaml.Node {
	return mapping(append([]any{"apiVersion", "kustomize.config.k8s.io/v1alpha1", "kind", "Component"}, fields...)...)
}

// Flux returns the stanza `postRenderers` that makes the changes, for the spec of a
// HelmRelease (github.com/fluxcd/helm-controller/api/v2, HelmReleaseSpec), in
// post-renderers.yaml. A Secret cannot be added in this way: where a plaintext credential
// needs one it is in secret.yaml, to be applied beside the release.
func Flux(c Changes) ([]File, error) {
	var f files
	renderers := list()
	if patches := f.patches(c); len(patches) > 0 {
		renderers = list(mapping("kustomize", mapping("patches", patches)))
	}
	f.add("post-renderers.yaml", mapping("postRenderers", renderers),
		"Paste it under `spec` of the HelmRelease that installs the Runtime.")
	f.addSecret("", c, "Apply it beside the HelmRelease, whose post-renderer cannot add it.")
	return f.made, f.err
}
