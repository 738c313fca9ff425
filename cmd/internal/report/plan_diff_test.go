package report_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
)

func planDiff(t *testing.T, color bool, wired render.Report, before, after string) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.PlanDiff(&out, color, wired, []byte(before), []byte(after)); err != nil {
		t.Fatal(err)
	}
	if err := report.PlanDiff(broken{}, color, wired, []byte(before), []byte(after)); (err == nil) != (out.Len() == 0) {
		t.Errorf("a closed pipe gives %v", err)
	}
	return out.String()
}

// The documents of the example chart that are wired, and no others.
func TestPlanDiff(t *testing.T) {
	for _, g := range []string{"g1", "g2", "g3"} {
		t.Run(g, func(t *testing.T) {
			in, err := os.ReadFile("../../../examples/manifests/" + g + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			p := planOf(t, in, &out)
			golden(t, "plan/"+g+".diff", planDiff(t, false, p.Wiring, string(in), out.String()))
		})
	}
}

func TestPlanDiffOfStreams(t *testing.T) {
	known := "argocd.s3cr3t.4711"
	encoded := base64.StdEncoding.EncodeToString([]byte(known))
	for _, test := range []struct{ name, before, after, want string }{
		{"nothing", "a: 1\n---\nb: 1\n", "a: 1\n---\nb: 1\n", ""},
		{"the second document", "a: 1\n---\n# Source: c/templates/d.yaml\nkind: Deployment\nmetadata: {name: d}\nb: true\n", "a: 1\n---\n# Source: c/templates/d.yaml\nkind: Deployment\nmetadata: {name: d}\nb: false\n",
			"\ndocument 2 (line 2): Deployment/d, from c/templates/d.yaml\n--- a/Deployment/d\n+++ b/Deployment/d\n@@ -2,4 +2,4 @@\n # …\n kind: Deployment\n metadata: {name: d}\n-b: true\n+b: false\n"},
		{"a new Secret behind a line without an end", "a: 1", "a: 1\n---\nkind: Secret\nmetadata: {name: s}\nstringData: {token: \"" + known + "\"}\n",
			"\ndocument 1 (line 1): /\n--- a/\n+++ b/\n@@ -1,1 +1,1 @@\n-a: …\n\\ No newline at end of file\n+a: …\n" +
				"\ndocument 2 (new): Secret/s\n--- a/Secret/s\n+++ b/Secret/s\n@@ -0,0 +1,4 @@\n+---\n+kind: Secret\n+metadata: {name: s}\n+stringData: {token: …}\n"},
		{"credentials on both sides and around", "kind: D\nenv:\n# " + known + "\n- {name: A, value: " + encoded + "}\n- {name: ARGO_CD_TOKEN, value: s3cr3t}\n- {name: B_PASSWORD, value: s3cr3t}\n- {name: C, value: " + known + "}\n",
			"kind: D\nenv:\n# " + known + "\n- {name: A, value: " + encoded + "}\n- {name: ARGO_CD_TOKEN, valueFrom: {secretKeyRef: {name: a, key: b}}}\n- {name: B_PASSWORD, value: s3cr3t}\n- {name: C, value: " + known + "}\n",
			"\ndocument 1 (line 1): D/\n--- a/D/\n+++ b/D/\n@@ -2,6 +2,6 @@\n env:\n # …\n - {name: A, value: …}\n-- {name: ARGO_CD_TOKEN, value: …}\n+- {name: ARGO_CD_TOKEN, valueFrom: {secretKeyRef: {name: a, key: b}}}\n - {name: B_PASSWORD, value: …}\n - {name: C, value: …}\n"},
		{"values that are redacted", "kind: ConfigMap\nmetadata: {name: helm-values-config}\ndata:\n  values.yaml: |\n    auth: {token: s3cr3t}\n", "kind: ConfigMap\nmetadata: {name: helm-values-config}\ndata:\n  values.yaml: |\n    auth: {token: \"[redacted]\"}\n",
			"\ndocument 1 (line 1): ConfigMap/helm-values-config\nit differs only in what is hidden here\n"},
		{"only what is hidden", "token: s3cr3t\n", "token: s3cr3t-2\n", "\ndocument 1 (line 1): /\nit differs only in what is hidden here\n"},
		{"what does not parse", "a: b: s3cr3t\n", "a: b: s3cr3t\n\n", "\ndocument 1 (line 1): unknown\n--- a/unknown\n+++ b/unknown\n@@ -1,1 +1,2 @@\n …\n+\n"},
		{"a list, with the credential for a name", "kind: List\nitems:\n- {kind: A, metadata: {name: a}}\n- {kind: B, metadata: {name: " + known + "}}\n- {kind: C, x: true}\n- {kind: D}\n", "kind: List\nitems:\n- {kind: A, metadata: {name: a}}\n- {kind: B, metadata: {name: " + known + "}}\n- {kind: C, x: false}\n- {kind: D}\n",
			"\ndocument 1 (line 1): A/a, B/…, C/, and 1 more\n--- a/A/a, B/…, C/, and 1 more\t\n+++ b/A/a, B/…, C/, and 1 more\t\n@@ -2,5 +2,5 @@\n items:\n - {kind: A, metadata: {name: a}}\n - {kind: B, metadata: {name: …}}\n-- {kind: C, x: true}\n+- {kind: C, x: false}\n - {kind: D}\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := planDiff(t, false, render.Report{}, test.before, test.after)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if strings.Contains(got, canary) || strings.Contains(got, encoded) {
				t.Error("a credential is printed")
			}
			colored := planDiff(t, true, render.Report{}, test.before, test.after)
			if (got != "") != strings.Contains(colored, "\x1b[1mdocument") {
				t.Errorf("in colours: %q", colored)
			}
		})
	}
}

