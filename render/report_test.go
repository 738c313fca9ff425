package render_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// TestReport pins the JSON form of a report.
func TestReport(t *testing.T) {
	app := appProxy("- name: ARGO_CD_PASSWORD\n  value: s3cr3t-old\n- name: ARGO_CD_TOKEN\n  valueFrom: {fieldRef: {fieldPath: x}}\n- name: ARGO_CD_USERNAME\n  valueFrom: {configMapKeyRef: {name: cm, key: u}}\n",
		"  namespace: ns\n", chartLabel("0.26.1-rc1"))
	in := app + workloadDoc("Deployment", "argo-gateway", "argo-gateway", "- name: ARGO_CD_TOKEN_SECRET_NAME\n  value: s3cr3t-token\n") +
		workloadDoc("DaemonSet", "x", "y", byName("gitops-runtime-argo-cd-token", "token"))
	settings := auth.Settings{Declared: true, Auth: plainToken("s3cr3t-token"), GitOpsOperatorDisabled: new(true)}
	_, report := run(t, &settings, []byte(in), render.Options{AllowMissing: []string{"runtime-event-reporter", "cluster-event-reporter"}})
	got, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "chart": {
    "version": "0.26.1-rc1",
    "generation": "0.26+"
  },
  "values": "",
  "mode": "token",
  "credential": {
    "name": "gitops-runtime-argo-cd-token",
    "key": "token"
  },
  "services": [
    {
      "service": "app-proxy",
      "kind": "Deployment",
      "name": "cap-app-proxy",
      "namespace": "ns",
      "container": "cap-app-proxy",
      "document": 1,
      "env": [
        {
          "name": "ARGO_CD_PASSWORD",
          "state": "removed",
          "before": "value [redacted]"
        },
        {
          "name": "ARGO_CD_TOKEN",
          "state": "replaced",
          "before": "something else",
          "after": "secret gitops-runtime-argo-cd-token/token"
        },
        {
          "name": "ARGO_CD_USERNAME",
          "state": "removed",
          "before": "configMap cm/u"
        }
      ]
    },
    {
      "service": "argo-gateway",
      "kind": "Deployment",
      "name": "argo-gateway",
      "container": "argo-gateway",
      "document": 2,
      "env": [
        {
          "name": "ARGO_CD_TOKEN_SECRET_KEY",
          "state": "set",
          "after": "value \"token\""
        },
        {
          "name": "ARGO_CD_TOKEN_SECRET_NAME",
          "state": "replaced",
          "before": "value [redacted]",
          "after": "value \"gitops-runtime-argo-cd-token\""
        }
      ]
    },
    {
      "service": "other",
      "kind": "DaemonSet",
      "name": "x",
      "container": "y",
      "document": 3,
      "env": [
        {
          "name": "ARGO_CD_TOKEN_SECRET_KEY",
          "state": "already-right",
          "before": "value \"token\"",
          "after": "value \"token\""
        },
        {
          "name": "ARGO_CD_TOKEN_SECRET_NAME",
          "state": "already-right",
          "before": "value \"gitops-runtime-argo-cd-token\"",
          "after": "value \"gitops-runtime-argo-cd-token\""
        }
      ]
    }
  ],
  "secrets": [
    {
      "name": "gitops-runtime-argo-cd-token",
      "state": "appended"
    }
  ],
  "runtimes": [
    {
      "namespace": "ns",
      "chart": {
        "version": "0.26.1-rc1",
        "generation": "0.26+"
      },
      "values": "",
      "mode": "token",
      "credential": {
        "name": "gitops-runtime-argo-cd-token",
        "key": "token"
      }
    }
  ],
  "missing": [
    "runtime-event-reporter",
    "cluster-event-reporter"
  ],
  "warnings": []
}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if strings.Contains(string(got), "s3cr3t") {
		t.Error("the report shows a credential")
	}
}

// A credential that stands where a name should is not in the report: as the name of a
// Secret or an object, as a key, as the username. What is declared is shown, unless it is a
// token by its looks; what manifests say of themselves nobody has declared.
func TestReportHidesMisplacedCredentials(t *testing.T) {
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhOnMzY3IzdCJ9.czNjcjN0LXMzY3IzdA"
	user := "- name: ARGO_CD_USERNAME\n  value: hunter2x\n"
	app := appProxy(secretEnv("ARGO_CD_TOKEN", token, "hunter2x") + user)
	agreed := gen026(appProxy(secretEnv("ARGO_CD_PASSWORD", "argocd-pw", "hunter2x")+user), byName("argocd-token", "token"))
	for name, tt := range map[string]struct {
		in    string
		auth  auth.Auth
		shown []string
	}{
		"declared": {gen026(app, byName("hunter2x", token)) + workloadDoc("Deployment", token, "Hunter2x", byName("a", "b")),
			passwordRef(auth.SecretRef{Name: "team-9x8y7z6w", Key: "k-1a2b3c"}, "runtime4you"),
			[]string{"secret team-9x8y7z6w/k-1a2b3c", `value \"runtime4you\"`, `"name": "…"`, `"container": "…"`}},
		"declared, a token for a key": {gen026(app, byName("a", "b")), tokenRef("team-9x8y7z6w", token, nil), []string{"secret team-9x8y7z6w/…", `"key": "…"`}},
		"by nobody":                   {agreed, auth.Auth{}, []string{"secret argocd-pw/…", `"key": "…"`}},
	} {
		_, report := run(t, &auth.Settings{Declared: tt.auth.Mode != "", Auth: tt.auth}, []byte(tt.in), render.Options{})
		got, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"eyJ", "unter2"} {
			if strings.Contains(string(got), secret) {
				t.Errorf("%s: %q in %s", name, secret, got)
			}
		}
		for _, want := range tt.shown {
			if !strings.Contains(string(got), want) {
				t.Errorf("%s: no %q in %s", name, want, got)
			}
		}
	}
}
