package krm_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/krm"
)

const config = `functionConfig:
  apiVersion: runtime-auth.dev/v1alpha1
  kind: RuntimeAuth
  spec:
    allowMissing: [app-proxy, gitops-operator, runtime-event-reporter, cluster-event-reporter]
    auth: {type: token, tokenSecretKeyRef: {name: my-token, key: k}}
`

const list = `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: argo-gateway}
  spec: {template: {spec: {containers: [{image: x, name: argo-gateway, env: []}]}}}
` + config

// TestExitCodes holds the exit codes, and that whatever fails leaves nothing to apply and shows
// no credential.
func TestExitCodes(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		args []string
		code int
		says string
	}{
		"wired":              {in: list, code: 0},
		"a broken block":     {in: strings.Replace(list, "type: token", "tpye: token, token: s3cr3t", 1), code: 1, says: "  spec.auth.tpye: error: unknown key \"tpye\""},
		"a broken config":    {in: strings.Replace(list, "allowMissing", "alowMissing", 1), code: 1, says: "functionConfig: spec: unknown field \"alowMissing\""},
		"a missing service":  {in: strings.Replace(list, "[app-proxy, ", "[", 1), code: 3, says: "hint: accept that with allowMissing in the functionConfig"},
		"another credential": {in: strings.Replace(strings.Replace(list, "items:\n", "items:\n- {apiVersion: v1, kind: Secret, metadata: {name: gitops-runtime-argo-cd-token}, stringData: {token: s3cr3t-1}}\n", 1), "tokenSecretKeyRef: {name: my-token, key: k}", "token: s3cr3t-2", 1), code: 1, says: "hint: give the function the same values as helm"},
		"no list":            {in: "a: s3cr3t\n", code: 3, says: "the input is no ResourceList"},
		"without an end":     {in: strings.Repeat("# s3cr3t\n", 8<<20), code: 3, says: "larger than 64 MiB"},
		"an argument":        {in: list, args: []string{"x"}, code: 2, says: "takes no arguments"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := krm.Main(tt.args, krm.Env{Stdin: strings.NewReader(tt.in), Stdout: &out, Stderr: &errs})
			if code != tt.code || !strings.Contains(errs.String(), tt.says) {
				t.Errorf("exit code %d, want %d\n%s", code, tt.code, errs.String())
			}
			if text := out.String(); code != 0 && text != "" && !strings.Contains(text, "\nitems: []\n") || strings.Contains(text+errs.String(), "s3cr3t") {
				t.Errorf("stdout:\n%s\nstderr:\n%s", text, errs.String())
			}
		})
	}
}
