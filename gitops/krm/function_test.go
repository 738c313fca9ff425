package krm_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/helm-runtime-auth/runtime-auth/gitops/krm"
)

// item is a Deployment of the Runtime, as an entry of a ResourceList.
func item(name, container, more, env string) string {
	return `
- apiVersion: apps/v1
  kind: Deployment
  metadata: # kept
    name: ` + name + "\n" + more + `  spec:
    template:
      spec:
        containers:
        - {image: x, name: ` + container + `, env: [` + env + `]}`
}

const (
	annotated = `    namespace: argo
    annotations:
      config.kubernetes.io/index: '3'
      config.kubernetes.io/path: 'a.yaml'
      internal.config.kubernetes.io/index: '3'
      internal.config.kubernetes.io/path: 'a.yaml'
`
	wrong  = `{name: ARGO_CD_TOKEN_SECRET_NAME, value: argocd-token}`
	byName = `{name: ARGO_CD_TOKEN_SECRET_KEY, value: k}, {name: ARGO_CD_TOKEN_SECRET_NAME, value: my-token}`
)

// runtimeItems are the services of charts 0.26 and newer, of which app-proxy is to be
// wired and the others are right, and an object that has no part in this.
func runtimeItems() string {
	return item("cap-app-proxy", "cap-app-proxy", annotated, `{name: ARGO_CD_PASSWORD, value: "s3cr3t-old"}`) +
		item("gitops-operator", "manager", annotated, byName) +
		item("argo-gateway", "argo-gateway", annotated, byName) +
		item("runtime-event-reporter", "x", annotated, byName) +
		item("cluster-event-reporter", "x", annotated, byName) + `
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: other
    annotations: {}
  data:
    octal: 0o7 # a comment
    folded: >-
      a

      b
`
}

func list(items, config string) string {
	return "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:" + items + "functionConfig:\n" + config
}

// runtimeAuth is a functionConfig with a spec, which is given with an indentation of four.
func runtimeAuth(spec string) string {
	return "  apiVersion: runtime-auth.dev/v1alpha1\n  kind: RuntimeAuth\n  metadata: {name: x}\n  spec:\n" + spec
}

const tokenRef = "    auth:\n      type: token\n      tokenSecretKeyRef: {name: my-token, key: k}\n"

// run runs the function and reads what it wrote.
func run(t *testing.T, in string) (items []*yaml.RNode, results framework.Results, out string, err error) {
	t.Helper()
	var b bytes.Buffer
	err = krm.Execute(t.Context(), time.Unix(1_800_000_000, 0), strings.NewReader(in), &b)
	var read struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Items      []yaml.Node
		Results    framework.Results
	}
	if b.Len() > 0 {
		if err := yaml.Unmarshal(b.Bytes(), &read); err != nil {
			t.Fatal(err)
		}
		if read.APIVersion != "config.kubernetes.io/v1" || read.Kind != "ResourceList" {
			t.Errorf("it is a %s of %s", read.Kind, read.APIVersion)
		}
	}
	for i := range read.Items {
		items = append(items, yaml.NewRNode(&read.Items[i]))
	}
	return items, read.Results, b.String(), err
}

