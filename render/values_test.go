package render_test

import (
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

func authValues(block string) string {
	return "global:\n  external-argo-cd:\n    auth: " + block + "\n"
}

func TestValuesFromStream(t *testing.T) {
	in := gen026(appProxy(passwordEnv()), byName("argocd-token", "token"))
	ref := func(name string) string {
		return authValues("{type: token, tokenSecretKeyRef: {name: " + name + ", key: k}}")
	}
	for name, tt := range map[string]struct {
		in   string
		want string // the Secret that is wired
		from string
	}{
		"helm-values-config": {valuesDoc(ref("a")) + in, "a", "ConfigMap/helm-values-config"},
		"before 0.20":        {in + strings.Replace(valuesDoc(ref("a")), "helm-values-config", "validate-values-config", 1), "a", "ConfigMap/validate-values-config"},
		"twice the same":     {valuesDoc(ref("b")) + in + valuesDoc(ref("b")), "b", "ConfigMap/helm-values-config"},
		"one without values": {valuesDoc(ref("a")) + in + configMapDoc("helm-values-config", "x: y\n"), "a", "ConfigMap/helm-values-config"},
		"in one string":      {configMapDoc("helm-values-config", "values.yaml: '{global: {external-argo-cd: {auth: {type: token, tokenSecretKeyRef: {name: c, key: k}}}}}'\n") + in, "c", "ConfigMap/helm-values-config"},
	} {
		out, report := run(t, nil, []byte(tt.in), render.Options{})
		if got := effective(t, out)["app-proxy/ARGO_CD_TOKEN"]; got != "secret "+tt.want+"/k" || report.Values != tt.from {
			t.Errorf("%s: wired %q by values from %q", name, got, report.Values)
		}
	}
}

func TestNoValues(t *testing.T) {
	in := gen026(appProxy(""), "")
	for name, stream := range map[string]string{"none": in, "of another ConfigMap": strings.Replace(valuesDoc(authValues("{type: token}")), "helm-values", "my-values", 1) + in} {
		e := fails(t, nil, stream, render.Options{}, render.ValuesError)
		for _, way := range []string{"--values", "--set", "RUNTIME_AUTH_VALUES", "helm runtime-auth install"} {
			if !strings.Contains(e.Hint, way) {
				t.Errorf("%s: hint %q does not name %s", name, e.Hint, way)
			}
		}
	}
}

func TestInvalidValuesInStream(t *testing.T) {
	in := gen026(appProxy(""), "")
	e := fails(t, nil, valuesDoc(authValues("{type: token}"))+in, render.Options{}, render.ValuesError)
	if len(e.Diagnostics) != 1 || e.Diagnostics[0].Rule != "no-credential" {
		t.Errorf("diagnostics %+v", e.Diagnostics)
	}
	_, report := run(t, nil, []byte(valuesDoc(authValues("{type: token, token: no-token}"))+in), render.Options{})
	if len(report.Warnings) != 2 || report.Warnings[0].Rule != "malformed-token" {
		t.Errorf("what a credential looks like must not stop the run: %+v", report.Warnings)
	}
}

// TestValuesDiffer: values in the stream that contradict the given ones stop the run,
// unless they are meant to be overridden.
func TestValuesDiffer(t *testing.T) {
	in := gen026(appProxy(""), "")
	ref := func(name string) string {
		return authValues("{type: token, tokenSecretKeyRef: {name: " + name + ", key: k}}")
	}
	bundled := tokenSettings()
	bundled.BundledArgoCD = new(false)
	user := &auth.Settings{Declared: true, Auth: passwordRef(auth.SecretRef{Name: "p", Key: "k"}, "svc")}
	for name, tt := range map[string]struct {
		given  *auth.Settings
		values string
		about  string // in the message, "" if nothing differs
	}{
		"same":                       {tokenSettings(), ref("my-token"), ""},
		"another Secret":             {tokenSettings(), ref("other"), "credential"},
		"not valid":                  {tokenSettings(), authValues("{type: token}"), "not valid"},
		"the chart's default":        {tokenSettings(), authValues("{type: password}"), ""},
		"another username":           {user, authValues("{type: password, username: other, passwordSecretKeyRef: {name: p, key: k}}"), "credential"},
		"another Argo CD":            {bundled, ref("my-token") + "argo-cd: {enabled: true}\n", "argo-cd.enabled"},
		"of what was not given":      {tokenSettings(), ref("my-token") + "argo-cd: {enabled: true}\n", ""},
		"switches of undeclared":     {&auth.Settings{GitOpsOperatorDisabled: new(true)}, ref("my-token") + "gitops-operator: {enabled: true}\n", "gitops-operator.enabled"},
		"undeclared, and not valid":  {&auth.Settings{}, authValues("{type: token}"), "not valid"},
		"undeclared, and they agree": {&auth.Settings{}, ref("my-token"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			stream := valuesDoc(tt.values) + in
			if tt.about != "" {
				e := fails(t, tt.given, stream, render.Options{}, render.ValuesError)
				if !strings.Contains(e.Message, tt.about) {
					t.Errorf("message %q", e.Message)
				}
				if !tt.given.Declared {
					return
				}
			}
			out, report := run(t, tt.given, []byte(stream), render.Options{OverrideStreamValues: true})
			want := "secret my-token/k"
			if tt.given == user {
				want = "secret p/k"
			}
			got := effective(t, out)
			if got["app-proxy/ARGO_CD_TOKEN"] != want && got["app-proxy/ARGO_CD_PASSWORD"] != want || len(report.Warnings) > 0 && tt.given != bundled && tt.about == "" && name != "of what was not given" {
				t.Errorf("%v, warnings %+v", got, report.Warnings)
			}
		})
	}
}

// TestUndeclared: values that declare nothing change nothing. What the stream says itself
// decides, and where it says nothing the manifests have to agree.
func TestUndeclared(t *testing.T) {
	token := secretEnv("ARGO_CD_TOKEN", "my-token", "k")
	user := "- name: ARGO_CD_USERNAME\n  value: svc\n"
	password := secretEnv("ARGO_CD_PASSWORD", "my-password", "k") + user
	own := byName("argocd-token", "token")
	for name, tt := range map[string]struct {
		in     string
		mode   auth.Mode // "" if it is refused
		secret string
	}{
		"a token":                           {gen026(appProxy(token), byName("my-token", "k")), auth.ModeToken, "my-token"},
		"a password":                        {gen026(appProxy(password), own), auth.ModePassword, "my-password"},
		"the chart's default":               {gen026(appProxy(passwordEnv()), own), auth.ModePassword, "argocd-initial-admin-secret"},
		"as charts 0.18 to 0.24.3 have it":  {gen018(appProxy(secretEnv("ARGO_CD_PASSWORD", "my-token", "k")+token+user), byName("my-token", "k")), auth.ModeToken, "my-token"},
		"a username from a Secret":          {gen018(appProxy(secretEnv("ARGO_CD_PASSWORD", "my-password", "k")+secretEnv("ARGO_CD_USERNAME", "my-user", "u")), own), auth.ModePassword, "my-password"},
		"a username from nowhere":           {gen026(appProxy(secretEnv("ARGO_CD_PASSWORD", "my-password", "k")+"- name: ARGO_CD_USERNAME\n  valueFrom: {configMapKeyRef: {name: cm, key: u}}\n"), own), auth.ModePassword, "my-password"},
		"app-proxy has another one":         {gen026(appProxy(token), byName("other", "k")), "", ""},
		"one of the others has another one": {gen026(appProxy(token), byName("my-token", "k")) + workloadDoc("Deployment", "x", "x", byName("other", "k")), "", ""},
		"app-proxy has none":                {gen026(appProxy(""), own), "", ""},
		"a token beside a password":         {gen026(appProxy(token+password), own), "", ""},
		"half a reference":                  {gen026(appProxy(token), "- name: ARGO_CD_TOKEN_SECRET_NAME\n  value: my-token\n"), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.mode == "" {
				e := fails(t, &auth.Settings{}, tt.in, render.Options{}, render.ValuesError)
				if !strings.Contains(e.Message, "do not agree") {
					t.Errorf("message %q", e.Message)
				}
				return
			}
			out, report := run(t, &auth.Settings{}, []byte(tt.in), render.Options{})
			if string(out) != tt.in || report.Values != render.Witness || report.Mode != tt.mode || report.Credential.Name != tt.secret {
				t.Errorf("changed %v, %q, %q, %+v", string(out) != tt.in, report.Values, report.Mode, report.Credential)
			}
			for _, s := range report.Services {
				for _, env := range s.Env {
					if env.State != wiring.AlreadyRight {
						t.Errorf("%+v", s)
					}
				}
			}
		})
	}
}

