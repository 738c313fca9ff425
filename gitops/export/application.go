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

// kustomization renders a chart (sigs.k8s.io/kustomize/api/types, HelmChart).
type kustomization struct {
	APIVersion string      `yaml:"apiVersion"`
	Kind       string      `yaml:"kind"`
	Namespace  string      `yaml:"namespace"`
	HelmCharts []helmChart `yaml:"helmCharts"`
	Components []string    `yaml:"components"`
}

type helmChart struct {
	Name        string `yaml:"name"`
	Repo        string `yaml:"repo"`
	Version     string `yaml:"version"`
	ReleaseName string `yaml:"releaseName"`
	Namespace   string `yaml:"namespace"`
	IncludeCRDs bool   `yaml:"includeCRDs"`
	ValuesFile  string `yaml:"valuesFile"`
}

// application is an Argo CD Application, as far as it is needed here
// (github.com/argoproj/argo-cd, pkg/apis/application/v1alpha1, types.go).
type application struct {
	APIVersion string          `yaml:"apiVersion"`
	Kind       string          `yaml:"kind"`
	Metadata   metadata        `yaml:"metadata"`
	Spec       applicationSpec `yaml:"spec"`
}

type metadata struct {
	Name      string `yaml:"name"`
	Namespace string `yaml:"namespace,omitempty"`
}

type applicationSpec struct {
	Project     string      `yaml:"project"`
	Source      source      `yaml:"source"`
	Destination destination `yaml:"destination"`
}

type source struct {
	RepoURL        string `yaml:"repoURL"`
	Path           string `yaml:"path"`
	TargetRevision string `yaml:"targetRevision"`
}

type destination struct {
	Server    string `yaml:"server"`
	Namespace string `yaml:"namespace"`
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
	app, err := newFile("application.yaml", application{
		APIVersion: "argoproj.io/v1alpha1", Kind: "Application", Metadata: metadata{o.Name, o.Namespace},
		Spec: applicationSpec{
			Project:     "default",
			Source:      source{o.Repository, o.Path, o.Revision},
			Destination: destination{"https://kubernetes.default.svc", o.Namespace},
		},
	}, "Argo CD renders its chart only if argocd-cm has `kustomize.buildOptions: --enable-helm`.")
	if err != nil {
		return nil, err
	}
	k, err := newFile("kustomization.yaml", kustomization{
		APIVersion: "kustomize.config.k8s.io/v1beta1", Kind: "Kustomization", Namespace: o.Namespace,
		HelmCharts: []helmChart{{
			Name: name, Repo: repository, Version: o.Chart.Version, ReleaseName: o.Name,
			Namespace: o.Namespace, IncludeCRDs: true, ValuesFile: "values.yaml",
		}},
		Components: []string{"runtime-auth"},
	})
	if err != nil {
		return nil, err
	}
	wiring, err := c.component("runtime-auth/")
	if err != nil {
		return nil, err
	}
	values, err := fileOf("values.yaml", o.Values)
	return append([]File{app, k, values}, wiring...), err
}
