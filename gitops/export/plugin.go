package export

import (
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// PluginOptions say what a config management plugin renders, and where it runs.
type PluginOptions struct {
	Chart Chart
	// Image holds helm, runtime-auth and a shell.
	Image string
}

// configManagementPlugin is what Argo CD's sidecars read
// (github.com/argoproj/argo-cd, cmpserver/plugin/config.go).
type configManagementPlugin struct {
	APIVersion string     `yaml:"apiVersion"`
	Kind       string     `yaml:"kind"`
	Metadata   metadata   `yaml:"metadata"`
	Spec       pluginSpec `yaml:"spec"`
}

type pluginSpec struct {
	Generate pluginCommand `yaml:"generate"`
}

type pluginCommand struct {
	Command []string `yaml:"command"`
	Args    []string `yaml:"args"`
}

// pluginName is how an Application asks for the plugin.
const pluginName = "runtime-auth"

// Plugin returns a Component for the kustomization that installs Argo CD: it adds a
// sidecar to the repo-server, and the ConfigMap that makes it a config management plugin
// which renders the chart and wires it with the same values.
func Plugin(o PluginOptions) ([]File, error) {
	repository, name, err := o.Chart.repository()
	if err != nil {
		return nil, err
	}
	chart := quote(o.Chart.Address)
	if !strings.HasPrefix(repository, "oci://") {
		chart = quote(name) + " --repo " + quote(repository)
	}
	plugin, err := newFile("plugin.yaml", configManagementPlugin{
		APIVersion: "argoproj.io/v1alpha1", Kind: "ConfigManagementPlugin", Metadata: metadata{Name: pluginName},
		Spec: pluginSpec{pluginCommand{[]string{"sh", "-c"}, []string{generate(chart, o.Chart.Version)}}},
	}, "An Application asks for it with `source.plugin.name: "+pluginName+"`; its env VALUES names the values files, with",
		"blanks between them (values.yaml if there is none), and CHART_VERSION another version of the chart.")
	if err != nil {
		return nil, err
	}
	k := newComponent()
	// One name always, so that the repo-server need not be patched to follow it.
	k.ConfigMapGenerator = []configMapGenerator{{pluginName + "-plugin", []string{"plugin.yaml"}, generatorOptions{true}}}
	sidecar, err := marshal(repoServer(o.Image))
	if err != nil {
		return nil, err
	}
	k.Patches = []patch{{target{Group: "apps", Version: "v1", Kind: "Deployment", Name: "argocd-repo-server"}, sidecar}}
	f, err := newFile("kustomization.yaml", k, "List its folder under `components` of the kustomization that installs Argo CD.")
	return []File{f, plugin}, err
}

// generate is the script that prints manifests. Helm's go into a file, because sh does
// not notice if the first program of a pipe fails. Argo CD sets the ARGOCD_ variables,
// and calls those that the Application names ARGOCD_ENV_ and their name.
func generate(chart, version string) string {
	return strings.Join([]string{
		"set -eu",
		"set --",
		`for file in ${ARGOCD_ENV_VALUES:-values.yaml}; do set -- "$@" -f "$file"; done`,
		"manifests=$(mktemp)",
		`trap 'rm -f "$manifests"' EXIT`,
		`helm template "$ARGOCD_APP_NAME" ` + chart + ` --version "${ARGOCD_ENV_CHART_VERSION:-` + version + `}" \`,
		`  --namespace "$ARGOCD_APP_NAMESPACE" --include-crds --kube-version "$KUBE_VERSION" "$@" >"$manifests"`,
		`runtime-auth render "$@" <"$manifests"`,
		"",
	}, "\n")
}

// quote writes s as one word of a shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// repoServer is the patch that adds the sidecar, as Argo CD's documentation has it
// (docs/operator-manual/config-management-plugins.md).
func repoServer(image string) *yaml.Node {
	mount := func(name, path, subPath string) *yaml.Node {
		m := mapping("name", text(name), "mountPath", text(path))
		if subPath != "" {
			m.Content = append(m.Content, text("subPath"), text(subPath))
		}
		return m
	}
	sidecar := mapping(
		"name", text(pluginName),
		"image", text(image),
		"command", list(text("/var/run/argocd/argocd-cmp-server")),
		"securityContext", mapping("runAsNonRoot", plain("true"), "runAsUser", plain("999")),
		"env", list(mapping("name", text("HELM_CACHE_HOME"), "value", text("/tmp/helm"))),
		"volumeMounts", list(
			mount("var-files", "/var/run/argocd", ""),
			mount("plugins", "/home/argocd/cmp-server/plugins", ""),
			mount(pluginName+"-plugin", "/home/argocd/cmp-server/config/plugin.yaml", "plugin.yaml"),
			mount(pluginName+"-tmp", "/tmp", "")))
	volumes := list(
		mapping("name", text(pluginName+"-plugin"), "configMap", mapping("name", text(pluginName+"-plugin"))),
		mapping("name", text(pluginName+"-tmp"), "emptyDir", &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}))
	return mapping("apiVersion", text("apps/v1"), "kind", text("Deployment"), "metadata", mapping("name", text("argocd-repo-server")),
		"spec", mapping("template", mapping("spec", mapping("containers", list(sidecar), "volumes", volumes))))
}

func list(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Content: items}
}

// plain is a scalar that is no string.
func plain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }
