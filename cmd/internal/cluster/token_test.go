//go:build cluster

package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// TestTokenLife makes a key, renews it, lists both and revokes them.
func TestTokenLife(t *testing.T) {
	b := newBench(t)
	o := b.token(t, "create", "--account", "ci", "--id", "key-1").quiet(t).ended(t, exit.OK)
	const said = `runtime-auth: API key "key-1" of account "ci" was made; it does not expire
runtime-auth: Secret "runtime-argo-cd-token" in namespace "argocd" was created with it, key "token"
runtime-auth: the values that refer to it:
`
	if o.stderr != said || !strings.Contains(o.stdout, "name: runtime-argo-cd-token") {
		t.Errorf("%s%s", o.stderr, o.stdout)
	}
	first := b.held("runtime-argo-cd-token")
	if !b.accepts(t, first) {
		t.Error("the Secret holds no API key of Argo CD")
	}
	b.token(t, "create", "--account", "ci").quiet(t).ended(t, exit.Failed, `Secret "runtime-argo-cd-token" exists in namespace "argocd" already`, "--force")
	if b.held("runtime-argo-cd-token") != first || strings.Count(b.listed(t), `"id"`) != 1 {
		t.Error("a refused command changed something")
	}
	b.token(t, "create", "--account", "ci", "--id", "key-2", "--force", "--expires-in", "24h").quiet(t).ended(t, exit.OK, "was updated with it", "it expires on 20",
		`warning: API key "key-1" of account "ci", which it held before, still works`, "token revoke -n argocd --argo-cd-url "+b.argoCD.URL+" --account ci --id key-1")

	o = b.token(t, "list", "--account", "ci").quiet(t).ended(t, exit.OK)
	if table := regexp.MustCompile(`(?s)^ID +ISSUED +EXPIRES +SECRETS +RUNTIMES +PODS\n.*key-1 +\d{4}-\d\d-\d\d \S+ UTC +never +- +- +0\n`); !table.MatchString(o.stdout) {
		t.Errorf("the list:\n%s", o.stdout)
	}
	o = b.token(t, "list", "--account", "ci", "--format", "json").quiet(t).ended(t, exit.OK)
	var list struct {
		Account string
		Keys    []struct {
			ID        string
			ExpiresAt *time.Time
		}
	}
	if err := json.Unmarshal([]byte(o.stdout), &list); err != nil || list.Account != "ci" || len(list.Keys) != 2 {
		t.Errorf("%v\n%s", err, o.stdout)
	}

	b.token(t, "revoke", "--account", "ci", "--id", "key-1").quiet(t).ended(t, exit.OK, `API key "key-1" of account "ci" was revoked`)
	b.token(t, "revoke", "--account", "ci", "--id", "key-1").quiet(t).ended(t, exit.Failed, `there is no API key "key-1" of account "ci"`)
	b.token(t, "revoke", "--account", "other", "--secret-name", "runtime-argo-cd-token").quiet(t).ended(t, exit.Failed, `of account "ci", not of "other"`)
	b.token(t, "revoke", "--secret-name", "runtime-argo-cd-token").quiet(t).ended(t, exit.OK, `API key "key-2" of account "ci" was revoked`, "still holds it")
	if strings.Contains(b.listed(t), `"id"`) {
		t.Errorf("left: %s", b.listed(t))
	}
	o = b.token(t, "list", "--account", "ci").quiet(t).ended(t, exit.OK, `account "ci" has no API keys`)
	if o.stdout != "" {
		t.Errorf("the empty list:\n%s", o.stdout)
	}
}

// TestTokenUnknown has an API server that stores the Secret, and is gone: the key stays, and the
// message says what to do about it.
func TestTokenUnknown(t *testing.T) {
	b := newBench(t)
	gone := false
	b.cluster = server(t, func(w http.ResponseWriter, r *http.Request) {
		if gone {
			status(http.StatusServiceUnavailable, "ServiceUnavailable")(w, r)
			return
		}
		b.serve(w, r)
		if gone = r.Method == http.MethodPost && r.URL.Query().Get("dryRun") == ""; gone {
			panic(http.ErrAbortHandler)
		}
	})
	b.token(t, "create", "--account", "ci", "--id", "key-1").quiet(t).ended(t, exit.Failed,
		"the API server did not say whether it has stored the Secret", `API key "key-1" of account "ci" was not revoked`, " --account ci --id key-1")
	if held := b.held("runtime-argo-cd-token"); !b.accepts(t, held) {
		t.Error("the Secret holds a dead key")
	}
}

