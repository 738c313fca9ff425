//go:build cluster

package preflight

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// resolved lints the block as if what the Secrets hold stood in it. So what is wrong
// with a credential or an account is judged by the same rules, and said in the same
// words, wherever it comes from. Findings about where things stand mean nothing then.
func (r *run) resolved(argoCD *schema.ArgoCDConfig) ([]diag.Diagnostic, error) {
	block := map[string]any{"type": r.auth.Mode}
	if !r.credential.IsZero() {
		block[string(r.auth.Mode)] = r.credential.Reveal()
	} else {
		block[string(r.auth.Mode)+"SecretKeyRef"] = r.auth.Credential()
	}
	if r.auth.Mode == schema.ModePassword {
		if r.username != "" {
			block["username"] = r.username
		} else if r.auth.UsernameRef != nil {
			block["usernameSecretKeyRef"] = *r.auth.UsernameRef
		}
	}
	return r.lintBlock(block, argoCD)
}

// lintBlock lints a file with nothing but a block in it; nil stands for none.
func (r *run) lintBlock(block map[string]any, argoCD *schema.ArgoCDConfig) ([]diag.Diagnostic, error) {
	var root any = map[string]any{}
	if block != nil {
		root = map[string]any{"global": map[string]any{"external-argo-cd": map[string]any{"auth": block}}}
	}
	data, err := encode(root)
	if err != nil {
		return nil, err
	}
	result, err := r.linter.LintFile("the resolved block", data, schema.Options{Now: r.opts.Lint.Now, ArgoCD: argoCD})
	return result.Diagnostics, err
}

// encode writes v as JSON that is YAML too: JSON has some signs as they are that YAML
// refuses (YAML 1.2, 5.1), and what stands in a cluster may hold any of them.
func encode(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, r := range string(data) {
		if r >= 0x7f && r <= 0x9f || r == 0xfeff || r == 0xfffe || r == 0xffff {
			fmt.Fprintf(&b, "\\u%04x", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes(), nil
}