// TestStreamValuesOfNobody: values in the stream that are not what Helm used of this
// Runtime, or in which nobody has said anything, replace no credential.
func TestStreamValuesOfNobody(t *testing.T) {
	agreed := gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")), byName("my-token", "k"))
	in := func(namespace, stream string) string {
		return strings.ReplaceAll(stream, "metadata:\n", "metadata:\n  namespace: "+namespace+"\n")
	}
	def := valuesDoc(authValues("{type: password, username: admin, passwordSecretKeyRef: {name: argocd-initial-admin-secret, key: password}}"))
	for name, tt := range map[string]struct {
		in      string
		refused bool
	}{
		"the chart's default":                   {def + agreed, true},
		"the chart's default, without a ref":    {valuesDoc(authValues("{type: password}")) + agreed, true},
		"no block":                              {valuesDoc("replicas: 1\n") + agreed, false},
		"an empty block":                        {valuesDoc(authValues("{}")) + agreed, false},
		"nothing":                               {valuesDoc("") + agreed, false},
		"a default of another namespace":        {in("b", def) + in("a", agreed), false},
		"a default with a namespace of its own": {in("b", def) + agreed, false},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.refused {
				for _, opts := range []render.Options{{}, {OverrideStreamValues: true}} {
					if e := fails(t, &auth.Settings{}, tt.in, opts, render.ValuesError); !strings.Contains(e.Message, "another") {
						t.Errorf("message %q", e.Message)
					}
				}
				return
			}
			if out, report := run(t, &auth.Settings{}, []byte(tt.in), render.Options{}); string(out) != tt.in || report.Values != render.Witness {
				t.Errorf("changed %v, by values from %q", string(out) != tt.in, report.Values)
			}
			fails(t, nil, tt.in, render.Options{}, render.ValuesError)
		})
	}
	declared := tokenSettings()
	if out, _ := run(t, declared, []byte(def+agreed), render.Options{}); string(out) != def+agreed {
		t.Errorf("what was declared is right already, and became\n%s", out)
	}
}