// What stands where a name should is shown if it is plain or the run has wired it.
func TestPlanDiffHidesMisplacedCredentials(t *testing.T) {
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhOnMzY3IzdCJ9.czNjcjN0LXMzY3IzdA"
	manifest := func(entries ...string) string { return "env:\n" + strings.Join(entries, "\n") + "\n" }
	wired := render.Report{Services: []render.Service{{Env: []wiring.Env{
		{Name: "ARGO_CD_PASSWORD", After: keyOf(wiring.SecretSource, "team-9x8y7z6w", "k")}, {Name: "ARGO_CD_USERNAME", After: ownValue("runtime4you")},
	}}}}
	got := planDiff(t, false, wired, manifest(
		"- {name: A, valueFrom: {secretKeyRef: {name: argocd-token, key: "+token+"}}}",
		"- {name: B, valueFrom: {secretKeyRef: {name: hunter2x, key: token}}}",
		"- {name: C, valueFrom: {configMapKeyRef: {name: cap-app-proxy-cm, key: hunter2y}}}",
		"- {name: ARGO_CD_USERNAME, value: hunter2z}",
		"- {name: ARGO_CD_TOKEN_SECRET_KEY, value: hunter2w}",
		"x: {auth: {username: hunter2v, tokenSecretKeyRef: {name: hunter2u, key: token}}}",
	), manifest(
		"- {name: A, valueFrom: {secretKeyRef: {name: team-9x8y7z6w, key: k}}}",
		"- {name: B, valueFrom: {secretKeyRef: {name: hunter2x, key: token}}}",
		"- {name: C, valueFrom: {configMapKeyRef: {name: cap-app-proxy-cm, key: hunter2y}}}",
		"- {name: ARGO_CD_USERNAME, value: runtime4you}",
		"- {name: ARGO_CD_TOKEN_SECRET_KEY, value: k}",
		"x: {auth: {username: hunter2v, tokenSecretKeyRef: {name: hunter2u, key: token}}}",
	))
	want := "\ndocument 1 (line 1): /\n--- a/\n+++ b/\n@@ -1,7 +1,7 @@\n env:\n" +
		"-- {name: A, valueFrom: {secretKeyRef: {name: argocd-token, key: …}}}\n" +
		"+- {name: A, valueFrom: {secretKeyRef: {name: team-9x8y7z6w, key: k}}}\n" +
		" - {name: B, valueFrom: {secretKeyRef: {name: …, key: token}}}\n" +
		" - {name: C, valueFrom: {configMapKeyRef: {name: cap-app-proxy-cm, key: …}}}\n" +
		"-- {name: ARGO_CD_USERNAME, value: …}\n" +
		"-- {name: ARGO_CD_TOKEN_SECRET_KEY, value: …}\n" +
		"+- {name: ARGO_CD_USERNAME, value: runtime4you}\n" +
		"+- {name: ARGO_CD_TOKEN_SECRET_KEY, value: k}\n" +
		" x: {auth: {username: …, tokenSecretKeyRef: {name: …, key: token}}}\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