// What is right stays as it was read, and the service that is not is wired in its place.
func TestItems(t *testing.T) {
	items, results, out, err := run(t, list(runtimeItems(), runtimeAuth(tokenRef)))
	if err != nil {
		t.Fatal(err)
	}
	if len(items) != 6 {
		t.Fatalf("%d items", len(items))
	}
	before, _, _ := strings.Cut(runtimeItems(), "\n- apiVersion: v1")
	untouched := before[strings.Index(before, "gitops-operator")-80:]
	untouched = untouched[strings.Index(untouched, "- apiVersion"):]
	for _, kept := range []string{untouched, "    annotations: {}\n", "    octal: 0o7 # a comment\n", "    folded: >-\n      a\n\n      b\n"} {
		if !strings.Contains(out, kept) {
			t.Errorf("this has changed:\n%s\n-- in --\n%s", kept, out)
		}
	}
	first := items[0].MustString()
	for _, want := range []string{
		"config.kubernetes.io/index: '3'", "internal.config.kubernetes.io/path: 'a.yaml'", "# kept",
		`"name": "my-token"`, "secretKeyRef",
	} {
		if !strings.Contains(first, want) {
			t.Errorf("the wired item lacks %q:\n%s", want, first)
		}
	}
	if strings.Contains(out, "s3cr3t") {
		t.Errorf("what was removed is still there:\n%s", out)
	}
	want := []string{"ARGO_CD_PASSWORD] removed", "ARGO_CD_TOKEN] set"}
	for i, r := range results {
		_, name, _ := strings.Cut(r.Field.Path, "env[name=")
		state := r.Message[strings.LastIndex(r.Message, " ")+1:]
		if got := name + " " + state; len(results) != len(want) || got != want[i] {
			t.Errorf("result %d: %s", i, got)
		}
		if r.Severity != framework.Info || r.ResourceRef.Name != "cap-app-proxy" || r.ResourceRef.APIVersion != "apps/v1" || r.ResourceRef.Namespace != "argo" {
			t.Errorf("result %+v", r)
		}
	}
}

// A second run changes nothing, whatever way the values are given.
func TestConfigs(t *testing.T) {
	values := "    values.yaml: |\n      global:\n        integrations:\n          argo-cd:\n            server:\n              auth:\n                type: token\n                tokenSecretKeyRef: {name: my-token, key: k}\n"
	_, _, want, err := run(t, list(runtimeItems(), runtimeAuth(tokenRef)))
	if err != nil {
		t.Fatal(err)
	}
	_, _, got, err := run(t, list(runtimeItems(), "  apiVersion: v1\n  kind: ConfigMap\n  data:\n"+values))
	if err != nil {
		t.Fatal(err)
	}
	itemsOf := func(s string) string { before, _, _ := strings.Cut(s, "functionConfig:"); return before }
	if itemsOf(got) != itemsOf(want) {
		t.Errorf("values in a ConfigMap give\n%s", got)
	}
	again, results, out, err := run(t, strings.Replace(want, "results:", "ignored:", 1))
	if err != nil || len(results) != 0 || itemsOf(out) != itemsOf(want) {
		t.Errorf("a second run: %v, %d items, results %v\n%s", err, len(again), results, out)
	}
}

// The Secret of a plaintext credential is a new item, in the namespace of the services.
func TestPlaintext(t *testing.T) {
	items, results, _, err := run(t, list(runtimeItems(), runtimeAuth("    auth: {type: token, token: s3cr3t-token}\n")))
	if err != nil {
		t.Fatal(err)
	}
	if len(items) != 7 {
		t.Fatalf("%d items", len(items))
	}
	secret := items[6]
	if secret.GetKind() != "Secret" || secret.GetName() != "gitops-runtime-argo-cd-token" || secret.GetNamespace() != "argo" ||
		!strings.Contains(secret.MustString(), "s3cr3t-token") {
		t.Errorf("the new item is\n%s", secret.MustString())
	}
	warned := false
	for _, r := range results {
		if r.Severity == framework.Error { // lint says it of the token's form, which stops nothing here
			t.Errorf("an error, and still items: %v", r)
		}
		warned = warned || r.Severity == framework.Warning && r.Tags["rule"] == "plaintext-credential" && r.Field.Path == "spec.auth.token"
		if strings.Contains(r.String(), "s3cr3t") {
			t.Errorf("a result shows a credential: %v", r)
		}
	}
	if !warned {
		t.Errorf("no warning in %v", results)
	}
}

// Services in several namespaces are several Runtimes, which one set of values cannot serve.
func TestSeveralNamespaces(t *testing.T) {
	in := strings.Replace(runtimeItems(), "namespace: argo", "namespace: other", 1)
	items, _, _, err := run(t, list(in, runtimeAuth("    auth: {type: token, token: s3cr3t-token}\n")))
	if err == nil || len(items) > 0 {
		t.Errorf("%v, %d items", err, len(items))
	}
}

