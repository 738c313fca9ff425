//go:build cluster

package preflight_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shelltest"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const (
	tokenValues = `global: {external-argo-cd: {server: {svc: argo-cd-server, port: 80}, auth: {type: token, tokenSecretKeyRef: {name: ci-token, key: token}}}}`
	passValues  = `global: {external-argo-cd: {server: {svc: argo-cd-server, port: 80}, auth: {type: password, username: ci, passwordSecretKeyRef: {name: ci-password, key: password}}}}`
)

const longName = "a-name-that-is-too-long-to-sign-in-with"

// report runs the checks, without the live ones.
func report(t *testing.T, w *world, text string) preflight.Report {
	t.Helper()
	r, err := preflight.Run(t.Context(), w, options(t, text))
	if err != nil {
		t.Fatal(err)
	}
	pasteable(t, r)
	return r
}

// pasteable holds that what is advised can be pasted.
func pasteable(t *testing.T, r preflight.Report) {
	t.Helper()
	for _, result := range r.Results {
		if err := shelltest.Wrong(result.Advice, shelltest.Accepted); err != nil {
			t.Error(err)
		}
	}
}

func options(t *testing.T, text string) preflight.Options {
	t.Helper()
	v, err := values.Load(values.Options{Files: []string{"values.yaml"}}, func(string) ([]byte, error) { return []byte(text), nil })
	if err != nil {
		t.Fatal(err)
	}
	return preflight.Options{Values: v, Lint: schema.Options{Now: now()}, Namespace: here, NoLive: true}
}

// TestOrder holds a report to the ids and the order that it promises.
func TestOrder(t *testing.T) {
	for _, text := range []string{tokenValues, passValues, "global: {external-argo-cd: {auth: {type: nonsense}}}", "argo-cd: {enabled: true}", "{}"} {
		for _, refuse := range []string{"", "*"} {
			w := newWorld(t)
			w.refused[refuse] = true
			var ids []string
			for _, r := range report(t, w, text).Results {
				if len(ids) == 0 || ids[len(ids)-1] != r.ID {
					ids = append(ids, r.ID)
				}
				if r.Seen == "" || strings.ContainsAny(r.Seen+r.Advice, "\n\r") || strings.HasSuffix(r.Seen, ".") {
					t.Errorf("%s: %q is not one line without a full stop", r.ID, r.Seen)
				}
			}
			if got, want := strings.Join(ids, " "), strings.Join(preflight.Checks(), " "); got != want {
				t.Errorf("%s, refused %q: checks\n%s\nwant\n%s", text, refuse, got, want)
			}
		}
	}
}

// TestDocumented holds the page to the table: every check, in its order.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "check.md"))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllSubmatch(page, -1) {
		ids = append(ids, string(row[1]))
	}
	if got, want := strings.Join(ids, " "), strings.Join(preflight.Checks(), " "); got != want {
		t.Errorf("docs/check.md has\n%s\nwant\n%s", got, want)
	}
}

// TestGood holds that where everything is right nothing is complained of.
func TestGood(t *testing.T) {
	for _, text := range []string{tokenValues, passValues} {
		w := newWorld(t)
		w.runs("ci-token", "token", now())
		w.runs("ci-password", "password", now())
		for _, r := range report(t, w, text).Results {
			live := strings.HasPrefix(r.ID, "live-") || r.ID == preflight.CheckArgoCDVersion || r.ID == preflight.CheckAppProxyToken && strings.Contains(text, "type: token")
			if r.Status != preflight.OK && !live {
				t.Errorf("%s: %s: %s", r.ID, r.Status, r.Seen)
			}
		}
	}
}

// broken is a thing that can be wrong, and what is then said. What is not named
// must be as in a world in which everything is right, or be skipped for want of it.
type broken struct {
	name   string
	values string
	change func(w *world)
	want   map[string]string // id: "status: part of what is seen"
}