// TestTokenManifest needs no cluster at all.
func TestTokenManifest(t *testing.T) {
	b := newBench(t)
	env := map[string]string{"KUBECONFIG": filepath.Join(t.TempDir(), "absent"), "HELM_NAMESPACE": "argocd"}
	for _, format := range []string{"yaml", "json"} {
		o := b.tokenIn(t, env, strings.NewReader(adminPassword), "create", "--account", "ci", "--secret-name", "mine", "--secret-key", "key", "-o", format)
		var s corev1.Secret
		if err := yaml.UnmarshalStrict([]byte(o.stdout), &s); err != nil {
			t.Fatal(err)
		}
		if s.Name != "mine" || s.Namespace != "argocd" || s.Kind != "Secret" || !b.accepts(t, s.StringData["key"]) {
			t.Errorf("%s: %q in %q", s.Kind, s.Name, s.Namespace)
		}
		if strings.Contains(o.stdout, "creationTimestamp") || format == "json" != strings.HasPrefix(o.stdout, "{") {
			t.Errorf("the manifest is not as people write it")
		}
		o.stdout = ""
		o.quiet(t).ended(t, exit.OK, "tokenSecretKeyRef:", "kubectl create")
	}
	if len(b.secrets) > 0 {
		t.Error("something was written into the cluster")
	}
}

func TestTokenDryRun(t *testing.T) {
	b := newBench(t)
	for _, args := range [][]string{{}, {"-o", "json"}} {
		o := b.token(t, append([]string{"create", "--account", "ci", "--dry-run", "--show"}, args...)...).quiet(t).ended(t, exit.OK, "would be made", "tokenSecretKeyRef:")
		var s corev1.Secret
		if err := yaml.UnmarshalStrict([]byte(o.stdout), &s); err != nil || s.StringData["token"] != apikey.NotMade {
			t.Errorf("%v\n%s", err, o.stdout)
		}
	}
	if len(b.secrets) > 0 || b.listed(t) != "" {
		t.Error("something was made")
	}
	b.store.SetAccount("ci", "login")
	b.token(t, "create", "--account", "ci", "--dry-run").quiet(t).ended(t, exit.Failed, "lacks the capability", `hint: set "accounts.ci: apiKey, login" in the data of ConfigMap argocd-cm`)
}

func TestTokenShow(t *testing.T) {
	b := newBench(t)
	o := b.token(t, "create", "--account", "ci", "--show").ended(t, exit.OK)
	if key := b.held("runtime-argo-cd-token"); !strings.Contains(o.stderr, "the API key is "+key+"\n") || strings.Contains(o.stdout, key) {
		t.Error("the key is not shown on standard error alone")
	}
}

// broken is a standard output that nobody reads.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// TestTokenNobodyReads holds that a key which does not get out is revoked.
func TestTokenNobodyReads(t *testing.T) {
	b := newBench(t)
	var stderr bytes.Buffer
	args := []string{"token", "create", "--account", "ci", "-o", "yaml", "--password-stdin", "--argo-cd-url", b.argoCD.URL}
	code := Main(args, Env{Stdin: strings.NewReader(adminPassword), Stdout: broken{}, Stderr: &stderr, Getenv: given(nil)})
	outcome{code: code, stderr: stderr.String()}.quiet(t).ended(t, exit.Failed, "cannot write the Secret: broken pipe; the API key was revoked again")
	if strings.Contains(b.listed(t), `"id"`) {
		t.Errorf("left: %s", b.listed(t))
	}
}

