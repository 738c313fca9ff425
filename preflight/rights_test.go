//go:build cluster

package preflight_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
	"github.com/helm-runtime-auth/runtime-auth/preflight/rbac"
)

// rightsOf is what the check says, on one line.
func rightsOf(all []preflight.Result) string {
	for _, r := range all {
		if r.ID == preflight.CheckRights {
			return fmt.Sprintf("%s: %s; %s", r.Status, r.Seen, r.Advice)
		}
	}
	return ""
}

const (
	none  = `account "ci" has none of the rights that a Runtime needs: get applications */*, sync applications */*, get projects *, get clusters *, get repositories *`
	patch = `kubectl patch configmap argocd-rbac-cm --type merge -p `
)

// TestRights is for the policy as the cluster has it.
func TestRights(t *testing.T) {
	for name, test := range map[string]struct {
		data map[string]string // nil: no ConfigMap
		want []string
	}{
		"no ConfigMap": {nil, []string{
			"warning: " + none, `add the line "g, ci, role:admin" to policy.csv`, "kubectl create configmap argocd-rbac-cm '--from-literal=policy.csv=g, ci, role:admin' -n argocd",
		}},
		"no role":        {map[string]string{}, []string{"warning: " + none, patch + `'{"data":{"policy.runtime-auth.ci.csv":"g, ci, role:admin"}}'`}},
		"another's role": {map[string]string{"policy.csv": "g, boss, role:admin"}, []string{"warning: " + none, patch}},
		"admin's role":   {map[string]string{"policy.csv": "g, ci, role:admin"}, []string{`ok: account "ci" may do what a Runtime asks of Argo CD (by ConfigMap "argocd-rbac-cm"); `}},
		"readonly":       {map[string]string{"policy.default": "role:readonly"}, []string{`warning: account "ci" lacks rights that a Runtime needs: sync applications */* (`, patch}},
		"one project":    {map[string]string{"policy.csv": "p, ci, *, *, p1/*, allow"}, []string{"warning: " + none}},
		"an expression":  {map[string]string{"policy.matchMode": "regex"}, []string{"warning: " + none, `"p, ci, .*, .*, .*, allow"`}},
		"denied":         {map[string]string{"policy.csv": "g, ci, role:admin\np, role:admin, applications, sync, *, deny"}, []string{"warning: account \"ci\" lacks rights", "sync applications */*", "remove the line with deny"}},
		"unreadable":     {map[string]string{"policy.csv": "g, ci, role:admin\nnonsense"}, []string{`failed: Argo CD cannot read ConfigMap "argocd-rbac-cm", and so grants nothing: invalid policy line "nonsense"; `}},
		"bad scopes":     {map[string]string{"scopes": "groups"}, []string{`failed: `, "scopes is not a list"}},
	} {
		for mode, values := range map[string]string{"token": tokenValues, "password": passValues} {
			t.Run(name+", "+mode, func(t *testing.T) {
				w := newWorld(t)
				delete(w.configMaps, here+"/argocd-rbac-cm")
				if test.data != nil {
					w.configMaps[here+"/argocd-rbac-cm"] = &corev1.ConfigMap{Data: test.data}
				}
				got := rightsOf(report(t, w, values).Results)
				for _, want := range test.want {
					if !strings.Contains(got, want) {
						t.Errorf("%s\nlacks %s", got, want)
					}
				}
			})
		}
	}
	w := newWorld(t)
	w.refused["get configmaps argocd-rbac-cm"] = true
	if got, want := rightsOf(report(t, w, tokenValues).Results), `skipped: no permission to get configmaps "argocd-rbac-cm" in namespace "argocd"; grant it with a Role`; !strings.HasPrefix(got, want) {
		t.Errorf("forbidden: %s", got)
	}
}