// What is right stays the very node.
func TestSameNodes(t *testing.T) {
	r := kio.ByteReader{Reader: strings.NewReader(list(runtimeItems(), runtimeAuth(tokenRef))), OmitReaderAnnotations: true}
	items, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	l := krm.List{Items: items, FunctionConfig: r.FunctionConfig}
	if err := l.Process(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	for i, item := range l.Items {
		if same := item == items[i]; same != (i > 0) {
			t.Errorf("item %d is the same node: %v", i, same)
		}
	}
}

// Anchors that lead from one item into another are written out.
func TestAliases(t *testing.T) {
	in := strings.Replace(runtimeItems(), "env: ["+byName+"]", "env: &e ["+byName+"]", 1)
	in = strings.ReplaceAll(in, "env: ["+byName+"]", "env: *e")
	if strings.Count(in, "*e") != 3 {
		t.Fatal(in)
	}
	in = strings.Replace(in, "value: my-token", "value: other", 1)
	items, _, out, err := run(t, list(in, runtimeAuth(tokenRef)))
	if err != nil || len(items) != 6 || strings.Count(out, "value: my-token") != 4 || strings.Contains(out, "value: other") {
		t.Errorf("%v\n%s", err, out)
	}
}

// Whatever is wrong: an error, a result that says so with the field, and no items.
func TestRefusals(t *testing.T) {
	complete := runtimeItems()
	for name, tt := range map[string]struct {
		items, config string
		field, says   string
	}{
		"no functionConfig":    {complete, "  {}\n", "", "there is none"},
		"another kind":         {complete, "  apiVersion: v1\n  kind: Secret\n", "", `"Secret" of "v1" is not known`},
		"another version":      {complete, "  apiVersion: runtime-auth.dev/v1\n  kind: RuntimeAuth\n", "", `it must be a RuntimeAuth of runtime-auth.dev/v1alpha1`},
		"no spec":              {complete, "  apiVersion: runtime-auth.dev/v1alpha1\n  kind: RuntimeAuth\n", "spec", "it must be a mapping with auth"},
		"no auth":              {complete, runtimeAuth("    allowMissing: []\n"), "spec.auth", "it is missing"},
		"an unknown field":     {complete, runtimeAuth(tokenRef + "    alowMissing: []\n"), "spec", `unknown field "alowMissing"`},
		"a field twice":        {complete, runtimeAuth(tokenRef + tokenRef), "spec.auth", "it stands there twice"},
		"an unknown switch":    {complete, runtimeAuth(tokenRef + "    argoCD: {enable: true}\n"), "spec.argoCD", `unknown field "enable"`},
		"an unknown service":   {complete, runtimeAuth(tokenRef + "    allowMissing: [app]\n"), "spec.allowMissing", `unknown service "app"`},
		"services as a word":   {complete, runtimeAuth(tokenRef + "    allowMissing: app-proxy\n"), "spec.allowMissing", "it must be a list"},
		"a misspelt field":     {complete, runtimeAuth("    auth: {tpye: token, token: s3cr3t}\n"), "spec.auth.tpye", `did you mean "type"?`},
		"a field of the block": {complete, runtimeAuth("    auth: {type: token, type: token, token: s3cr3t}\n"), "spec.auth.type", ""},
		"both credentials":     {complete, runtimeAuth("    auth: {type: token, token: s3cr3t, tokenSecretKeyRef: {name: a, key: b}}\n"), "spec.auth.tokenSecretKeyRef", ""},
		"auth is a list":       {complete, runtimeAuth("    auth: [s3cr3t]\n"), "spec.auth", "it must be a map"},
		"no values":            {complete, "  apiVersion: v1\n  kind: ConfigMap\n  data: {a: s3cr3t}\n", "data", `unknown field "a"`},
		"values of no mapping": {complete, "  apiVersion: v1\n  kind: ConfigMap\n  data: {values.yaml: '[s3cr3t]'}\n", "", "must be a map"},
		"values of no YAML":    {complete, "  apiVersion: v1\n  kind: ConfigMap\n  data: {values.yaml: '{s3cr3t'}\n", "", ""},
		"empty values":         {complete, "  apiVersion: v1\n  kind: ConfigMap\n  data: {values.yaml: ''}\n", "data.values.yaml", "it is missing"},
		"an unknown service in data": {complete, "  apiVersion: v1\n  kind: ConfigMap\n  data: {allowMissing: 'app-proxy, x', values.yaml: 'global: {external-argo-cd: {auth: {type: password}}}'}\n",
			"data.allowMissing", `unknown service "x"`},
		"a service is missing": {item("argo-gateway", "argo-gateway", "", wrong) + "\n", runtimeAuth(tokenRef), "", "accept that with allowMissing"},
		"no Runtime":           {" []\n", runtimeAuth(tokenRef), "", "run the function over all manifests"},
		"an item is no object": {"\n- s3cr3t\n", runtimeAuth(tokenRef), "", "item 1 is no object"},
		"an alias without end": {"\n- kind: &a {x: *a}\n", runtimeAuth(tokenRef), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			items, results, out, err := run(t, list(tt.items, tt.config))
			if err == nil {
				t.Fatalf("no error, and this output:\n%s", out)
			}
			if len(items) > 0 || strings.Contains(out, "s3cr3t") || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%v\n%s", err, out)
			}
			if out == "" {
				return // what cannot be read as a list has no results
			}
			for _, r := range results {
				if r.Severity == framework.Error && strings.Contains(r.Message, tt.says) && (tt.field == "" || r.Field != nil && r.Field.Path == tt.field) {
					return
				}
			}
			t.Errorf("no error about %q that says %q in\n%s", tt.field, tt.says, out)
		})
	}
}

