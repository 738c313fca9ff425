package examples

import (
	"encoding/base64"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// canary is the plaintext credential that the tests give to the commands. Every
// command they run is searched for it. It is made like a token of Argo CD.
func canary() string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		part([]byte(`{"iss":"argocd","sub":"canary:apiKey","iat":1700000000,"jti":"song-of-the-canary"}`)) +
		".canary-signature-of-a-test-of-43-characters"
}

// traces are pieces of the canary by which it is known also where it was cut,
// wrapped or encoded.
func traces() []string {
	whole := canary()
	pieces := strings.Split(whole, ".")
	return []string{
		pieces[2][:16], pieces[2][27:], pieces[1][20:44],
		base64.StdEncoding.EncodeToString([]byte(whole))[:40],
	}
}

// leaks reports the traces of the canary in a text, under the text's name.
func leaks(name, text string) []string {
	var found []string
	for _, trace := range traces() {
		if i := strings.Index(text, trace); i >= 0 {
			line := 1 + strings.Count(text[:i], "\n")
			found = append(found, fmt.Sprintf("%s shows the credential in line %d", name, line))
		}
	}
	return found
}

// leaksInManifests is leaks for a command's stdout. If that is a stream of
// manifests, the credential belongs into two objects and nowhere else: the
// chart's Secret, and the chart's hook that holds all values.
func leaksInManifests(text string) []string {
	kind := regexp.MustCompile(`(?m)^kind: (\w+)$`)
	name := regexp.MustCompile(`(?m)^ {2}name: ["']?([-\w]+)["']?$`)
	var found []string
	for _, doc := range split(text) {
		object := submatch(kind, doc) + "/" + submatch(name, doc)
		switch object {
		case "Secret/gitops-runtime-argo-cd-token", "Secret/gitops-runtime-argo-cd-password",
			"ConfigMap/helm-values-config", "ConfigMap/validate-values-config":
			continue
		}
		found = append(found, leaks("stdout, "+object+",", doc)...)
	}
	return found
}

