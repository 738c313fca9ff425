package export

// component is a kustomize Component, as far as it is needed here
// (sigs.k8s.io/kustomize/api/types, Kustomization).
type component struct {
	APIVersion         string               `yaml:"apiVersion"`
	Kind               string               `yaml:"kind"`
	Resources          []string             `yaml:"resources,omitempty"`
	ConfigMapGenerator []configMapGenerator `yaml:"configMapGenerator,omitempty"`
	Patches            []patch              `yaml:"patches,omitempty"`
	GeneratorOptions   *generatorOptions    `yaml:"generatorOptions,omitempty"`
}

type configMapGenerator struct {
	Name    string           `yaml:"name"`
	Files   []string         `yaml:"files"`
	Options generatorOptions `yaml:"options"`
}

type generatorOptions struct {
	DisableNameSuffixHash bool `yaml:"disableNameSuffixHash,omitempty"`
}

func newComponent() component {
	return component{APIVersion: "kustomize.config.k8s.io/v1alpha1", Kind: "Component"}
}

// secretFile is the file of the Secret that the post-renderer appended.
const secretFile = "secret.yaml"

// Kustomize returns a Component that makes the changes in the kustomization which lists it
// under `components`: kustomization.yaml, and where a plaintext credential needs it
// secret.yaml.
func Kustomize(c Changes) ([]File, error) { return c.component("") }

// component is Kustomize with every name behind a prefix.
func (c Changes) component(folder string) ([]File, error) {
	k := newComponent()
	var err error
	if k.Patches, err = c.patches(); err != nil {
		return nil, err
	}
	if c.HasSecret() {
		k.Resources = []string{secretFile}
	}
	if c.IsEmpty() {
		// A Component without any field is an error to kustomize ("is empty"). This one
		// is about generators, of which there are none.
		k.GeneratorOptions = &generatorOptions{}
	}
	f, err := newFile(folder+"kustomization.yaml", k, "List its folder under `components` of the kustomization that renders the Runtime.")
	if err != nil || !c.HasSecret() {
		return []File{f}, err
	}
	secret, err := c.secretAs(folder + secretFile)
	return []File{f, secret}, err
}

func (c Changes) secretAs(name string, note ...string) (File, error) {
	return newFile(name, c.secret, append([]string{"It holds a credential in plaintext."}, note...)...)
}