func TestAllowMissing(t *testing.T) {
	in := list(item("argo-gateway", "argo-gateway", "", wrong)+"\n", runtimeAuth(tokenRef+
		"    allowMissing: [app-proxy, runtime-event-reporter, cluster-event-reporter]\n    gitopsOperator: {enabled: false}\n"))
	items, results, _, err := run(t, in)
	if err != nil || len(items) != 1 || !strings.Contains(items[0].MustString(), "my-token") {
		t.Errorf("%v, items %v", err, items)
	}
	if len(results) != 5 {
		t.Errorf("results %v", results)
	}
}

// A Runtime with an Argo CD of its own, of a chart that ignores the block then.
func TestBundled(t *testing.T) {
	in := item("cap-app-proxy", "cap-app-proxy", "    labels: {helm.sh/chart: gitops-runtime-0.25.0}\n", wrong) + "\n"
	items, results, _, err := run(t, list(in, runtimeAuth(tokenRef+"    argoCD: {enabled: true}\n")))
	if err != nil || len(items) != 1 || strings.Contains(items[0].MustString(), "my-token") {
		t.Errorf("%v, items %v", err, items)
	}
	if len(results) == 0 || results[0].Severity != framework.Warning {
		t.Errorf("results %v", results)
	}
}

// What is no ResourceList is not answered with one.
func TestNoList(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":     "",
		"no YAML":     "{s3cr3t",
		"a manifest":  "apiVersion: v1\nkind: Secret\nstringData: {a: s3cr3t}\n",
		"a List":      "apiVersion: v1\nkind: List\nitems: []\n",
		"a stream":    "kind: ResourceList\nitems: []\n---\nkind: ResourceList\nitems: []\n",
		"other items": "kind: ResourceList\n",
	} {
		_, _, out, err := run(t, in)
		if err == nil || out != "" || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	broken := errors.New("broken")
	err := krm.Execute(t.Context(), time.Time{}, strings.NewReader(list(" []\n", runtimeAuth(tokenRef))), writer{broken})
	if !errors.Is(err, broken) {
		t.Errorf("a writer that fails: %v", err)
	}
}

type writer struct{ err error }

func (w writer) Write([]byte) (int, error) { return 0, w.err }