func submatch(re *regexp.Regexp, text string) string {
	if m := re.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// The search must find what it is there for.
func TestCanaryIsFound(t *testing.T) {
	secret := "apiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\nstringData:\n  token: \"" + canary() + "\"\n"
	encoded := base64.StdEncoding.EncodeToString([]byte(canary()))
	tests := []struct {
		name, text string
		found      bool
	}{
		{"in an error", "error: token " + canary() + " is refused", true},
		{"cut off", "error: token " + canary()[:100] + "…", true},
		{"only its end", "…" + canary()[len(canary())-30:], true},
		{"as Secret data", "data: " + encoded, true},
		{"in another Secret", fmt.Sprintf(secret, "some-other"), true},
		{"in the chart's Secret", fmt.Sprintf(secret, "gitops-runtime-argo-cd-token"), false},
		{"in a document beside the chart's Secret", fmt.Sprintf(secret, "gitops-runtime-argo-cd-token") +
			"---\nkind: Deployment\nmetadata:\n  name: x\n# " + canary(), true},
		{"absent", "error: token [redacted] is refused", false},
	}
	for _, test := range tests {
		if found := leaksInManifests(test.text); len(found) > 0 != test.found {
			t.Errorf("%s: found %q", test.name, found)
		}
	}
	if len(leaks("stderr", canary())) == 0 {
		t.Error("not found in a text that is nothing else")
	}
}

// However a credential is given and whatever is wrong beside it, no command shows it.
func TestCanaryIsNowhere(t *testing.T) {
	auth := func(lines ...string) string {
		return "global:\n  external-argo-cd:\n    auth:\n      " + strings.Join(lines, "\n      ") + "\n"
	}
	ref := "tokenSecretKeyRef: {name: argo-cd-account, key: api-token}"
	values := map[string]string{
		"good token":          auth("type: token", "token: CANARY"),
		"good password":       auth("type: password", "password: CANARY"),
		"unused":              auth("type: password", "token: CANARY"),
		"type left out":       auth("token: CANARY"),
		"two credentials":     auth("type: token", "token: CANARY", ref),
		"field misspelt":      auth("type: token", "tokn: CANARY"),
		"unknown field":       auth("type: token", ref, "bearer: CANARY"),
		"block misspelt":      strings.Replace(auth("type: token", "token: CANARY"), "argo-cd", "arg-cd", 1),
		"block misplaced":     "external-argo-cd: {auth: {type: token, token: CANARY}}\n",
		"on one line":         "global: {external-argo-cd: {auth: {type: token, token: CANARY, usrname: x}}}\n",
		"list":                auth("type: token", "token: [CANARY]"),
		"block scalar":        auth("type: token", "token: |", "  CANARY", "usrname: x"),
		"as the type":         auth("type: CANARY"),
		"as the reference":    auth("type: token", "tokenSecretKeyRef: CANARY"),
		"as a name":           auth("type: token", "tokenSecretKeyRef: {name: CANARY, key: api-token}"),
		"as the block":        "global: {external-argo-cd: {auth: CANARY}}\n",
		"twice":               auth("type: token", "token: CANARY", "token: CANARY"),
		"quotes left open":    auth("type: token", `token: "CANARY`),
		"bracket left open":   auth("type: token", "token: [CANARY"),
		"both blocks":         auth("type: token", "token: CANARY") + "  integrations: {argo-cd: {server: {auth: {type: password, password: CANARY}}}}\n",
		"with a tab":          auth("type: token", "token:\tCANARY", "\tpassword: CANARY"),
		"padded":              auth("type: token", `token: " CANARY\n"`),
		"behind an anchor":    auth("type: token", "token: &a CANARY", "username: *a", "tokn: *a"),
		"in other values too": auth("type: token", "token: CANARY", ref) + "elsewhere: {token: CANARY}\n",
	}
	commands := [][]string{
		{"lint", "--strict"}, {"lint", "--format", "json"}, {"lint", "--format", "sarif"}, {"lint", "--format", "github"}, {"lint", "FILE"}, {"lint", "FILE", "--diff"},
		{"render"}, {"render", "--strict"}, {"render", "--redact-values-config"}, {"render", "--helm4"}, {"render", "--allow-missing", "argo-gateway"},
		{"plan"}, {"plan", "--diff"}, {"plan", "--format", "json"}, {"plan", "--format", "mermaid"},
		{"template", "runtime", absolute(t, "chart")},
	}
	stdin := read(t, "manifests/g3.yaml")
	for name, text := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir+"/values.yaml", strings.ReplaceAll(text, "CANARY", canary()))
			for _, words := range commands {
				args := slices.Concat(words, []string{"-f", "values.yaml"})
				if words[0] == "lint" && words[1] == "FILE" {
					args = append([]string{"lint", "values.yaml", "--chart-version", "0.30.0"}, words[2:]...)
				} else if words[0] != "lint" {
					args = append(args, "--report", "report.json")
				}
				// The wrapper is not to get as far as helm here.
				env := []string{"HELM_BIN=" + program("no-helm")}
				command{path: program("runtime-auth"), args: args, dir: dir, env: env, stdin: stdin}.run(t)
				if data, err := os.ReadFile(dir + "/report.json"); err == nil {
					for _, leak := range leaks(fmt.Sprintf("%q: the report", words), string(data)) {
						t.Error(leak)
					}
				}
			}
		})
	}
}

// The same for what is given on the command line.
func TestCanaryInFlagsIsNowhere(t *testing.T) {
	const path = "global.external-argo-cd.auth."
	flags := [][]string{
		{"--set", path + "token=CANARY"},
		{"--set", path + "type=token," + path + "token=CANARY"},
		{"--set-string", path + "type=token", "--set-string", path + "tokn=CANARY"},
		{"--set-json", path + `token="CANARY"`},
		{"--set-json", path + `token="CANARY`}, // does not parse
		{"--set-json", `{"global":{"external-argo-cd":{"auth":{"type":"token","token":"CANARY"}}}}`},
		{"--set-literal", path + "password=CANARY", "--set", path + "passwordSecretKeyRef.name=other"},
		{"--set-file", path + "token=token.txt", "--set", path + "type=token"},
		{"--set", path + "token[0=CANARY"}, // does not parse either
		{"--set", path + "type=token", "--set", path + "token={CANARY,CANARY}"},
	}
	stdin := read(t, "manifests/g2.yaml")
	for _, given := range flags {
		t.Run(strings.Join(given, " "), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir+"/token.txt", canary())
			for _, words := range []string{"lint", "lint --format json", "lint --format sarif", "lint --format github", "render", "render --helm4", "plan", "plan --diff", "plan --format json", "plan --format mermaid", "upgrade runtime ."} {
				args := strings.Fields(words)
				for _, word := range given {
					args = append(args, strings.ReplaceAll(word, "CANARY", canary()))
				}
				env := []string{"HELM_BIN=" + program("no-helm")}
				command{path: program("runtime-auth"), args: args, dir: dir, env: env, stdin: stdin}.run(t)
			}
		})
	}
}