// TestTokenPasswords has every way to sign in but the terminal.
func TestTokenPasswords(t *testing.T) {
	b := newBench(t)
	b.token(t, "create", "--account", "ci", "--id", "mine").ended(t, exit.OK)
	mine := b.held("runtime-argo-cd-token")
	tests := map[string]struct {
		flag, text string
		code       int
		stderr     string
	}{
		"as it is":          {"--password-file", adminPassword, exit.OK, ""},
		"a line break":      {"--password-file", adminPassword + "\n", exit.OK, ""},
		"of Windows":        {"--password-file", adminPassword + "\r\n", exit.OK, ""},
		"two line breaks":   {"--password-file", adminPassword + "\n\n", exit.Failed, "Invalid username or password"},
		"nothing":           {"--password-file", "", exit.Failed, "--password-file: it is empty"},
		"a line break only": {"--password-file", "\n", exit.Failed, "--password-file: it is empty"},
		"too much":          {"--password-file", strings.Repeat("s3cr3t", 20000), exit.Failed, "--password-file: more than"},
		"a token":           {"--auth-token-file", mine + "\n", exit.OK, ""},
		"no token":          {"--auth-token-file", "s3cr3t", exit.Failed, "--auth-token-file is not one that this Argo CD accepts"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b.token(t, "list", "--account", "ci", test.flag, file(t, test.text)).quiet(t).ended(t, test.code, test.stderr)
		})
	}
	b.token(t, "list", "--account", "ci", "--password-file", filepath.Join(t.TempDir(), "absent")).quiet(t).ended(t, exit.Failed, "--password-file: cannot read")
	o := b.tokenIn(t, nil, strings.NewReader(""), "list", "--account", "ci")
	o.ended(t, exit.Failed, "--password-stdin: it is empty")
	b.token(t, "list", "--account", "ci", "--username", "ci").quiet(t).ended(t, exit.Failed, `cannot sign in as "ci"`)
}

func TestTokenUsage(t *testing.T) {
	const url = " --argo-cd-url http://127.0.0.1:1"
	tests := map[string]string{
		"token": "one of create, list, revoke",
		"token create --account ci --password-stdin":                                          "no address of Argo CD",
		"token create --account ci" + url:                                                     "no terminal to ask",
		"token create --account ci --password s3cr3t" + url:                                   "unknown flag: --password",
		"token create --account ci --password-stdin --password-file x" + url:                  "only one of",
		"token create --account ci --auth-token-file x --username admin" + url:                "--auth-token-file says itself",
		"token create --account ci --password-stdin --username=" + url:                        "--username must not be empty",
		"token create --account ci --password-stdin --id a/b" + url:                           `--id "a/b"`,
		"token create --account ci --password-stdin --expires-in -1h" + url:                   "--expires-in",
		"token create --account ci --password-stdin --secret-name A_b" + url:                  `--secret-name "A_b"`,
		"token create --account ci --password-stdin --secret-key a/b" + url:                   `--secret-key "a/b"`,
		"token create --account ci --password-stdin -o text" + url:                            `unknown output "text"`,
		"token create --account ci --password-stdin -o yaml --force" + url:                    "--force",
		"token create --account ci --password-stdin --chart-version x" + url:                  "--chart-version",
		"token create --account ci --password-stdin --timeout 0s" + url:                       "--timeout",
		"token create --account ci --password-stdin --argo-cd-url http://u:s3cr3t@h":          "--argo-cd-url",
		"token create --account ci --password-stdin --argo-cd-url argocd.example.com -o yaml": "--argo-cd-url",
		"token list --password-stdin --server a" + url:                                        "give one of them",
		"token list --password-stdin --plaintext" + url:                                       "--plaintext is for --server",
		"token list --password-stdin --client-crt x" + url:                                    "need each other",
		"token list --password-stdin --header s3cr3t" + url:                                   "no colon between name and value",
		"token list --password-stdin --header Authorization:s3cr3t" + url:                     `the header "Authorization" is set by the call itself`,
		"token list --argocd-context x" + url:                                                 "its session is for nobody else",
		"token list --argocd-context x --username y":                                          "says itself who signs in",
		"token create --password-stdin --expires-in 9999999999d" + url:                        "--expires-in",
		"token create --password-stdin --expires-in 90days" + url:                             "it must be a duration such as 90d",
		"token list --account ci --format yaml --password-stdin" + url:                        `unknown format "yaml"`,
		"token revoke --account ci --password-stdin" + url:                                    "no API key given",
		"token revoke --account ci --id x --secret-name y --password-stdin" + url:             "not both",
		"token revoke --account ci --id x --secret-key y --password-stdin" + url:              "--secret-key needs",
		"token revoke --secret-name y --password-stdin --password-file x" + url:               "only one of",
	}
	for line, want := range tests {
		code, stdout, stderr := run(t, "http://127.0.0.1:1", "", strings.Fields(line)...)
		outcome{code, stdout, stderr}.quiet(t).ended(t, exit.Usage, want)
	}
}