// TestSeveralRuntimes: facts belong to the Runtime of a namespace.
func TestSeveralRuntimes(t *testing.T) {
	in := func(namespace, stream string) string {
		return strings.ReplaceAll(stream, "metadata:\n", "metadata:\n  namespace: "+namespace+"\n")
	}
	ref := func(name string) string {
		return authValues("{type: token, tokenSecretKeyRef: {name: " + name + ", key: k}}")
	}
	whole := func(values string) string { return valuesDoc(values) + gen026(appProxy(""), "") }
	a, b := whole(ref("a")), whole(ref("b"))
	plain := whole(authValues("{type: token, token: s3cr3t-token}"))

	out, report := run(t, nil, []byte(in("one", a)+in("two", b)), render.Options{})
	for _, name := range []string{"a", "b"} {
		if n := strings.Count(string(out), "value: \""+name+"\""); n != 4 {
			t.Errorf("%d services are told of %s:\n%s", n, name, out)
		}
	}
	if len(report.Runtimes) != 2 || report.Runtimes[1].Namespace != "two" || report.Runtimes[1].Credential.Name != "b" || report.Mode != "" {
		t.Errorf("report %+v", report.Runtimes)
	}
	out, _ = run(t, nil, []byte(in("one", plain)+in("two", plain)), render.Options{})
	if n := strings.Count(string(out), "kind: Secret\n"); n != 2 || !strings.Contains(string(out), "  namespace: two\n  labels") {
		t.Errorf("%d Secrets:\n%s", n, out)
	}
	// The Secret of one is not that of the other.
	secret := in("two", secretDoc(auth.TokenSecretName, "stringData: {token: another}\n"))
	if _, report = run(t, nil, []byte(in("one", plain)+in("two", b)+secret), render.Options{}); report.Secrets[0].State != render.Appended {
		t.Errorf("secrets %+v", report.Secrets)
	}
	run(t, &auth.Settings{Declared: true, Auth: plainToken("s3cr3t-token")}, []byte(gen026(appProxy(""), "")+secret), render.Options{})

	for name, tt := range map[string]struct {
		settings *auth.Settings
		in       string
		kind     render.ErrorKind
	}{
		"given values for two":           {tokenSettings(), in("one", a) + in("two", b), render.ValuesError},
		"two values for one":             {nil, a + valuesDoc(ref("b")), render.ValuesError},
		"one of them without values":     {nil, in("one", a) + in("two", gen026(appProxy(""), "")), render.ValuesError},
		"two that nothing tells apart":   {tokenSettings(), gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "a", "k")), byName("a", "k")) + gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "b", "k")), byName("b", "k")), render.StreamError},
		"a consumer in a third place":    {nil, in("one", a) + in("two", b) + in("three", workloadDoc("Deployment", "x", "x", byName("a", "k"))), render.StreamError},
		"a service missing in the other": {nil, in("one", a) + in("two", without(b, "argo-gateway")+appProxy("", chartLabel("0.26.0"))), render.StreamError},
	} {
		t.Run(name, func(t *testing.T) { fails(t, tt.settings, tt.in, render.Options{}, tt.kind) })
	}
	// Some documents name the namespace, and the others leave it to who applies them.
	mixed := in("one", appProxy("")) + valuesDoc(ref("a")) + without(gen026(appProxy(""), ""), "cap-app-proxy")
	if _, report = run(t, nil, []byte(mixed), render.Options{}); len(report.Runtimes) != 1 || report.Runtimes[0].Namespace != "one" {
		t.Errorf("report %+v", report.Runtimes)
	}
}

