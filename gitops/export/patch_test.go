package export_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/gitops/export"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// workload is a manifest with a container, whose env is given from its list on.
func workload(apiVersion, kind, name, env string) string {
	return "---\napiVersion: " + apiVersion + "\nkind: " + kind + "\nmetadata:\n  name: " + name + `
spec:
  template:
    spec:
      containers:
      - name: sidecar
        image: example/sidecar
        env:
        - name: KEPT
          value: sidecar
      - name: ` + strings.TrimPrefix(name, "cap-") + `
        image: example/image
        env:
` + env
}

const (
	rightByName = "        - name: ARGO_CD_TOKEN_SECRET_NAME\n          value: my-token\n        - name: ARGO_CD_TOKEN_SECRET_KEY\n          value: k\n"
	otherByName = "        - name: KEPT\n          value: \"1\"\n        - name: ARGO_CD_TOKEN_SECRET_NAME\n          value: argocd-token\n        - name: ARGO_CD_TOKEN_SECRET_KEY\n          value: token\n"
)

// runtime is a Runtime of charts 0.26 and newer in which app-proxy is given its env.
func runtime(appProxy string) string {
	s := strings.Replace(workload("apps/v1", "Deployment", "cap-app-proxy", appProxy), "name: app-proxy", "name: cap-app-proxy", 1)
	for _, name := range []string{"gitops-operator", "argo-gateway", "runtime-event-reporter", "cluster-event-reporter"} {
		env := rightByName
		if name == "argo-gateway" {
			env = otherByName
		}
		s += workload("apps/v1", "Deployment", name, env)
	}
	return strings.Replace(s, "- name: gitops-operator", "- name: manager", 1)
}

func tokenRef() auth.Settings {
	return auth.Settings{Declared: true, Auth: auth.Auth{Mode: auth.ModeToken, Ref: auth.SecretRef{Name: "my-token", Key: "k"}}}
}