// TestTokenUnreachable has no Argo CD, and no cluster, at the address.
func TestTokenUnreachable(t *testing.T) {
	b := newBench(t)
	tls := httptest.NewUnstartedServer(nil)
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshake is what is wanted
	tls.StartTLS()
	defer tls.Close()
	for url, hint := range map[string]string{tls.URL: "--insecure-skip-verify", "http://127.0.0.1:1": "see whether Argo CD runs there"} {
		code, stdout, stderr := run(t, b.cluster, adminPassword, "token", "create", "--account", "ci", "--password-stdin", "--argo-cd-url", url)
		outcome{code, stdout, stderr}.quiet(t).ended(t, exit.Failed, `cannot sign in as "admin"`, hint)
	}
	code, stdout, stderr := run(t, "http://127.0.0.1:1", adminPassword, "token", "create", "--account", "ci", "--password-stdin", "--argo-cd-url", b.argoCD.URL)
	outcome{code, stdout, stderr}.quiet(t).ended(t, exit.Failed, `cannot get Secret "runtime-argo-cd-token"`)
	if len(b.argoCD.Requests()) > 0 {
		t.Error("Argo CD was called though the Secret could not be written")
	}
}

func TestTokenID(t *testing.T) {
	now := time.Date(2026, 11, 25, 23, 0, 0, 0, time.FixedZone("", -5*3600))
	seen := map[string]bool{}
	for range 50 {
		id := newID(now)
		if !regexp.MustCompile(`^runtime-auth-20261126-[a-z2-7]{6}$`).MatchString(id) || seen[id] {
			t.Errorf("id %q", id)
		}
		seen[id] = true
	}
}

// TestTokenValues lints every block that is printed.
func TestTokenValues(t *testing.T) {
	versions := map[string]string{"": auth.NewBlockPath, "0.18.0": auth.OldBlockPath, "0.25.9": auth.OldBlockPath, "0.26.0": auth.NewBlockPath, "1.0.0": auth.NewBlockPath}
	for text, path := range versions {
		var version *auth.ChartVersion
		if text != "" {
			v, err := auth.ParseChartVersion(text)
			if err != nil {
				t.Fatal(err)
			}
			version = &v
		}
		for name, key := range map[string]string{"runtime-argo-cd-token": "token", "123": "1e3", "true": "no", "0x1f": "-", "null": ".a"} {
			target := apikey.Target{Name: name, Key: key}
			block := valuesBlock(target, version)
			var linter schema.Linter
			r, err := linter.LintFile("values.yaml", []byte(block), schema.Options{ChartVersion: version})
			if err != nil || len(r.Diagnostics) > 0 || r.Block != path || r.Settings.Auth.Ref != (auth.SecretRef{Name: name, Key: key}) {
				t.Errorf("%s: %v, %v\n%s", text, err, r.Diagnostics, block)
			}
			if strings.Contains(block, "# for charts from 0.26 on; older ones read the block global.external-argo-cd.auth\n") != (version == nil) {
				t.Errorf("the comment for %q:\n%s", text, block)
			}
		}
	}
}

// TestTokenHelp documents every flag, and none that takes a credential.
func TestTokenHelp(t *testing.T) {
	cmd := tokenCommand(Env{})
	for _, sub := range cmd.Commands() {
		for _, flag := range []string{"password", "token", "auth-token"} {
			if sub.Flags().Lookup(flag) != nil {
				t.Errorf("%s has a flag --%s", sub.Name(), flag)
			}
		}
	}
}
