package render_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// wiredFor is a stream in which a plaintext token is wired, but for its Secret.
func wiredFor(name string) string {
	return gen026(appProxy(secretEnv("ARGO_CD_TOKEN", name, "token")), byName(name, "token"))
}

func TestAppendSecret(t *testing.T) {
	base := wiredFor(auth.TokenSecretName)
	appended := "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: gitops-runtime-argo-cd-token\n  labels:\n    app: codefresh-gitops-runtime\n" +
		"    app.kubernetes.io/part-of: codefresh-gitops-runtime\n    app.kubernetes.io/managed-by: Helm\ntype: Opaque\nstringData:\n  token: \"\\x73\\x33\\x63\\x72\\x33\\x74\\x20\\x22\\x30\\x22\"\n"
	for name, tt := range map[string]struct{ in, want string }{
		"as usual":                  {base, base + appended},
		"no final newline":          {strings.TrimSuffix(base, "\n"), base + appended},
		"a separator last":          {base + "---\n", base + "---\n" + appended},
		"a document end":            {base + "...\n", base + "...\n" + appended},
		"a comment last":            {base + "# c", base + "# c\n" + appended},
		"CRLF":                      {crlf(base), crlf(base + appended)},
		"CRLF, cut":                 {strings.TrimSuffix(crlf(base), "\r\n"), crlf(base + appended)},
		"a Secret like it":          {base + secretDoc("gitops-runtime-argo-cd-tokens", ""), base + secretDoc("gitops-runtime-argo-cd-tokens", "") + appended},
		"another kind":              {base + configMapDoc("gitops-runtime-argo-cd-token", "token: x\n"), base + configMapDoc("gitops-runtime-argo-cd-token", "token: x\n") + appended},
		"hidden, but no credential": {base + hiddenDoc("argocd-config.yaml"), base + hiddenDoc("argocd-config.yaml") + appended},
		"hidden, but not Argo CD's": {base + hiddenDoc("db-token.yaml"), base + hiddenDoc("db-token.yaml") + appended},
		"not hidden":                {base + "---\n# Source: c/external-argocd-token.yaml\n", base + "---\n# Source: c/external-argocd-token.yaml\n" + appended},
	} {
		settings := auth.Settings{Declared: true, Auth: plainToken(`s3cr3t "0"`)}
		out, report := run(t, &settings, []byte(tt.in), render.Options{})
		if diff := cmp.Diff(tt.want, string(out)); diff != "" {
			t.Errorf("%s: stream (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff([]render.Secret{{Name: auth.TokenSecretName, State: render.Appended}}, report.Secrets); diff != "" {
			t.Errorf("%s: secrets (-want +got):\n%s", name, diff)
		}
		twice, report := run(t, &settings, out, render.Options{})
		if string(twice) != string(out) || report.Secrets[0].State != render.Present {
			t.Errorf("%s: a second run changes it, or finds %+v", name, report.Secrets)
		}
	}
}

// hiddenDoc is what helm --hide-secret leaves of a Secret.
func hiddenDoc(template string) string {
	return "---\n# Source: gitops-runtime/templates/app-proxy/" + template + "\n# HIDDEN: The Secret output has been suppressed\n"
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func TestSecretInStream(t *testing.T) {
	const given = "s3cr3t-token"
	encoded := base64.StdEncoding.EncodeToString([]byte(given))
	name := auth.TokenSecretName
	for label, tt := range map[string]struct {
		doc   string
		state render.SecretState // "" for an error
	}{
		"stringData":         {secretDoc(name, "stringData:\n  token: s3cr3t-token\n"), render.Present},
		"data":               {secretDoc(name, "data:\n  token: "+encoded+"\n"), render.Present},
		"stringData wins":    {secretDoc(name, "data:\n  token: eA==\nstringData:\n  token: 's3cr3t-token'\n"), render.Present},
		"stringData wins, 2": {secretDoc(name, "data:\n  token: "+encoded+"\nstringData:\n  token: x\n"), ""},
		"another value":      {secretDoc(name, "stringData:\n  token: s3cr3t-token2\n"), ""},
		"no value":           {secretDoc(name, "stringData: {}\n"), ""},
		"no base64":          {secretDoc(name, "data: {token: '%'}\n"), ""},
		"the last key wins":  {secretDoc(name, "stringData:\n  token: x\n  token: s3cr3t-token\n"), render.Present},
		"two glued together, as charts 0.18.0 to 0.24.3 do": {
			secretDoc("gitops-runtime-argo-cd-password", "stringData:\n  token: plaintextpassword---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: "+name+"\ntype: Opaque\nstringData:\n  token: s3cr3t-token\n"), render.Present},
		"hidden":    {"---\n# Source: gitops-runtime/templates/app-proxy/external-argocd-token.yaml\n# HIDDEN: The Secret output has been suppressed\n", render.Hidden},
		"in a list": {"---\nkind: List\nitems:\n- kind: Secret\n  metadata: {name: " + name + "}\n  stringData: {token: s3cr3t-token}\n", render.Present},
	} {
		t.Run(label, func(t *testing.T) {
			settings := auth.Settings{Declared: true, Auth: plainToken(given)}
			in := tt.doc + wiredFor(name)
			if tt.state == "" {
				fails(t, &settings, in, render.Options{}, render.ValuesError)
				return
			}
			out, report := run(t, &settings, []byte(in), render.Options{})
			if string(out) != in {
				t.Errorf("stream changed:\n%s", cmp.Diff(in, string(out)))
			}
			if diff := cmp.Diff([]render.Secret{{Name: name, State: tt.state}}, report.Secrets); diff != "" {
				t.Errorf("secrets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRedactedCredential(t *testing.T) {
	settings := auth.Settings{Declared: true, Auth: plainToken("[redacted]")}
	in := wiredFor(auth.TokenSecretName)
	fails(t, &settings, in, render.Options{}, render.ValuesError)
	in += secretDoc(auth.TokenSecretName, "stringData: {token: whatever}\n")
	if out, report := run(t, &settings, []byte(in), render.Options{}); string(out) != in || report.Secrets[0].State != render.Present {
		t.Errorf("report %+v, stream:\n%s", report.Secrets, out)
	}
}

func TestUnusedSecrets(t *testing.T) {
	in := wiredFor("my-token") + secretDoc(auth.TokenSecretName, "stringData: {token: x}\n") + secretDoc(auth.PasswordSecretName, "stringData: {token: x}\n")
	out, report := run(t, &auth.Settings{Declared: true, Auth: tokenRef("my-token", "token", nil)}, []byte(in), render.Options{})
	want := []render.Secret{{Name: auth.TokenSecretName, State: render.Unused}, {Name: auth.PasswordSecretName, State: render.Unused}}
	if diff := cmp.Diff(want, report.Secrets); diff != "" || string(out) != in {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
}

func TestCredentialNotText(t *testing.T) {
	settings := auth.Settings{Declared: true, Auth: plainToken("s3cr3t\xff")}
	fails(t, &settings, wiredFor(auth.TokenSecretName), render.Options{}, render.ValuesError)
}

// TestSecretWithoutSpace has the chart drop the line end of a token from a file, as
// its unquoted template does: that is still the same credential.
func TestSecretWithoutSpace(t *testing.T) {
	in := wiredFor(auth.TokenSecretName) + secretDoc(auth.TokenSecretName, "stringData:\n  token: s3cr3t\n")
	settings := auth.Settings{Declared: true, Auth: plainToken("s3cr3t\n")}
	out, report := run(t, &settings, []byte(in), render.Options{})
	if string(out) != in || report.Secrets[0].State != render.Present {
		t.Errorf("the Secret is not taken for the chart's own: %+v", report.Secrets)
	}
}