func TestRedactValuesConfig(t *testing.T) {
	values := "a: s3cr3t-token\nglobal:\n  external-argo-cd:\n    auth:\n      type: token\n      token: s3cr3t-token # t\n      password: pw\n"
	redacted := "a: \"[redacted]\"\nglobal:\n  external-argo-cd:\n    auth:\n      type: token\n      token: \"[redacted]\" # t\n      password: \"[redacted]\"\n"
	rest := configMapDoc("other", "a: s3cr3t-token\n") + wiredFor(auth.TokenSecretName) + secretDoc(auth.TokenSecretName, "stringData: {token: s3cr3t-token}\n")
	settings := &auth.Settings{Declared: true, Auth: plainToken("s3cr3t-token")}
	for name, s := range map[string]*auth.Settings{"given": settings, "from the stream": nil} {
		out, _ := run(t, s, []byte(valuesDoc(values)+rest), render.Options{RedactValuesConfig: true})
		if string(out) != valuesDoc(redacted)+rest {
			t.Errorf("%s: stream\n%s", name, out)
		}
		twice, _ := run(t, s, out, render.Options{RedactValuesConfig: true})
		if string(twice) != string(out) {
			t.Errorf("%s: redacting twice:\n%s", name, twice)
		}
		plain, _ := run(t, s, []byte(valuesDoc(values)+rest), render.Options{})
		if string(plain) != valuesDoc(values)+rest {
			t.Errorf("%s: redacted without being asked", name)
		}
	}
	_, report := run(t, settings, []byte(valuesDoc(values+"b: x s3cr3t-token\n")+rest), render.Options{RedactValuesConfig: true})
	if len(report.Warnings) != 1 || report.Warnings[0].Rule != "redaction-incomplete" {
		t.Errorf("warnings %+v", report.Warnings)
	}
	fails(t, settings, valuesDoc("a: [s3cr3t\n")+rest, render.Options{RedactValuesConfig: true, OverrideStreamValues: true}, render.StreamError)
}

