package examples

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// canary is the plaintext credential that the tests give to the commands. Every
// command they run is searched for it. It is made like a token of Argo CD.
func canary() string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		part([]byte(`{"iss":"argocd","sub":"canary:apiKey","iat":1700000000,"jti":"song-of-the-canary"}`)) +
		".canary-signature-of-a-test"
}

// traces are pieces of the canary by which it is known also where it was cut,
// wrapped or encoded.
func traces() []string {
	whole := canary()
	pieces := strings.Split(whole, ".")
	return []string{
		pieces[2][:16], pieces[1][20:44],
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