// TestRightsLive is for an Argo CD that is asked: its word counts more than the ConfigMap's.
func TestRightsLive(t *testing.T) {
	const admin = "g, ci, role:admin"
	for name, test := range map[string]struct {
		running, inCluster string // policies; in the cluster "" is forbidden
		status             int    // of the answer to can-i, else by the policy
		want               string
	}{
		"both allow":      {running: admin, inCluster: admin, want: `ok: account "ci" may do what a Runtime asks of Argo CD (by the Argo CD that runs); `},
		"hidden":          {running: admin, want: `ok: account "ci" may do what a Runtime asks of Argo CD (by the Argo CD that runs); `},
		"hidden, no role": {running: "# none", want: "warning: " + none + ` (by the Argo CD that runs); add the line "g, ci, role:admin"`},
		"the ConfigMap grants more": {running: "# none", inCluster: admin,
			want: "warning: " + none + ` (by the Argo CD that runs, but not by the current ConfigMap "argocd-rbac-cm"); `},
		"the ConfigMap grants less": {running: admin, inCluster: "# none",
			want: `ok: account "ci" may do what a Runtime asks of Argo CD (by the Argo CD that runs, but not by the current ConfigMap "argocd-rbac-cm"); `},
		"the ConfigMap is unreadable": {running: admin, inCluster: "nonsense", want: "failed: Argo CD cannot read ConfigMap"},
		"Argo CD cannot tell":         {status: 500, inCluster: admin, want: `warning: Argo CD cannot tell what the account may do: "error creating casbin enforcer: error loading policy line: invalid RBAC policy: …" (status 500); see whether the policy`},
		"Argo CD cannot tell, hidden": {status: 500, want: `warning: Argo CD cannot tell what the account may do: "error creating casbin enforcer: error loading policy line: invalid RBAC policy: …" (status 500); see whether the policy`},
		"no answer": {status: 400, inCluster: admin,
			want: `ok: account "ci" may do what a Runtime asks of Argo CD (by ConfigMap "argocd-rbac-cm"; the Argo CD that runs gave no answer: "[get] does not contain get" (status 400)); `},
		"no answer, hidden": {status: 400, want: "skipped: no permission to get configmaps"},
	} {
		for mode, values := range map[string]string{"token": tokenValues, "password": passValues} {
			t.Run(name+", "+mode, func(t *testing.T) {
				w, s := running(t, argocdtest.Options{})
				w.configMaps[here+"/argocd-rbac-cm"].Data = map[string]string{"policy.csv": test.inCluster}
				w.refused["get configmaps argocd-rbac-cm"] = test.inCluster == ""
				policy, err := rbac.Parse(map[string]string{"policy.csv": test.running}, nil)
				if err != nil {
					t.Fatal(err)
				}
				to, err := url.Parse(s.URL)
				if err != nil {
					t.Fatal(err)
				}
				pass := httputil.NewSingleHostReverseProxy(to)
				asked := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					question, isCanI := strings.CutPrefix(r.URL.Path, "/api/v1/account/can-i/")
					q := strings.SplitN(question, "/", 3)
					rw.Header().Set("Content-Type", "application/json")
					switch {
					case !isCanI:
						rw.Header().Del("Content-Type")
						pass.ServeHTTP(rw, r)
					case test.status != 0:
						rw.WriteHeader(test.status)
						fmt.Fprintf(rw, `{"message":%q}`, map[int]string{
							400: "[get] does not contain get", 500: "error creating casbin enforcer: error loading policy line: invalid RBAC policy: x",
						}[test.status])
					case policy.Allows("ci", q[0], q[1], q[2]):
						fmt.Fprint(rw, `{"value":"yes"}`)
					default:
						fmt.Fprint(rw, `{"value":"no"}`)
					}
				}))
				defer asked.Close()
				opts := options(t, values)
				opts.ArgoCD, opts.NoLive = argocd.Options{URL: asked.URL}, false
				r, err := preflight.Run(t.Context(), w, opts)
				if err != nil {
					t.Fatal(err)
				}
				pasteable(t, r)
				if got := rightsOf(r.Results); !strings.HasPrefix(got, test.want) {
					t.Errorf("%s\nwant %s", got, test.want)
				}
			})
		}
	}
}