// TestForeignConsumer: who uses a Runtime's credential in another namespace belongs to no
// Runtime that the stream shows, and is not wired with the values of this one.
func TestForeignConsumer(t *testing.T) {
	in := strings.ReplaceAll(gen026(appProxy(""), ""), "metadata:\n", "metadata:\n  namespace: one\n")
	run(t, tokenSettings(), []byte(in), render.Options{})
	other := strings.Replace(workloadDoc("Deployment", "renamed", "renamed", byName("argocd-token", "token")), "metadata:\n", "metadata:\n  namespace: two\n", 1)
	fails(t, tokenSettings(), in+other, render.Options{}, render.StreamError)
}

// TestImpliedDefault: values that name no credential do not replace another one by the
// chart's default, unless that is meant.
func TestImpliedDefault(t *testing.T) {
	given := &auth.Settings{Declared: true, Implied: true, Auth: auth.Default()}
	own := byName("argocd-token", "token")
	made := secretEnv("ARGO_CD_TOKEN", "argocd-token", "token")
	for name, in := range map[string]string{
		"a token":                      gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")), byName("my-token", "k")),
		"a plaintext token":            gen026(appProxy(secretEnv("ARGO_CD_TOKEN", auth.TokenSecretName, "token")), byName(auth.TokenSecretName, "token")),
		"a token in argocd-token":      gen026(appProxy(made), own),
		"another key of argocd-token":  gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "argocd-token", "k")), byName("argocd-token", "k")),
		"a password":                   gen026(appProxy(secretEnv("ARGO_CD_PASSWORD", "my-password", "k")), own),
		"another key of the default":   gen026(appProxy(secretEnv("ARGO_CD_PASSWORD", "argocd-initial-admin-secret", "k")), own),
		"a literal token":              gen026(appProxy("- name: ARGO_CD_TOKEN\n  value: s3cr3t\n"), own),
		"a name from a ConfigMap":      gen026(appProxy(passwordEnv()), "- name: ARGO_CD_TOKEN_SECRET_NAME\n  valueFrom: {configMapKeyRef: {name: cm, key: k}}\n"),
		"one service with another one": gen026(appProxy(passwordEnv()), own) + workloadDoc("Deployment", "x", "x", byName("my-token", "k")),
	} {
		t.Run(name, func(t *testing.T) {
			if e := fails(t, given, in, render.Options{}, render.ValuesError); !strings.Contains(e.Hint, "passwordSecretKeyRef") {
				t.Errorf("hint %q", e.Hint)
			}
			out, _ := run(t, given, []byte(in), render.Options{OverrideStreamValues: true})
			if got := effective(t, out)["app-proxy/ARGO_CD_PASSWORD"]; got != "secret argocd-initial-admin-secret/password" {
				t.Errorf("overridden on purpose, and still %q", got)
			}
		})
	}
	for name, in := range map[string]string{
		"the default":                  gen026(appProxy(passwordEnv()), own),
		"as charts up to 0.24.3 do it": gen018(appProxy(passwordEnv()+made), own),
		"nothing":                      gen026(appProxy(""), ""),
		"empty":                        gen026(appProxy("- name: ARGO_CD_TOKEN\n  value: \"\"\n"), byName("", "")),
	} {
		t.Run(name, func(t *testing.T) { run(t, given, []byte(in), render.Options{}) })
	}
}
