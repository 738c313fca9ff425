//go:build cluster

package preflight

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// content judges what the Secret holds, or the values.
func (r *run) content(context.Context) (all []Result, _ error) {
	if r.auth.IsPlaintext() && r.credential.IsMarker() {
		r.credential = auth.Secret{}
		return result(Skipped, "the credential was removed from the values beforehand", "")
	}
	mode := string(r.auth.Mode)
	if what := r.unsendable(); what != "" {
		return result(Failed, fmt.Sprintf("the %s %s", mode, what), r.rewrite(r.auth.Credential(), mode))
	}
	found, err := r.resolved(nil)
	if err != nil {
		return nil, err
	}
	for _, d := range found {
		if !isAboutContent(d.Rule) {
			continue
		}
		status := statusOf(d.Severity)
		if d.Rule == placeholderRule && r.auth.Mode == auth.ModePassword && !r.auth.IsPlaintext() {
			status = Warning // some do sign in with "changeme": whether it works, Argo CD knows
		}
		all = append(all, Result{Status: status, Seen: fmt.Sprintf("%s [%s]", d.Message, d.Rule), Advice: r.mend(d)})
	}
	r.fit = !slices.ContainsFunc(all, func(found Result) bool { return found.Status == Failed })
	fine := "the password has no surrounding whitespace or quotes"
	if r.auth.Mode == auth.ModeToken {
		key, err := token.Parse(r.credential.Reveal())
		switch {
		case err != nil && r.fit:
			r.fit = false
			all = append(all, Result{Status: Warning, Seen: "the credential is a placeholder that another tool replaces later, so it cannot be checked"})
		case err == nil && key.Kind == token.APIKey:
			r.key = key
			fine = fmt.Sprintf("an API key of account %q that does not expire", key.Account)
		}
	}
	if len(all) == 0 {
		return result(OK, fine, "")
	}
	return all, nil
}

// unsendable says what keeps a credential from getting to Argo CD at all, "" if
// nothing does: an environment variable holds no NUL, JSON nothing but UTF-8, and a
// header no control characters. Line breaks and the like have a word of their own.
func (r *run) unsendable() string {
	text := r.credential.Reveal()
	switch {
	case !utf8.ValidString(text):
		return "is not UTF-8 text"
	case strings.ContainsRune(text, 0):
		return "contains a NUL byte"
	case r.auth.Mode == auth.ModeToken && strings.ContainsFunc(text, func(c rune) bool { return unicode.IsControl(c) && !unicode.IsSpace(c) }):
		return "contains a control character"
	}
	return ""
}

// mend says what to do about a credential in a Secret. What lint advises is meant
// for values.
func (r *run) mend(d diag.Diagnostic) string {
	isUsername := strings.HasSuffix(d.Path, ".username")
	switch {
	case r.auth.IsPlaintext() || isUsername && r.auth.UsernameRef == nil:
		return d.Hint
	case isUsername:
		return r.rewrite(*r.auth.UsernameRef, "username")
	}
	return r.rewrite(r.auth.Ref, string(r.auth.Mode))
}

// resolved lints the block as if what the Secrets hold stood in it. So what is wrong
// with a credential or an account is judged by the same rules, and said in the same
// words, wherever it comes from. Findings about where things stand mean nothing then.
func (r *run) resolved(argoCD *argocd.Config) ([]diag.Diagnostic, error) {
	mode := string(r.auth.Mode)
	block := map[string]any{"type": mode}
	if r.credential.IsZero() {
		block[mode+"SecretKeyRef"] = r.auth.Credential()
	} else {
		block[mode] = r.credential.Reveal()
	}
	if r.username != "" {
		block["username"] = r.username
	} else if r.auth.UsernameRef != nil {
		block["usernameSecretKeyRef"] = *r.auth.UsernameRef
	}
	return r.lint(map[string]any{"global": map[string]any{"external-argo-cd": map[string]any{"auth": block}}}, argoCD)
}

// lint lints values that are not from a file.
func (r *run) lint(v map[string]any, argoCD *argocd.Config) ([]diag.Diagnostic, error) {
	data, err := encode(v)
	if err != nil {
		return nil, err
	}
	found, err := r.linter.LintFile("the resolved block", data, schema.Options{Now: r.opts.Lint.Now, ArgoCD: argoCD})
	return found.Diagnostics, err
}

// encode writes v as JSON that is YAML too.
func encode(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	return yamldoc.FromJSON(data), err
}
