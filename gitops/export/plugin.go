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
	fits := func(s, pattern string) bool { return regexp.MustCompile("^" + pattern + "$").MatchString(s) }
	const (
		// A version and not a range of them, as semver.org has it: charts have no others
		// (helm 3.22, pkg/chart, Metadata.Validate).
		number  = `(0|[1-9]\d*)`
		label   = `(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)`
		version = number + `(\.` + number + `){2}(-` + label + `(\.` + label + `)*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?`
		image   = `\w[\w.:/+-]*(@[a-z0-9+._-]+:[0-9a-fA-F]{32,})?`
		// helm 3.22, pkg/chartutil, ValidateReleaseName
		word       = `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
		release    = word + `(\.` + word + `)*`
		maxRelease = 53
	)
	switch {
	case !fits(o.Chart.Version, version):
		return fmt.Errorf("invalid chart version %q: it must be exact (example: 0.30.0)", o.Chart.Version)
	case !fits(o.Image, image):
		return errors.New("invalid image: it must have the form HOST/NAME:TAG") // there may be a password in it
	case o.Release != "" && (len(o.Release) > maxRelease || !fits(o.Release, release)):
		return fmt.Errorf("invalid release name %q: use lower-case letters, digits, \"-\" and \".\", at most 53", o.Release)
	}
	return o.Chart.Check()
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
	var f files
	repoServer := object{apiVersion: "apps/v1", kind: "Deployment", name: "argocd-repo-server"}
	f.add("kustomization.yaml", component(
		// One name always, so that the repo-server need not be patched to follow it.
		"configMapGenerator", list(mapping("name", pluginName+"-plugin", "files", list(text("plugin.yaml")),
			"options", mapping("disableNameSuffixHash", plain("true")))),
		"patches", list(f.patch(repoServer, repoServer.inPod(sidecar(o.Image)), ""))),
		"List its folder under `components` of the kustomization that installs Argo CD.")
	// github.com/argoproj/argo-cd, cmpserver/plugin/config.go
	f.add("plugin.yaml", mapping(
		"apiVersion", "argoproj.io/v1alpha1", "kind", "ConfigManagementPlugin", "metadata", mapping("name", pluginName),
		"spec", mapping("generate", mapping("command", list(text("sh"), text("-c")), "args", list(text(o.generate()))))),
		"An Application asks for it with `source.plugin.name: "+pluginName+"`; its env VALUES names the values files, with",
		"blanks between them (values.yaml if there is none), CHART_VERSION another version of the chart, and RELEASE",
		"the release.")
	return f.made, f.err
}

// generate is the script that prints manifests. Helm's go into a file, because sh does
// not notice if the first program of a pipe fails. Argo CD sets the ARGOCD_ variables,
// and calls those that the Application names ARGOCD_ENV_ and their name. Whoever writes
// an Application decides what they hold: nothing in them is expanded (-f of set), and none
// of it can become a flag. The name of an Application outside of Argo CD's namespace comes
// as NAMESPACE_NAME, which is none for a release (Argo CD 3.6, reposerver/repository).
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
	return fmt.Sprintf(`set -euf
version=${ARGOCD_ENV_CHART_VERSION:-%s}
release=${ARGOCD_ENV_RELEASE:-%s}
case $version in
*[!0-9A-Za-z.+-]* | [!0-9]*) echo "CHART_VERSION must be an exact version" >&2; exit 2 ;;
[0-9]*.[0-9]*.[0-9]*) ;;
*) echo "CHART_VERSION must be an exact version" >&2; exit 2 ;;
esac
set --
# Both programs split the argument of -f at commas, unless it is quoted.
for file in ${ARGOCD_ENV_VALUES:-values.yaml}; do
  case $file in *\"*) echo "a file in VALUES has a quote in its name" >&2; exit 2 ;; esac
  set -- "$@" -f "\"$file\""
done
manifests=$(mktemp)
trap 'rm -f "$manifests"' EXIT
trap 'exit 1' HUP INT TERM
(
  IFS=,
  for api in ${KUBE_API_VERSIONS:-}; do set -- "$@" --api-versions "$api"; done
  helm template "$@" --version "$version" %s--namespace "$ARGOCD_APP_NAMESPACE" --include-crds \
    --kube-version "$KUBE_VERSION" -- "$release" %s
) >"$manifests"
runtime-auth render "$@" <"$manifests"
`, quote(o.Chart.Version), release, from, quote(chart))
}

// quote writes s as one word of a shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// sidecar is what is added to the pods of the repo-server, as Argo CD's documentation has
// it (docs/operator-manual/config-management-plugins.md).
func sidecar(image string) *yaml.Node {
	mount := func(name, path string, subPath any) *yaml.Node {
		return mapping("name", name, "mountPath", path, "subPath", subPath)
	}
	return mapping(
		"containers", list(mapping(
			"name", pluginName,
			"image", image,
			"command", list(text("/var/run/argocd/argocd-cmp-server")),
			"securityContext", mapping("runAsNonRoot", plain("true"), "runAsUser", plain("999")),
			"env", list(mapping("name", "HELM_CACHE_HOME", "value", "/tmp/helm")),
			"volumeMounts", list(
				mount("var-files", "/var/run/argocd", nil),
				mount("plugins", "/home/argocd/cmp-server/plugins", nil),
				mount(pluginName+"-plugin", "/home/argocd/cmp-server/config/plugin.yaml", "plugin.yaml"),
				mount(pluginName+"-tmp", "/tmp", nil)))),
		"volumes", list(
			mapping("name", pluginName+"-plugin", "configMap", mapping("name", pluginName+"-plugin")),
			mapping("name", pluginName+"-tmp", "emptyDir", mapping())))
}