// TestShapes puts the entries of app-proxy into every shape, and workloads of unusual
// kinds beside it.
func TestShapes(t *testing.T) {
	const right = "        - name: ARGO_CD_TOKEN\n          valueFrom:\n            secretKeyRef: {name: my-token, key: k}\n"
	for name, tt := range map[string]struct {
		stream string
		json   bool // the export must be a JSON patch, because a merge would go wrong
	}{
		"a plain value":          {stream: runtime("        - name: ARGO_CD_TOKEN\n          value: s3cr3t\n")},
		"an optional ref":        {stream: runtime("        - name: ARGO_CD_TOKEN\n          valueFrom:\n            secretKeyRef: {name: other, key: x, optional: true}\n")},
		"a field":                {stream: runtime("        - name: ARGO_CD_TOKEN\n          valueFrom:\n            fieldRef: {fieldPath: metadata.name}\n")},
		"a config map":           {stream: runtime("        - name: ARGO_CD_TOKEN\n          valueFrom:\n            configMapKeyRef: {name: other, key: x}\n")},
		"to be removed":          {stream: runtime(right + "        - name: ARGO_CD_USERNAME\n          value: admin\n        - name: ARGO_CD_PASSWORD\n          value: s3cr3t\n")},
		"not there":              {stream: runtime("        - name: KEPT\n          value: x\n")},
		"twice":                  {stream: runtime("        - name: ARGO_CD_TOKEN\n          value: a\n        - name: KEPT\n          value: x\n        - name: ARGO_CD_TOKEN\n          value: b\n"), json: true},
		"removed, twice":         {stream: runtime(right + "        - name: ARGO_CD_PASSWORD\n          value: a\n        - name: KEPT\n          value: x\n        - name: ARGO_CD_PASSWORD\n          value: b\n"), json: true},
		"no env at all":          {stream: strings.Replace(runtime(""), "        env:\n---", "---", 1)},
		"a Rollout":              {stream: runtime(right) + workload("argoproj.io/v1alpha1", "Rollout", "other", otherByName), json: true},
		"a list":                 {stream: runtime(right) + "---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: DaemonSet\n  metadata: {name: x}\n  spec: {template: {spec: {containers: [{image: x, name: a, env: [{name: ARGO_CD_TOKEN_SECRET_NAME, value: y}]}]}}}\n"},
		"namesakes":              {stream: runtime(right) + namespaced("twin", "a", "c") + namespaced("twin", "b", "d")},
		"aliases and a merge":    {stream: runtime(right) + "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: x}\nspec: {template: {spec: {containers: [{image: x, name: a, env: &e [{name: ARGO_CD_TOKEN_SECRET_NAME, value: y}]}, {image: x, name: b, env: *e}]}}}\n"},
		"a dot in a name":        {stream: runtime(right) + namespaced("t.win", "a", "c") + namespaced("txwin", "a", "d")},
		"a container of digits":  {stream: runtime(right) + namespaced("twin", "a", `"1"`)},
		"an old version, no env": {stream: strings.Replace(strings.Replace(runtime(""), "        env:\n---", "---", 1), "apps/v1", "apps/v1beta2", 1), json: true},
	} {
		t.Run(name, func(t *testing.T) {
			stream := []byte(tt.stream)
			after := rendered(t, tokenRef(), stream)
			changes := changesOf(t, stream, after)
			want := everything(t, after)
			for way, out := range map[string][]byte{"component": viaComponent(t, changes, stream), "flux": viaFlux(t, changes, stream)} {
				if diff := cmp.Diff(want, everything(t, out)); diff != "" {
					t.Errorf("%s (-render +%s)\n%s", way, way, diff)
				}
			}
			made, err := export.Kustomize(changes)
			text := files(t, made, err)["kustomization.yaml"]
			if isJSON := bytes.Contains(text, []byte("op: test")); isJSON != tt.json {
				t.Errorf("a JSON patch: %v\n%s", isJSON, text)
			}
			if bytes.Contains(text, []byte("s3cr3t")) {
				t.Errorf("a credential of the manifests is in the export:\n%s", text)
			}
		})
	}
}

// namespaced is a workload with one container, for names that are hard to tell apart.
func namespaced(name, namespace, container string) string {
	return "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name + ", namespace: " + namespace + "}\n" +
		"spec: {template: {spec: {containers: [{image: x, name: " + container + ", env: [{name: ARGO_CD_TOKEN_SECRET_NAME, value: x}]}]}}}\n"
}

// everything returns all variables of all containers of a stream, with the namespace of
// the object. The last entry of a name is in force.
func everything(t testing.TB, stream []byte) map[string]any {
	t.Helper()
	found := map[string]any{}
	for _, o := range objectsOf(t, stream) {
		containers, _ := at(o, "spec", "template", "spec", "containers").([]any)
		for _, c := range containers {
			env, _ := at(c, "env").([]any)
			for _, e := range env {
				id, _ := at(o, "metadata", "namespace").(string)
				for _, part := range []any{o["kind"], at(o, "metadata", "name"), at(c, "name"), at(c, "image"), at(e, "name")} {
					text, _ := part.(string)
					id += "/" + text
				}
				if _, twice := found[id]; twice {
					e = "twice"
				}
				found[id] = e
			}
		}
	}
	return found
}

