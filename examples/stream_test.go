package examples

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// split cuts a stream of manifests at its separators.
func split(text string) []string {
	return regexp.MustCompile(`(?m)^---.*\n`).Split(text, -1)
}

// manifest is what these tests want to know of an object.
type manifest struct {
	Kind     string
	Metadata struct {
		Name        string
		Annotations map[string]string
	}
	Data       map[string]string
	StringData map[string]string `yaml:"stringData"`
	Spec       struct {
		Template struct {
			Spec struct{ Containers []container }
		}
	}
}

type container struct {
	Name string
	Env  []struct {
		Name, Value string
		ValueFrom   struct {
			SecretKeyRef    *keyRef `yaml:"secretKeyRef"`
			ConfigMapKeyRef *keyRef `yaml:"configMapKeyRef"`
		} `yaml:"valueFrom"`
	}
}

type keyRef struct{ Name, Key string }

// objects decodes a stream into its objects by "Kind/name".
func objects(t testing.TB, stream string) map[string]manifest {
	t.Helper()
	found := map[string]manifest{}
	for _, doc := range split(stream) {
		var m manifest
		if err := yaml.Unmarshal([]byte(doc), &m); err != nil {
			t.Fatalf("%v in:\n%s", err, doc)
		}
		if m.Kind == "" {
			continue // what helm install says before its manifests, or comments
		}
		id := m.Kind + "/" + m.Metadata.Name
		if _, twice := found[id]; twice {
			t.Errorf("%s stands twice in the stream", id)
		}
		found[id] = m
	}
	return found
}

// effective returns what a container's environment says about Argo CD's
// credential: NAME → "value", or "Secret name/key". References to ConfigMaps are
// followed into the stream.
func effective(all map[string]manifest, c container) map[string]string {
	env := map[string]string{}
	for _, e := range c.Env {
		if !isAuth(e.Name) {
			continue
		}
		ref, cm := e.ValueFrom.SecretKeyRef, e.ValueFrom.ConfigMapKeyRef
		switch {
		case ref != nil:
			env[e.Name] = fmt.Sprintf("Secret %s/%s", ref.Name, ref.Key)
		case cm != nil:
			env[e.Name] = all["ConfigMap/"+cm.Name].Data[cm.Key]
		default:
			env[e.Name] = e.Value
		}
	}
	return env
}

func isAuth(variable string) bool {
	switch variable {
	case "ARGO_CD_TOKEN", "ARGO_CD_USERNAME", "ARGO_CD_PASSWORD",
		"ARGO_CD_TOKEN_SECRET_NAME", "ARGO_CD_TOKEN_SECRET_KEY":
		return true
	}
	return false
}

// service is a workload that signs in to Argo CD.
type service struct{ object, container string }

// services lists those of a generation, app-proxy first.
func services(generation string) []service {
	common := []service{
		{"Deployment/cap-app-proxy", "cap-app-proxy"},
		{"Deployment/gitops-operator", "manager"},
	}
	if generation == "g3" {
		return append(common,
			service{"Deployment/argo-gateway", "argo-gateway"},
			service{"Deployment/runtime-event-reporter", "runtime-event-reporter"},
			service{"Deployment/cluster-event-reporter", "cluster-event-reporter"})
	}
	return append(common,
		service{"Deployment/sources-server", "sources-server"},
		service{"StatefulSet/event-reporter", "event-reporter"})
}

// wired returns the contract's environment of one service.
func (m mode) wired(generation string, isAppProxy bool) map[string]string {
	switch {
	case !isAppProxy && m.token:
		return map[string]string{"ARGO_CD_TOKEN_SECRET_NAME": m.secret, "ARGO_CD_TOKEN_SECRET_KEY": m.key}
	case !isAppProxy:
		return map[string]string{"ARGO_CD_TOKEN_SECRET_NAME": "argocd-token", "ARGO_CD_TOKEN_SECRET_KEY": "token"}
	case m.token:
		return map[string]string{"ARGO_CD_TOKEN": "Secret " + m.secret + "/" + m.key}
	}
	env := map[string]string{
		"ARGO_CD_PASSWORD": "Secret " + m.secret + "/" + m.key,
		"ARGO_CD_USERNAME": m.username,
	}
	if generation == "g1" {
		env["ARGO_CD_TOKEN"] = "Secret argocd-token/token" // app-proxy's own, which it may find or not
	}
	return env
}

// checkWiring compares the environment of every service with the contract.
func checkWiring(t testing.TB, stream, generation string, m mode) {
	t.Helper()
	all := objects(t, stream)
	for _, s := range services(generation) {
		want := m.wired(generation, s.container == "cap-app-proxy")
		got := map[string]string{}
		for _, c := range all[s.object].Spec.Template.Spec.Containers {
			if c.Name == s.container {
				got = effective(all, c)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.object, diff)
		}
	}
	secret, made := all["Secret/"+m.secret]
	if made != (m.plaintext != "") {
		t.Errorf("Secret %s in the stream: %v", m.secret, made)
	}
	if made && secret.StringData[m.key] != m.plaintext {
		t.Errorf("Secret %s does not hold the credential that was given", m.secret)
	}
}

// checkRest checks that nothing but wiring tells two streams apart: the entries
// of the auth variables, and the Secret of a plaintext credential.
func checkRest(t testing.TB, before, after string, m mode) {
	t.Helper()
	var documents []string
	for _, doc := range split(after) {
		if m.plaintext != "" && strings.Contains(doc, "\n  name: "+m.secret+"\n") && strings.Contains(doc, "kind: Secret\n") {
			continue
		}
		documents = append(documents, doc)
	}
	originals := split(before)
	if len(documents) != len(originals) {
		t.Fatalf("%d documents became %d", len(originals), len(documents))
	}
	for i, original := range originals {
		if original != documents[i] && !strings.Contains(original, "ARGO_CD_") {
			t.Errorf("a document that has no part in this was changed:\n%s", cmp.Diff(original, documents[i]))
		}
		if diff := cmp.Diff(withoutAuth(original), withoutAuth(documents[i])); diff != "" {
			t.Errorf("more than the wiring was changed (-before +after):\n%s", diff)
		}
	}
}

// withoutAuth removes the lines of the auth variables from lists of environment
// entries. It goes by lines, so that it sees every byte that the entries leave.
func withoutAuth(doc string) string {
	entry := regexp.MustCompile(`^( *)- name: ["']?(\w+)["']?\s*$`)
	var kept []string
	inside := -1 // indentation of the entry that is being removed
	for _, line := range strings.SplitAfter(doc, "\n") {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if m := entry.FindStringSubmatch(line); m != nil && isAuth(m[2]) {
			inside = indent
			continue
		}
		if inside >= 0 && indent > inside {
			continue
		}
		inside = -1
		kept = append(kept, line)
	}
	return strings.Join(kept, "")
}
