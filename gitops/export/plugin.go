package export

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// PluginOptions say what a config management plugin renders, and where it runs.
type PluginOptions struct {
	Chart Chart
	// Image holds helm, runtime-auth and a shell.
	Image string
	// Release is the name of the release; "" for that of the Application.
	Release string
}

// Check refuses a version, an image or a name of a release that helm or Kubernetes would.
func (o PluginOptions) Check() error {
	switch {
	case !isVersion(o.Chart.Version):
		return fmt.Errorf("invalid chart version %q: it must be exact (example: 0.30.0)", o.Chart.Version)
	case !regexp.MustCompile(`^\w[\w.:/+-]*(@[a-z0-9+._-]+:[0-9a-fA-F]{32,})?$`).MatchString(o.Image):
		return errors.New("invalid image: it must have the form HOST/NAME:TAG") // there may be a password in it
	case o.Release != "" && !isRelease(o.Release):
		return fmt.Errorf("invalid release name %q: use lower-case letters, digits, \"-\" and \".\", at most 53", o.Release)
	}
	return o.Chart.Check()
}

// isVersion reports whether a version is one and not a range of them, as semver.org has it:
// charts have no others (helm 3.22, pkg/chart, Metadata.Validate).
func isVersion(s string) bool {
	return regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)` +
		`(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$`).MatchString(s)
}

// isRelease reports whether Helm takes a name for one of a release (helm 3.22,
// pkg/chartutil, ValidateReleaseName).
func isRelease(s string) bool {
	return len(s) <= 53 && regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`).MatchString(s)
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
	if err := o.Check(); err != nil {
		return nil, err
	}
	plugin, err := newFile("plugin.yaml", configManagementPlugin{
		APIVersion: "argoproj.io/v1alpha1", Kind: "ConfigManagementPlugin", Metadata: metadata{Name: pluginName},
		Spec: pluginSpec{pluginCommand{[]string{"sh", "-c"}, []string{o.generate()}}},
	}, "An Application asks for it with `source.plugin.name: "+pluginName+"`; its env VALUES names the values files, with",
		"blanks between them (values.yaml if there is none), CHART_VERSION another version of the chart, and RELEASE",
		"the release.")
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
// and calls those that the Application names ARGOCD_ENV_ and their name. Whoever writes
// an Application decides what they hold: nothing in them is expanded, and none of it can
// become a flag. The name of an Application outside of Argo CD's namespace comes as
// NAMESPACE_NAME, which is none for a release (Argo CD 3.6, reposerver/repository).
func (o PluginOptions) generate() string {
	repository, name, _ := o.Chart.repository() // was checked
	chart, from := o.Chart.Address, ""
	if !strings.HasPrefix(repository, "oci://") {
		chart, from = name, "--repo "+quote(repository)+" "
	}
	release := `"${ARGOCD_APP_NAME##*_}"`
	if o.Release != "" {
		release = quote(o.Release)
	}
	return strings.Join([]string{
		"set -euf", // f: a * in the name of a file is one
		"version=${ARGOCD_ENV_CHART_VERSION:-" + quote(o.Chart.Version) + "}",
		"release=${ARGOCD_ENV_RELEASE:-" + release + "}",
		`case $version in`,
		`*[!0-9A-Za-z.+-]* | [!0-9]*) echo "CHART_VERSION must be an exact version" >&2; exit 2 ;;`,
		`[0-9]*.[0-9]*.[0-9]*) ;;`,
		`*) echo "CHART_VERSION must be an exact version" >&2; exit 2 ;;`,
		`esac`,
		"set --",
		"# Both programs split the argument of -f at commas, unless it is quoted.",
		`for file in ${ARGOCD_ENV_VALUES:-values.yaml}; do`,
		`  case $file in *\"*) echo "a file in VALUES has a quote in its name" >&2; exit 2 ;; esac`,
		`  set -- "$@" -f "\"$file\""`,
		"done",
		"manifests=$(mktemp)",
		`trap 'rm -f "$manifests"' EXIT`,
		`trap 'exit 1' HUP INT TERM`,
		"(",
		"  IFS=,",
		`  for api in ${KUBE_API_VERSIONS:-}; do set -- "$@" --api-versions "$api"; done`,
		`  helm template "$@" --version "$version" ` + from + `--namespace "$ARGOCD_APP_NAMESPACE" --include-crds \`,
		`    --kube-version "$KUBE_VERSION" -- "$release" ` + quote(chart),
		`) >"$manifests"`,
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
