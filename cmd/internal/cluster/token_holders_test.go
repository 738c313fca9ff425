//go:build cluster

package cluster

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

// TestTokenHolders shows what holds an API key, and refuses to revoke one in use.
func TestTokenHolders(t *testing.T) {
	b := newBench(t)
	b.token(t, "create", "--account", "ci", "--id", "key-1").ended(t, exit.OK)
	b.token(t, "create", "--account", "ci", "--id", "key-2", "--secret-name", "other").ended(t, exit.OK)
	b.runs("app", "runtime-argo-cd-token", time.Now().Add(time.Hour))
	o := b.token(t, "list", "--account", "ci").quiet(t).ended(t, exit.OK)
	for _, row := range []string{"never argocd/runtime-argo-cd-token argocd/gitops 1\n", "never argocd/other - 0\n"} {
		if !strings.Contains(strings.Join(strings.Fields(o.stdout), " ")+"\n", strings.TrimSuffix(row, "\n")) {
			t.Errorf("no %q in\n%s", row, o.stdout)
		}
	}
	o = b.token(t, "list", "--account", "ci", "--format", "json").quiet(t).ended(t, exit.OK)
	var list struct {
		Keys []struct {
			ID     string
			HeldBy []struct {
				Namespace, Secret, Key string
				Workloads              []struct {
					Kind, Name, Release string
					Pods                []struct{ Name string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(o.stdout), &list); err != nil {
		t.Fatal(err)
	}
	for _, k := range list.Keys {
		want := map[string]string{
			"key-1": "[{argocd runtime-argo-cd-token token [{Deployment app gitops [{app-7-x}]}]}]",
			"key-2": "[{argocd other token []}]",
		}[k.ID]
		if got := fmt.Sprint(k.HeldBy); got != want {
			t.Errorf("%s is held by %s, want %s", k.ID, got, want)
		}
	}

	o = b.token(t, "revoke", "--account", "ci", "--id", "key-1").quiet(t).ended(t, exit.Failed,
		`Secret "runtime-argo-cd-token" in namespace "argocd" holds the API key, which is read by Deployment "app" (1 pod)`,
		`API key "key-1" of account "ci" is in use, by 1 pod with Secret "runtime-argo-cd-token" in namespace "argocd"`,
		"helm runtime-auth token rotate -n argocd --argo-cd-url "+b.argoCD.URL+" --secret-name runtime-argo-cd-token --secret-key token\n")
	b.token(t, "revoke", "--secret-name", "runtime-argo-cd-token").quiet(t).ended(t, exit.Failed, "is in use")
	if strings.Count(b.listed(t), `"id"`) != 2 {
		t.Error("a key in use was revoked")
	}
	b.token(t, "revoke", "--account", "ci", "--id", "key-2").quiet(t).ended(t, exit.OK, `Secret "other" in namespace "argocd" holds the API key, which nothing seems to read`, "was revoked")
	b.token(t, "revoke", "--account", "ci", "--id", "key-1", "--force").quiet(t).ended(t, exit.OK, "holds the API key", "was revoked")
}

// TestTokenOutdated has a pod that still runs on the key that the Secret held before.
func TestTokenOutdated(t *testing.T) {
	b := newBench(t)
	b.token(t, "create", "--account", "ci", "--id", "old").ended(t, exit.OK)
	b.token(t, "create", "--account", "ci", "--id", "new", "--force").ended(t, exit.OK)
	b.runs("app", "runtime-argo-cd-token", time.Now().Add(-time.Hour))
	const restart = "kubectl rollout restart deployment/app -n argocd"
	b.token(t, "list", "--account", "ci").quiet(t).ended(t, exit.OK, `warning: pod "app-7-x" of Deployment "app" read key "token"`, "it still uses an older one", restart)
	b.token(t, "revoke", "--account", "ci", "--id", "old").quiet(t).ended(t, exit.Failed,
		`perhaps by pod "app-7-x" in namespace "argocd", which started before Secret "runtime-argo-cd-token" got another one`, restart)
	b.pods = nil
	b.runs("app", "runtime-argo-cd-token", time.Now().Add(time.Hour))
	b.token(t, "revoke", "--account", "ci", "--id", "old").quiet(t).ended(t, exit.OK, "was revoked")
}

// TestTokenHoldersUnseen says what could not be looked at, and goes on.
func TestTokenHoldersUnseen(t *testing.T) {
	b := newBench(t)
	b.token(t, "create", "--account", "ci", "--id", "key-1").ended(t, exit.OK)
	b.runs("app", "runtime-argo-cd-token", time.Now().Add(time.Hour))
	b.lists = nil
	b.refuse = []string{"deployments", "pods"}
	o := b.token(t, "list", "--account", "ci").quiet(t).ended(t, exit.OK)
	const seen = `runtime-auth: more may use the API keys: no permission to list deployments in namespace "argocd", no permission to list pods in namespace "argocd"` + "\n"
	if o.stderr != seen || !strings.Contains(o.stdout, "argocd/runtime-argo-cd-token") {
		t.Errorf("%s%s", o.stderr, o.stdout)
	}
	b.refuse = []string{"secrets"}
	for _, args := range [][]string{{}, {"--format", "json"}} {
		b.lists = nil
		o = b.token(t, append([]string{"list", "--account", "ci", "--all-namespaces"}, args...)...).quiet(t).ended(t, exit.OK)
		const unknown = "runtime-auth: unknown which Secrets and pods hold the API keys: no permission to list secrets in all namespaces\n"
		if o.stderr != unknown || strings.Contains(o.stdout, "SECRETS") || strings.Contains(o.stdout, "heldBy") || strings.Join(b.lists, " ") != "/api/v1/secrets" {
			t.Errorf("lists %q\n%s%s", b.lists, o.stderr, o.stdout)
		}
	}
	env := map[string]string{"KUBECONFIG": filepath.Join(t.TempDir(), "absent")}
	o = b.tokenIn(t, env, strings.NewReader(adminPassword), "list", "--account", "ci").quiet(t).ended(t, exit.OK, "unknown which Secrets and pods hold the API keys: ")
	if strings.Count(o.stderr, "\n") != 1 || !strings.HasPrefix(o.stdout, "ID ") {
		t.Errorf("%s%s", o.stderr, o.stdout)
	}
	b.token(t, "revoke", "--account", "ci", "--id", "key-1").quiet(t).ended(t, exit.OK, "unknown which Secrets", "was revoked")
}

// TestTokenDates has times that no calendar has, and keys that have expired.
func TestTokenDates(t *testing.T) {
	b := newBench(t)
	b.store.Secret["accounts.ci.tokens"] = []byte(`[
		{"id":"far","iat":9000000000000000000,"exp":9223372036854775807},
		{"id":"ago","iat":-9000000000000000000,"exp":-9223372036854775808},
		{"id":"late","iat":1,"exp":253402300800},
		{"id":"over","iat":1,"exp":2}, {"id":"good","iat":1,"exp":99999999999}, {"id":"ever","iat":1}, {"id":"bad\u001b[31m","iat":1}]`)
	o := b.token(t, "list", "--account", "ci", "--format", "json").quiet(t).ended(t, exit.OK)
	var list struct {
		Keys []struct {
			ID        string
			IssuedAt  time.Time
			ExpiresAt *time.Time
			Expired   bool
		}
	}
	if err := json.Unmarshal([]byte(o.stdout), &list); err != nil {
		t.Fatal(err)
	}
	const last, first = "9999-12-31T23:59:59Z", "0001-01-01T00:00:01Z"
	want := map[string]string{
		"far":  last + " " + last + " false",
		"ago":  first + " " + first + " true",
		"late": "1970-01-01T00:00:01Z " + last + " false",
		"over": "1970-01-01T00:00:01Z 1970-01-01T00:00:02Z true",
		"good": "1970-01-01T00:00:01Z 5138-11-16T09:46:39Z false",
		"ever": "1970-01-01T00:00:01Z never false", "bad\x1b[31m": "1970-01-01T00:00:01Z never false",
	}
	for _, k := range list.Keys {
		expires := "never"
		if k.ExpiresAt != nil {
			expires = k.ExpiresAt.Format(time.RFC3339)
		}
		if got := fmt.Sprint(k.IssuedAt.Format(time.RFC3339), " ", expires, " ", k.Expired); got != want[k.ID] {
			t.Errorf("%s: %s, want %s", k.ID, got, want[k.ID])
		}
		delete(want, k.ID)
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
	o = b.token(t, "list", "--account", "ci").quiet(t).ended(t, exit.OK)
	text := strings.Join(strings.Fields(o.stdout), " ")
	for _, row := range []string{"over 1970-01-01 00:00:01 UTC 1970-01-01 00:00:02 UTC, expired", "ago 0001-01-01 00:00:01 UTC 0001-01-01 00:00:01 UTC, expired", "good 1970-01-01 00:00:01 UTC 5138-11-16 09:46:39 UTC -"} {
		if !strings.Contains(text, row) {
			t.Errorf("no %q in\n%s", row, o.stdout)
		}
	}
	if strings.Contains(o.stdout, "\x1b") {
		t.Error("an id reaches the terminal as it is")
	}
}
