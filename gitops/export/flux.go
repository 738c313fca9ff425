package export

// postRenderers is the part of a HelmRelease that is exported
// (github.com/fluxcd/helm-controller/api/v2, HelmReleaseSpec).
type postRenderers struct {
	PostRenderers []postRenderer `yaml:"postRenderers"`
}

type postRenderer struct {
	Kustomize fluxKustomize `yaml:"kustomize"`
}

type fluxKustomize struct {
	Patches []patch `yaml:"patches"`
}

// Flux returns the stanza `postRenderers` that makes the changes, for the spec of a
// HelmRelease, in post-renderers.yaml. A Secret cannot be added in this way: where a
// plaintext credential needs one it is in secret.yaml, to be applied beside the release.
func Flux(c Changes) ([]File, error) {
	patches, err := c.patches()
	if err != nil {
		return nil, err
	}
	stanza := postRenderers{PostRenderers: []postRenderer{}}
	if len(patches) > 0 {
		stanza.PostRenderers = append(stanza.PostRenderers, postRenderer{fluxKustomize{patches}})
	}
	f, err := newFile("post-renderers.yaml", stanza, "Paste it under `spec` of the HelmRelease that installs the Runtime.")
	if err != nil || !c.HasSecret() {
		return []File{f}, err
	}
	secret, err := c.secretAs(secretFile, "Apply it beside the HelmRelease, whose post-renderer cannot add it.")
	return []File{f, secret}, err
}
