package examples

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// complete asks helm for the completions of words, of which the last is at the
// cursor, and returns them without their explanations, and the directive.
func (h *helm) complete(t testing.TB, words ...string) (offered []string, directive string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(h.helm(append([]string{"__complete", "runtime-auth"}, words...)...).ok(t)), "\n")
	for _, l := range lines[:len(lines)-1] {
		word, explanation, _ := strings.Cut(l, "\t")
		if strings.Contains(explanation, "`") {
			t.Errorf("the explanation has marks in it: %s", l)
		}
		if strings.Contains(word, " ") {
			t.Errorf("not a word: %s", l)
		}
		offered = append(offered, word)
	}
	return offered, lines[len(lines)-1]
}

// What a shell gets from helm, in both of them: through plugin.complete, and on
// through the program that has the command, or back to helm.
func TestCompletion(t *testing.T) {
	long(t)
	const (
		byDefault = ":0"
		noFiles   = ":4"
		extension = ":8"
		folders   = ":16"
	)
	tests := []struct {
		words     string // separated by blanks; the last one, which may be empty, is at the cursor
		want      []string
		not       []string
		directive string
	}{
		{"", []string{"lint", "check", "token", "render", "plan", "schema", "upgrade", "version"}, []string{"yaml"}, noFiles},
		{"lint --", []string{"--format", "--fix", "--strict", "--chart-version", "--values"}, []string{"--all-namespaces"}, noFiles},
		{"lint --fix --di", []string{"--diff"}, []string{"--fix"}, noFiles},
		{"lint ", []string{"yaml", "yml", "json"}, nil, extension},
		{"lint -f ", []string{"yaml", "yml", "json"}, nil, extension},
		{"lint --format ", []string{"text", "json", "sarif", "github"}, []string{"mermaid"}, noFiles},
		{"plan --format ", []string{"text", "json", "mermaid"}, []string{"sarif", "or"}, noFiles},
		{"lint --chart-version ", []string{"0.25.0", "0.26.0"}, nil, noFiles},
		{"lint --argo-cd ", nil, nil, byDefault},
		{"lint --set ", nil, nil, noFiles},
		{"render --allow-missing ", []string{"app-proxy", "gitops-operator", "argo-gateway"}, nil, noFiles},
		{"render ", nil, nil, noFiles},
		{"schema ", []string{"values", "lint", "plan", "check"}, nil, noFiles},
		{"schema lint ", nil, []string{"values"}, noFiles},
		{"check --all", []string{"--all-namespaces"}, nil, noFiles},
		{"check --format ", []string{"text", "json", "junit"}, []string{"sarif"}, noFiles},
		{"check -f ", []string{"yaml"}, nil, extension},
		{"token ", []string{"create", "list", "revoke"}, nil, noFiles},
		{"token create --secret", []string{"--secret-name", "--secret-key"}, nil, noFiles},
		{"token create --output ", []string{"yaml", "json"}, []string{"writing"}, noFiles},
		{"token create --ca-file ", nil, nil, byDefault},
		{"upgrade --no", []string{"--no-lint", "--no-hooks"}, nil, noFiles},
		{"upgrade --no-lint --allow-missing a", []string{"app-proxy", "argo-gateway"}, []string{"gitops-operator"}, noFiles},
		{"template --report out.json --create", []string{"--create-namespace"}, nil, noFiles},
		{"export ", []string{"kustomize", "flux", "argocd"}, nil, noFiles},
		{"export argocd --as ", []string{"application", "plugin"}, nil, noFiles},
		{"export flux --output ", nil, nil, folders},
		{"install --report ", nil, nil, byDefault},
	}
	for _, c := range clients(t) {
		t.Run("helm"+c.major, func(t *testing.T) {
			t.Parallel()
			h := bareHelm(t, c)
			plugin := filepath.Join(t.TempDir(), "runtime-auth")
			write(t, filepath.Join(plugin, "plugin.yaml"), read(t, "../plugin.yaml"))
			link(t, absolute(t, "..", "plugin.complete"), filepath.Join(plugin, "plugin.complete"))
			link(t, filepath.Join(plugins(), "runtime-auth", "bin"), filepath.Join(plugin, "bin"))
			h.helm("plugin", "install", plugin).ok(t)
			for i, tt := range tests {
				if c.major == "3" && i%4 != 0 {
					continue // the plugin is the same, and so is what helm asks it
				}
				offered, directive := h.complete(t, strings.Split(tt.words, " ")...)
				if directive != tt.directive {
					t.Errorf("%q: directive %s, want %s", tt.words, directive, tt.directive)
				}
				for _, word := range tt.want {
					if !slices.Contains(offered, word) {
						t.Errorf("%q: %s is not among %s", tt.words, word, offered)
					}
				}
				for _, word := range tt.not {
					if slices.Contains(offered, word) {
						t.Errorf("%q: %s is among %s", tt.words, word, offered)
					}
				}
			}
		})
	}
}
