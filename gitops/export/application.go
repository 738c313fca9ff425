package export

import (
	"fmt"
	"path"
	"strings"
)

// Chart names a chart: an address of the form REPOSITORY/NAME, and a version.
type Chart struct {
	Address string
	Version string
}

// Check refuses the address of a chart that is not in a repository.
func (c Chart) Check() error {
	_, _, err := c.repository()
	return err
}

func (c Chart) repository() (repository, name string, err error) {
	repository, name = path.Split(c.Address)
	repository = strings.TrimSuffix(repository, "/")
	if !strings.Contains(repository, "://") || name == "" {
		address := c.Address
		if strings.Contains(address, "@") { // there may be a password in front of it
			address = "…"
		}
		return "", "", fmt.Errorf("%q is no address of a chart, it must be like oci://HOST/FOLDER/gitops-runtime", address)
	}
	return repository, name, nil
}

// ApplicationOptions say what stands in an Application besides the wiring.
type ApplicationOptions struct {
	Name      string // of the Application and of the release
	Namespace string // of the Runtime, which is Argo CD's own
	Chart     Chart
	Values    []byte // the values file, as it is
	// Repository, Path and Revision say where in git the folder of the export will be.
	Repository, Path, Revision string
}

// Application returns an Argo CD Application, and the folder in git that it is about: a
// kustomization that renders the chart with the values and makes the changes. The
// Application is the first of the files. Argo CD renders charts in kustomizations only
// where argocd-cm has `kustomize.buildOptions: --enable-helm`.
func Application(c Changes, o ApplicationOptions) ([]File, error) {
	repository, name, err := o.Chart.repository()
	if err != nil {
		return nil, err
	}
	var f files
	// github.com/argoproj/argo-cd, pkg/apis/application/v1alpha1, types.go
	f.add("application.yaml", mapping(
		"apiVersion", "argoproj.io/v1alpha1", "kind", "Application",
		"metadata", mapping("name", o.Name, "namespace", given(o.Namespace)),
		"spec", mapping(
			"project", "default",
			"source", mapping("repoURL", o.Repository, "path", o.Path, "targetRevision", o.Revision),
			"destination", mapping("server", "https://kubernetes.default.svc", "namespace", o.Namespace))),
		"Argo CD renders its chart only if argocd-cm has `kustomize.buildOptions: --enable-helm`.")
	// sigs.k8s.io/kustomize/api/types, HelmChart
	f.add("kustomization.yaml", mapping(
		"apiVersion", "kustomize.config.k8s.io/v1beta1", "kind", "Kustomization", "namespace", o.Namespace,
		"helmCharts", list(mapping(
			"name", name, "repo", repository, "version", o.Chart.Version, "releaseName", o.Name,
			"namespace", o.Namespace, "includeCRDs", plain("true"), "valuesFile", "values.yaml")),
		"components", list(text("runtime-auth"))))
	f.addText("values.yaml", o.Values)
	f.addComponent("runtime-auth/", c)
	return f.made, f.err
}