// TestSecret holds that the appended Secret gets the namespace of the services, and that
// it says what it is.
func TestSecret(t *testing.T) {
	s := auth.Settings{Declared: true, Auth: auth.Auth{Mode: auth.ModeToken, Plaintext: auth.NewSecret("s3cr3t-token")}}
	stream := []byte(strings.ReplaceAll(runtime("        - name: A\n          value: x\n"), "metadata:\n", "metadata:\n  namespace: argo\n"))
	changes := changesOf(t, stream, rendered(t, s, stream))
	if !changes.HasSecret() {
		t.Fatal("no Secret")
	}
	for engine, export := range map[string]func(export.Changes) ([]export.File, error){"kustomize": export.Kustomize, "flux": export.Flux} {
		made, err := export(changes)
		if err != nil || len(made) != 2 {
			t.Fatal(len(made), err)
		}
		if made[0].Credential != "" || bytes.Contains(made[0].Data, []byte("s3cr3t")) {
			t.Errorf("%s: the credential is in %s", engine, made[0].Name)
		}
		if secret := string(made[1].Data); made[1].Credential != "stringData.token" || !strings.Contains(secret, "s3cr3t-token") || !strings.Contains(secret, "namespace: argo\n") {
			t.Errorf("%s: %s", engine, secret)
		}
	}
}

// TestNothingToDo exports what is right already.
func TestNothingToDo(t *testing.T) {
	stream := []byte(strings.Replace(runtime("        - name: ARGO_CD_TOKEN\n          valueFrom:\n            secretKeyRef: {name: my-token, key: k}\n"), otherByName, rightByName, 1))
	changes := changesOf(t, stream, rendered(t, tokenRef(), stream))
	if !changes.IsEmpty() {
		t.Error("changes in what is right")
	}
	if diff := cmp.Diff(everything(t, stream), everything(t, viaComponent(t, changes, stream))); diff != "" {
		t.Error(diff)
	}
	viaFlux(t, changes, stream)
}

// TestCompareRefuses what is not a stream and what render makes of it.
func TestCompareRefuses(t *testing.T) {
	list := "kind: List\nitems: [{kind: A}, {kind: B}]\n"
	for name, tt := range map[string][2]string{
		"another number of objects": {list, "kind: List\nitems: [{kind: A}]\n"},
		"no YAML":                   {"a: 1\n", "a: {s3cr3t\n"},
		"nothing any more":          {"a: 1\n", "# s3cr3t\n"},
	} {
		_, err := export.Compare([]byte(tt[0]), []byte(tt[1]))
		if err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFromAnotherMode applies an export to what the chart renders in another mode than that
// it was made from: whoever forgets to export anew must not get entries that say two things.
func TestFromAnotherMode(t *testing.T) {
	for _, generation := range []string{"g1", "g2", "g3"} {
		stream := read(t, "../../examples/manifests/"+generation+".yaml")
		target, _ := settingsOf(t, read(t, "../../examples/values/external-argo-cd/username-secret-ref.yaml"))
		start := rendered(t, tokenRef(), stream)
		changes := changesOf(t, start, rendered(t, target, start))
		want := effective(t, rendered(t, target, stream))
		got := effective(t, viaComponent(t, changes, stream))
		for name, origin := range want {
			// app-proxy's own token may be there or not.
			if got[name] != origin && !strings.HasSuffix(name, "/ARGO_CD_TOKEN") {
				t.Errorf("%s: %s is %q, want %q", generation, name, got[name], origin)
			}
		}
	}
}

// TestWords exports texts that YAML would take for something else.
func TestWords(t *testing.T) {
	for _, word := range []string{"yes", "123", "null", "1e3", "~", "a: b", "# x", "", " x ", "012", "1:30", "2001-01-01", "n", "0x1", "a\nb"} {
		s := auth.Settings{Declared: true, Auth: auth.Auth{Mode: auth.ModePassword, Username: word, Ref: auth.SecretRef{Name: "my-password", Key: "123"}}}
		for _, env := range []string{"        - name: ARGO_CD_USERNAME\n          value: admin\n", strings.Repeat("        - name: ARGO_CD_USERNAME\n          value: admin\n", 2)} {
			stream := []byte(runtime(env))
			after := rendered(t, s, stream)
			out := viaComponent(t, changesOf(t, stream, after), stream)
			if diff := cmp.Diff(everything(t, after), everything(t, out)); diff != "" {
				t.Errorf("%q (-render +component)\n%s", word, diff)
			}
		}
	}
}
