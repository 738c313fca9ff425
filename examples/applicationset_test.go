package examples

import (
	"testing"

	k8syaml "sigs.k8s.io/yaml"
)

// applicationSet is argoproj.io/v1alpha1, as far as the example goes
// (github.com/argoproj/argo-cd, pkg/apis/application/v1alpha1, applicationset_types.go).
type applicationSet struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   map[string]string `json:"metadata"`
	Spec       struct {
		GoTemplate        bool     `json:"goTemplate"`
		GoTemplateOptions []string `json:"goTemplateOptions"`
		Generators        []struct {
			Git struct {
				RepoURL  string `json:"repoURL"`
				Revision string `json:"revision"`
				Files    []struct {
					Path string `json:"path"`
				} `json:"files"`
			} `json:"git"`
		} `json:"generators"`
		Strategy struct {
			Type        string `json:"type"`
			RollingSync struct {
				Steps []struct {
					MatchExpressions []struct {
						Key      string   `json:"key"`
						Operator string   `json:"operator"`
						Values   []string `json:"values"`
					} `json:"matchExpressions"`
					MaxUpdate any `json:"maxUpdate"`
				} `json:"steps"`
			} `json:"rollingSync"`
		} `json:"strategy"`
		Template struct {
			Metadata struct {
				Name   string            `json:"name"`
				Labels map[string]string `json:"labels"`
			} `json:"metadata"`
			Spec struct {
				Project string `json:"project"`
				Source  struct {
					RepoURL        string `json:"repoURL"`
					TargetRevision string `json:"targetRevision"`
					Path           string `json:"path"`
					Plugin         struct {
						Name string `json:"name"`
						Env  []struct {
							Name  string `json:"name"`
							Value string `json:"value"`
						} `json:"env"`
					} `json:"plugin"`
				} `json:"source"`
				Destination struct {
					Server    string `json:"server"`
					Namespace string `json:"namespace"`
				} `json:"destination"`
			} `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
}

// readApplicationSet reads the example and refuses fields that Argo CD does not know. A
// step selects Applications by their labels, so that every label it asks for must be in
// the template.
func readApplicationSet(t testing.TB) applicationSet {
	t.Helper()
	var s applicationSet
	if err := k8syaml.UnmarshalStrict([]byte(read(t, "gitops/fleet/applicationset.yaml")), &s); err != nil {
		t.Fatal(err)
	}
	if s.APIVersion != "argoproj.io/v1alpha1" || s.Kind != "ApplicationSet" || s.Spec.Strategy.Type != "RollingSync" {
		t.Fatalf("it is a %s of %s with the strategy %s", s.Kind, s.APIVersion, s.Spec.Strategy.Type)
	}
	for _, step := range s.Spec.Strategy.RollingSync.Steps {
		for _, e := range step.MatchExpressions {
			if s.Spec.Template.Metadata.Labels[e.Key] == "" || e.Operator != "In" && e.Operator != "NotIn" {
				t.Errorf("a step selects by %s %s, which no Application has", e.Key, e.Operator)
			}
		}
	}
	return s
}