func tokenCases() []broken {
	put := func(text string) func(*world) {
		return func(w *world) { w.secrets[here+"/ci-token"].Data["token"] = []byte(text) }
	}
	return []broken{
		{"values: a misspelt key", "global: {external-arg-cd: {auth: {type: token, tokenSecretKeyRef: {name: ci-token, key: token}}}}", nil,
			map[string]string{"values": `failed: values.yaml:1:10: unknown key "external-arg-cd"`}},
		{"reserved: codefresh-token", strings.Replace(tokenValues, "ci-token", "codefresh-token", 1), nil,
			map[string]string{"reserved-secret": `failed: values.yaml:1:116: Secret "codefresh-token" holds the Runtime's own token`}},
		{"reserved: Helm takes it away", strings.Replace(tokenValues, "ci-token", "gitops-runtime-argo-cd-token", 1), func(w *world) {
			s := w.secret(here, "gitops-runtime-argo-cd-token", map[string]string{"token": apiKey("ci", nil)})
			s.Annotations = map[string]string{"meta.helm.sh/release-name": "gitops"}
		}, map[string]string{"reserved-secret": `failed: Secret "gitops-runtime-argo-cd-token" belongs to Helm release "gitops"`}},
		{"reserved: not Helm's", plaintext(apiKey("ci", nil)), func(w *world) {
			w.secret(here, "gitops-runtime-argo-cd-token", map[string]string{"token": "x"})
		}, map[string]string{"values": "warning", "reserved-secret": `failed: Secret "gitops-runtime-argo-cd-token" exists and is not managed by Helm`}},
		{"namespace: missing", tokenValues, func(w *world) { delete(w.namespaces, here) },
			map[string]string{"namespace": `failed: namespace "argocd" does not exist`, "argo-cd": "failed: the namespace does not exist"}},
		{"namespace: going", tokenValues, func(w *world) { w.namespaces[here].DeletionTimestamp = &metav1.Time{Time: now()} },
			map[string]string{"namespace": `failed: namespace "argocd" is being deleted`}},
		{"secret: missing", tokenValues, func(w *world) { delete(w.secrets, here+"/ci-token") },
			map[string]string{"secret": `failed: Secret "ci-token" does not exist in namespace "argocd"`}},
		{"key: missing", tokenValues, func(w *world) {
			d := w.secrets[here+"/ci-token"].Data
			d["Token"] = d["token"]
			delete(d, "token")
		}, map[string]string{"key": `failed: Secret "ci-token" has no key "token", only "Token"`}},
		{"key: empty", tokenValues, put(""), map[string]string{"key": `failed: key "token" of Secret "ci-token" is empty`}},
		{"credential: a session", tokenValues, put(apiKey("ci", map[string]any{"sub": "ci:login", "exp": now().Add(time.Hour).Unix()})),
			map[string]string{"credential": "failed: the token is that of a login session, which ends on 2026-11-25 01:00 UTC"}},
		{"credential: of a project", tokenValues, put(apiKey("ci", map[string]any{"sub": "proj:p:r"})), map[string]string{"credential": "failed: the token"}},
		{"credential: of single sign-on", tokenValues, put(apiKey("ci", map[string]any{"iss": "https://dex"})), map[string]string{"credential": "failed: the token"}},
		{"credential: a line break", tokenValues, put(apiKey("ci", nil) + "\n"), map[string]string{"credential": "failed: the token ends with a line break"}},
		{"credential: base64 twice", tokenValues, put(b64([]byte(apiKey("ci", nil)))), map[string]string{"credential": "failed: the token is encoded in base64 once too often"}},
		{"credential: no token", tokenValues, put("s3cr3t-hunter2"), map[string]string{"credential": "failed: the token"}},
		{"credential: a control character", tokenValues, put(apiKey("ci", nil) + "\x7f"), map[string]string{"credential": "failed: the token contains a control character"}},
		{"credential: binary data", tokenValues, put("\x1f\x8b\xff"), map[string]string{"credential": "failed: the token is not UTF-8 text"}},
		{"credential: it ends", tokenValues, put(apiKey("ci", map[string]any{"exp": now().Add(time.Hour).Unix()})), map[string]string{"credential": "warning: the token expires on 2026-11-25 01:00 UTC"}},
		{"credential: it has ended", tokenValues, put(apiKey("ci", map[string]any{"exp": now().Add(-time.Hour).Unix()})), map[string]string{"credential": "failed: the token expired on 2026-11-24 23:00 UTC"}},
		{"argo-cd: no such Service", tokenValues, func(w *world) { delete(w.services, here+"/argo-cd-server") },
			map[string]string{"argo-cd": `failed: no Service "argo-cd-server" in namespace "argocd", which global.external-argo-cd.server.svc names`}},
		{"argo-cd: another port", tokenValues, func(w *world) { w.services[here+"/argo-cd-server"].Spec.Ports[0].Port = 8080 },
			map[string]string{"argo-cd": `failed: Service "argo-cd-server" does not serve port 80, which the Runtime calls; it serves port 8080`}},
		{"argo-cd: no name of a Service", strings.Replace(tokenValues, "svc: argo-cd-server", `svc: "http://argo-cd-server"`, 1), nil,
			map[string]string{"argo-cd": `failed: global.external-argo-cd.server.svc is "http://argo-cd-server", which cannot be the name of a Service`}},
		{"argo-cd: no port", strings.Replace(tokenValues, "port: 80", "port: http", 1), nil,
			map[string]string{"argo-cd": `failed: global.external-argo-cd.server.port is not a valid port; Service "argo-cd-server" serves port 80`}},
		{"argo-cd: no labels", tokenValues, func(w *world) { w.services[here+"/argo-cd-server"].Labels = nil }, map[string]string{"argo-cd": "warning: Service"}},
		{"argo-cd: in another namespace, by values", strings.Replace(tokenValues, "svc: argo-cd-server", "svc: argo-cd-server.other.svc.cluster.local", 1), nil,
			map[string]string{"argo-cd": `failed: global.external-argo-cd.server.svc is "argo-cd-server.other.svc.cluster.local", which is not in namespace "argocd"`}},
		{"config: missing", tokenValues, func(w *world) { delete(w.configMaps, here+"/argocd-cm") }, map[string]string{"argo-cd-config": `failed: no ConfigMap "argocd-cm"`}},
		{"config: no label", tokenValues, func(w *world) { w.configMaps[here+"/argocd-cm"].Labels = nil },
			map[string]string{"argo-cd-config": `failed: ConfigMap "argocd-cm" lacks the label app.kubernetes.io/part-of: argocd`}},
		{"config: no bool, of any account", tokenValues, func(w *world) { w.cm()["accounts.other.enabled"] = "yes" },
			map[string]string{"argo-cd-config": `failed: ConfigMap "argocd-cm": "accounts.other.enabled" is "yes", which Argo CD cannot read as a boolean`}},
		{"account: missing", tokenValues, func(w *world) { delete(w.cm(), "accounts.ci"); delete(w.cm(), "accounts.ci.enabled") },
			map[string]string{"account": `failed: ConfigMap "argocd-cm": no account "ci" in Argo CD's configuration`}},
		{"account: disabled", tokenValues, func(w *world) { w.cm()["accounts.ci.enabled"] = "false" },
			map[string]string{"account": `failed: ConfigMap "argocd-cm": account "ci" is disabled`}},
		{"account: no apiKey", tokenValues, func(w *world) { w.cm()["accounts.ci"] = "login" },
			map[string]string{"account": `failed: ConfigMap "argocd-cm": account "ci" lacks the capability "apiKey"`}},
		{"account: apikey", tokenValues, func(w *world) { w.cm()["accounts.ci"] = "apikey" },
			map[string]string{"account": `failed: ConfigMap "argocd-cm": unknown capability "apikey" of account "ci"`}},
		{"config: signs that are none of YAML's", tokenValues, func(w *world) { w.cm()["ui.bannercontent"] = "\ufeff\u0080\x7f\uffff\x00\U0001f600" }, nil},
		{"known: not issued", tokenValues, func(w *world) {
			w.secrets[here+"/ci-token"].Data["token"] = []byte(apiKey("ci", map[string]any{"iat": nil}))
		}, map[string]string{"credential-known": "failed: the token does not say when it was issued (claim iat)"}},
		{"known: a time of another account", tokenValues, func(w *world) {
			w.cm()["accounts.other"] = "login"
			w.argoCD()["accounts.other.passwordMtime"] = []byte("s3cr3t")
		}, map[string]string{"credential-known": `failed: key "accounts.other.passwordMtime" of Secret "argocd-secret" is not a time: Argo CD refuses every account because of it`}},
		{"known: the tokens of admin", tokenValues, func(w *world) { w.argoCD()["admin.tokens"] = []byte("s3cr3t") },
			map[string]string{"credential-known": `failed: key "admin.tokens" of Secret "argocd-secret" is not a list of tokens: Argo CD refuses every account because of it`}},
		{"known: its list is broken", tokenValues, func(w *world) { w.argoCD()["accounts.ci.tokens"] = []byte("s3cr3t") },
			map[string]string{"credential-known": `failed: Argo CD has no token with the id "key-1" for account "ci"`}},
		{"known: revoked", tokenValues, func(w *world) { w.argoCD()["accounts.ci.tokens"] = []byte(`[{"id":"other"}]`) },
			map[string]string{"credential-known": `failed: Argo CD has no token with the id "key-1" for account "ci"`}},
		{"credential: no id", tokenValues, put(apiKey("ci", map[string]any{"jti": ""})), map[string]string{"credential": "failed: the token has no ID"}},
		{"known: the password was changed", tokenValues, func(w *world) {
			w.argoCD()["accounts.ci.passwordMtime"] = []byte(now().Add(-time.Hour).Format(time.RFC3339))
		}, map[string]string{"credential-known": `failed: the token is older than the password of account "ci", which was changed on 2026-11-24T23:00:00Z`}},
		{"known: another signing key", tokenValues, func(w *world) { w.argoCD()["server.secretkey"] = []byte("s3cr3t-rotated") },
			map[string]string{"credential-known": `failed: the signature does not match key "server.secretkey" of Secret "argocd-secret"`}},
		{"known: no signing key", tokenValues, func(w *world) { delete(w.argoCD(), "server.secretkey") },
			map[string]string{"credential-known": `failed: key "server.secretkey" of Secret "argocd-secret" is missing: Argo CD refuses every account because of it`}},
		{"known: HS512 with the right key", tokenValues, put(signed(signingKey, sha512.New, `{"alg":"HS512"}`, `{"iss":"argocd","sub":"ci:apiKey","jti":"key-1","iat":1795521600}`)), nil},
		{"known: a certificate that is none", tokenValues, func(w *world) {
			w.argoCD()["tls.crt"], w.argoCD()["tls.key"] = []byte("s3cr3t"), []byte("s3cr3t")
		}, map[string]string{"credential-known": `failed: key "tls.crt" of Secret "argocd-secret" is not a certificate with its key in "tls.key"`}},
		{"known: a certificate that is none, and not read", tokenValues, func(w *world) {
			w.argoCD()["tls.crt"], w.argoCD()["tls.key"] = []byte("s3cr3t"), []byte("s3cr3t")
			w.secret(here, "argocd-server-tls", nil)
		}, nil},
		{"known: a certificate that is none, beside", tokenValues, func(w *world) {
			w.secret(here, "argocd-server-tls", map[string]string{"tls.crt": "s3cr3t", "tls.key": "s3cr3t"})
		}, map[string]string{"credential-known": `failed: key "tls.crt" of Secret "argocd-server-tls" is not a certificate`}},
		{"owner: an Application", tokenValues, func(w *world) {
			w.secrets[here+"/argocd-secret"].Annotations = map[string]string{"argocd.argoproj.io/tracking-id": "argo-cd:/Secret:argocd/argocd-secret"}
		}, map[string]string{"argo-cd-owner": `warning: Secret "argocd-secret" is managed by Application "argo-cd": API keys`}},
		{"owner: the operator", tokenValues, func(w *world) {
			w.configMaps[here+"/argocd-cm"].OwnerReferences = []metav1.OwnerReference{{Kind: "ArgoCD", Name: "gitops"}}
		}, map[string]string{"argo-cd-owner": `warning: ConfigMap "argocd-cm" is managed by ArgoCD "gitops": accounts`}},
		{"owner: Helm", tokenValues, func(w *world) {
			w.secrets[here+"/argocd-secret"].Labels = map[string]string{"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "argo-cd"}
		}, map[string]string{"argo-cd-owner": "ok: "}},
		{"config: no URL", tokenValues, func(w *world) { w.cm()["url"] = "https://[s3cr3t" },
			map[string]string{"argo-cd-config": `failed: key "url" of ConfigMap "argocd-cm" is not a URL: Argo CD refuses every account because of it`}},
		{"config: no scheme", tokenValues, func(w *world) { w.cm()["url"] = "argocd.example.com" },
			map[string]string{"argo-cd-config": `warning: key "url" of ConfigMap "argocd-cm" does not begin with http:// or https://`}},
		{"known: no argocd-secret", tokenValues, func(w *world) { delete(w.secrets, here+"/argocd-secret") },
			map[string]string{"credential-known": `failed: no Secret "argocd-secret"`}},
	}
}

func passwordCases() []broken {
	leftBehind := func(text string) func(w *world) {
		return func(w *world) { w.secret(here, "argocd-token", map[string]string{"token": text}) }
	}
	return []broken{
		{"secret: missing", passValues, func(w *world) { delete(w.secrets, here+"/ci-password") },
			map[string]string{"secret": `failed: Secret "ci-password" does not exist`}},
		{"secret: of the username", strings.Replace(passValues, "username: ci", "usernameSecretKeyRef: {name: gone, key: name}", 1), nil,
			map[string]string{"secret": `failed: Secret "gone" does not exist`}},
		{"key: of the username", strings.Replace(passValues, "username: ci", "usernameSecretKeyRef: {name: ci-password, key: name}", 1), nil,
			map[string]string{"key": `failed: Secret "ci-password" has no key "name", only "password", "username"`}},
		{"credential: padded", passValues, func(w *world) { w.secrets[here+"/ci-password"].Data["password"] = []byte(password + "\n") },
			map[string]string{"credential": "failed: the password ends with a line break"}},
		{"credential: a placeholder, and yet in force", passValues, func(w *world) {
			w.secrets[here+"/ci-password"].Data["password"] = []byte("changeme")
			w.argoCD()["accounts.ci.password"] = []byte(bcryptOf("changeme"))
		}, map[string]string{"credential": "warning: the password is a placeholder"}},
		{"credential: a NUL byte", passValues, func(w *world) { w.secrets[here+"/ci-password"].Data["password"] = []byte(password + "\x00") },
			map[string]string{"credential": "failed: the password contains a NUL byte"}},
		{"account: its name is too long", strings.Replace(passValues, "username: ci", "username: "+longName, 1), func(w *world) {
			w.cm()["accounts."+longName] = "apiKey, login"
			w.argoCD()["accounts."+longName+".password"] = w.argoCD()["accounts.ci.password"]
		}, map[string]string{"account": `failed: the name of account "` + longName + `" is too long`}},
		{"account: cannot sign in", passValues, func(w *world) { w.cm()["accounts.ci"] = "apiKey" },
			map[string]string{"account": `failed: ConfigMap "argocd-cm": account "ci" lacks the capability "login"`}},
		{"known: another password", passValues, func(w *world) {
			hash, _ := bcrypt.GenerateFromPassword([]byte("s3cr3t-new"), bcrypt.MinCost)
			w.argoCD()["accounts.ci.password"] = hash
		}, map[string]string{"credential-known": `failed: the password does not match that of account "ci"`}},
		{"known: none", passValues, func(w *world) { delete(w.argoCD(), "accounts.ci.password") },
			map[string]string{"credential-known": `failed: account "ci" has no password`}},
		{"app-proxy: known", passValues, leftBehind(apiKey("ci", nil)), map[string]string{"app-proxy-token": "ok: key"}},
		{"app-proxy: revoked", passValues, leftBehind(apiKey("ci", map[string]any{"jti": "gone"})),
			map[string]string{"app-proxy-token": `warning: key "token" of Secret "argocd-token" is from an earlier installation: Argo CD has no token with the id "gone"`}},
		{"app-proxy: another signing key", passValues, leftBehind(signed("s3cr3t-rotated", sha256.New, `{"alg":"HS256"}`, `{"iss":"argocd","sub":"ci:apiKey","jti":"key-1","iat":1795521600}`)),
			map[string]string{"app-proxy-token": `warning: key "token" of Secret "argocd-token" is from an earlier installation: the signature does not match`}},
		{"known: no signing key", passValues, func(w *world) { delete(w.argoCD(), "server.secretkey") },
			map[string]string{"credential-known": `failed: key "server.secretkey" of Secret "argocd-secret" is missing`}},
		{"app-proxy: expired", passValues, leftBehind(apiKey("ci", map[string]any{"exp": 1})), map[string]string{"app-proxy-token": "warning: key"}},
		{"app-proxy: no token", passValues, leftBehind("s3cr3t"), map[string]string{"app-proxy-token": `warning: key "token" of Secret "argocd-token" holds no API key`}},
		{"argo-cd: found by its labels, in another namespace", unnamedValues, func(w *world) {
			delete(w.services, here+"/argo-cd-server")
			w.service("elsewhere", "argocd-server", 443)
		}, map[string]string{"argo-cd": `failed: no Service "argo-cd-server" in namespace "argocd", the chart's default for global.integrations.argo-cd.server.svc`}},
	}
}

func plaintext(token string) string {
	return fmt.Sprintf("global: {external-argo-cd: {server: {svc: argo-cd-server, port: 80}, auth: {type: token, token: %q}}}", token)
}

// TestBroken breaks one thing at a time.
func TestBroken(t *testing.T) {
	for mode, cases := range map[string][]broken{"token": tokenCases(), "password": passwordCases()} {
		for _, tt := range cases {
			t.Run(mode+"/"+tt.name, func(t *testing.T) {
				w := newWorld(t)
				if tt.change != nil {
					tt.change(w)
				}
				seen := map[string]bool{}
				for _, r := range report(t, w, tt.values).Results {
					got := string(r.Status) + ": " + r.Seen
					want, named := tt.want[r.ID]
					switch {
					case named && strings.HasPrefix(got, want):
						seen[r.ID] = true
					case r.Status == preflight.Failed || r.Status == preflight.Warning:
						t.Errorf("%s: %s\nwant %q", r.ID, got, want)
					}
					if r.Status == preflight.Failed && r.Advice == "" {
						t.Errorf("%s: no advice for %s", r.ID, r.Seen)
					}
					if strings.Contains(r.Seen+r.Advice, "s3cr3t") || strings.Contains(r.Seen+r.Advice, "eyJ") {
						t.Errorf("%s shows a credential", r.ID)
					}
				}
				for id, want := range tt.want {
					if !seen[id] {
						t.Errorf("%s: nothing like %q", id, want)
					}
				}
			})
		}
	}
}

// TestForbidden holds that what RBAC refuses is named, and is nobody's failure.
func TestForbidden(t *testing.T) {
	tests := []struct{ refused, values, id, seen string }{
		{"get namespaces", tokenValues, "namespace", `no permission to get namespaces "argocd"`},
		{"get secrets ci-token", tokenValues, "secret", `no permission to get secrets "ci-token" in namespace "argocd"`},
		{"get secrets argocd-secret", tokenValues, "credential-known", `no permission to get secrets "argocd-secret" in namespace "argocd"`},
		{"get secrets argocd-server-tls", tokenValues, "credential-known", `no permission to get secrets "argocd-server-tls" in namespace "argocd"`},
		{"get secrets argocd-secret", tokenValues, "argo-cd-owner", `no permission to get secrets "argocd-secret" in namespace "argocd"`},
		{"get secrets argocd-token", passValues, "app-proxy-token", `no permission to get secrets "argocd-token" in namespace "argocd"`},
		{"get configmaps", tokenValues, "argo-cd-config", `no permission to get configmaps "argocd-cm" in namespace "argocd"`},
		{"get configmaps argocd-cmd-params-cm", tokenValues, "argo-cd", `no permission to get configmaps "argocd-cmd-params-cm" in namespace "argocd"`},
		{"get services", tokenValues, "argo-cd", `no permission to get services "argo-cd-server" in namespace "argocd"`},
		{"list services", unnamedValues, "argo-cd", `no permission to list services in namespace "argocd"`},
		{"*", tokenValues, "secret", `no permission to get secrets "ci-token" in namespace "argocd"`},
	}
	for _, tt := range tests {
		w := newWorld(t)
		w.refused[tt.refused] = true
		r := report(t, w, tt.values)
		if r.Count(preflight.Failed)+r.Count(preflight.Warning) > 0 {
			t.Errorf("%s: something failed: %+v", tt.refused, r)
		}
		found := false
		for _, result := range r.Results {
			found = found || result.ID == tt.id && result.Status == preflight.Skipped && result.Seen == tt.seen && result.Advice != ""
		}
		if !found {
			t.Errorf("%s: no %q in %+v", tt.refused, tt.seen, r)
		}
	}
}

// TestAdvice holds that what is advised would mend what is wrong, and that commands
// can be copied whatever a name is.
func TestAdvice(t *testing.T) {
	named := strings.Replace(passValues, "username: ci", "usernameSecretKeyRef: {name: ci-password, key: username}", 1)
	tests := []struct {
		name, values string
		change       func(*world)
		id, want     string
	}{
		{"a padded username in a Secret", named, func(w *world) { w.secrets[here+"/ci-password"].Data["username"] = []byte("ci\n") }, "credential",
			`set key "username" of Secret "ci-password" again: kubectl create secret generic ci-password --from-file=username=FILE --dry-run=client -o yaml -n argocd | kubectl patch secret ci-password --patch-file /dev/stdin -n argocd, where FILE`},
		{"a padded username in the values", strings.Replace(passValues, "username: ci", `username: "ci "`, 1), func(*world) {}, "credential", "remove it"},
		{"a padded password", named, func(w *world) { w.secrets[here+"/ci-password"].Data["password"] = []byte(password + "\n") }, "credential", `set key "password" of Secret "ci-password" again: `},
		{"no Secret", tokenValues, func(w *world) { delete(w.secrets, here+"/ci-token") }, "secret",
			"create it: helm runtime-auth token create -n argocd --port-forward --account NAME --secret-name ci-token --secret-key token"},
		{"an account with a name for shells", tokenValues, func(w *world) {
			w.secrets[here+"/ci-token"].Data["token"] = []byte(apiKey("$(reboot)';x", nil))
		}, "credential-known", `create a new API key: helm runtime-auth token create -n argocd --port-forward --account '$(reboot)'\'';x' --secret-name ci-token --secret-key token --force`},
	}
	for _, tt := range tests {
		w := newWorld(t)
		tt.change(w)
		found := false
		for _, r := range report(t, w, tt.values).Results {
			found = found || r.ID == tt.id && strings.HasPrefix(r.Advice, tt.want)
		}
		if !found {
			t.Errorf("%s: no %q", tt.name, tt.want)
		}
	}
}

// TestElsewhere says where Argo CD is, if that may be known.
func TestElsewhere(t *testing.T) {
	for refused, want := range map[string]string{
		"":                  `Argo CD is in namespace "elsewhere": install the Runtime there`,
		"list all services": "install the Runtime into the namespace of its Argo CD",
	} {
		w := newWorld(t)
		w.refused[refused] = true
		delete(w.services, here+"/argo-cd-server")
		w.service("elsewhere", "argocd-server", 443)
		for _, r := range report(t, w, tokenValues).Results {
			if r.ID == preflight.CheckArgoCD && r.Advice != want {
				t.Errorf("refused %q: advice %q, want %q", refused, r.Advice, want)
			}
		}
	}
}

// TestUnavailable holds that a cluster which cannot be asked is an error.
func TestUnavailable(t *testing.T) {
	w := newWorld(t)
	w.broken = errors.New("connection refused")
	if _, err := preflight.Run(t.Context(), w, options(t, tokenValues)); !errors.Is(err, w.broken) {
		t.Errorf("error %v", err)
	}
}

// TestScopes: values of an umbrella chart are checked as those that it hands to the
// Runtime, and values that declare nothing are no reason to check the chart's default.
func TestScopes(t *testing.T) {
	plain := report(t, newWorld(t), tokenValues)
	below := report(t, newWorld(t), "cfr: {"+tokenValues+"}")
	if len(plain.Results) != len(below.Results) {
		t.Fatalf("%d results, and %d below an alias", len(plain.Results), len(below.Results))
	}
	for i := range plain.Results {
		if plain.Results[i] != below.Results[i] {
			t.Errorf("%+v, and below an alias %+v", plain.Results[i], below.Results[i])
		}
	}
	for _, r := range report(t, newWorld(t), "a: b").Results {
		if r.Status != preflight.Skipped && r.ID != preflight.CheckNamespace && r.Status != preflight.OK {
			t.Errorf("without a block: %+v", r)
		}
		if r.ID == preflight.CheckValues && (r.Status != preflight.Skipped || !strings.Contains(r.Seen, "declare no credential")) {
			t.Errorf("without a block: %+v", r)
		}
	}
}
