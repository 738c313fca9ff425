//go:build cluster

package cluster

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// applications is an API server without records of Helm, with Applications that install
// the Runtime with these values; any other object is missing.
func applications(values ...string) http.HandlerFunc {
	var items []string
	for n, v := range values {
		items = append(items, fmt.Sprintf(`{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"runtime-%d","namespace":"argocd"},"spec":{"destination":{"namespace":"argocd"},
			"source":{"repoURL":"https://charts.example.com","chart":"gitops-runtime","targetRevision":"0.27.1","helm":%s}}}`, n, v))
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/api/v1/namespaces/argocd/secrets"):
			fmt.Fprint(w, `{"kind":"SecretList","apiVersion":"v1","items":[]}`)
		case r.URL.Path == "/apis/argoproj.io/v1alpha1/applications":
			fmt.Fprintf(w, `{"kind":"ApplicationList","apiVersion":"argoproj.io/v1alpha1","metadata":{},"items":[%s]}`, strings.Join(items, ","))
		default:
			status(http.StatusNotFound, "NotFound")(w, r)
		}
	}
}

// TestCheckDeclared takes the values, and the version of the chart, from what a GitOps
// engine is given, where Helm has no record.
func TestCheckDeclared(t *testing.T) {
	const old, current = `{"valuesObject":{"global":{"external-argo-cd":{"auth":{"type":"token","token":"s3cr3t"}}}}}`,
		`{"valuesObject":{"global":{"integrations":{"argo-cd":{"server":{"auth":{"type":"token","tokenSecretKeyRef":{"name":"ci","key":"token"}}}}}}}}`
	tests := []struct {
		name   string
		api    http.HandlerFunc
		code   int
		out    string
		errors string
	}{
		{"current", applications(current), 1, `"source": "Application argocd/runtime-0"`, ""},
		{"of an older chart", applications(old), 1, `[moved-block]`, ""},
		{"several", applications(current, current), 2, "", "several Runtimes in namespace \"argocd\": Application argocd/runtime-0, Application argocd/runtime-1"},
		{"none", applications(), 2, "", "Helm has no record, and no Application or HelmRelease installs one there"},
		{"with files alone", applications(`{"valueFiles":["a.yaml"]}`), 2, "", "Application argocd/runtime-0 installs the Runtime, but it takes values from valueFiles"},
		{"with files beside", applications(strings.Replace(current, "{", `{"valueFiles":["a.yaml"],`, 1)), 1, `"source"`, "takes more values from valueFiles, which were not read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := run(t, server(t, tt.api), "", "check", "--no-live", "--format", "json")
			if code != tt.code || !strings.Contains(stdout, tt.out) || !strings.Contains(stderr, tt.errors) || tt.errors == "" && stderr != "" {
				t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
			}
		})
	}
}
