package render_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	k8syaml "sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// fuzzSecret is a credential that no message and no report may show.
const fuzzSecret = "fuzz-s3cr3t-credential"

func fuzzSettings() []*auth.Settings {
	return []*auth.Settings{
		{Declared: true, Auth: tokenRef("my-token", "k", nil)},
		{Declared: true, Auth: plainToken(fuzzSecret)},
		{Declared: true, Auth: plainPassword(fuzzSecret, "svc"), BundledArgoCD: new(false)},
		{Declared: true, Auth: passwordRef(auth.DefaultPasswordRef(), "admin"), GitOpsOperatorDisabled: new(true)},
		nil,
		{},
	}
}

// FuzzRender runs over broken and odd streams. What it writes is its own fixed
// point and parses where the input did, documents that no service stands in are as
// before, no service is overlooked, an error writes nothing, and nothing tells the
// credential but the Secret.
func FuzzRender(f *testing.F) {
	for i := range len(fuzzSettings()) {
		n := uint8(i)
		for _, tt := range appProxyCases() {
			f.Add([]byte(gen026(appProxy(tt.env), byName("a", "b"))), n)
			f.Add([]byte(crlf(gen018(appProxy(tt.env, chartLabel("0.19.0")), byName("a", "b"))+secretDoc(auth.TokenSecretName, "stringData: {token: "+fuzzSecret+"}\n"))), n)
		}
		f.Add([]byte(strings.ReplaceAll(gen026(appProxy(passwordEnv()), ""), "\n", "\r")), n)
		f.Add([]byte(strings.ReplaceAll(gen026(appProxy(passwordEnv()), byName("a", "b")), "\n---\n", "\r---\r\n")), n)
		f.Add([]byte(valuesDoc(authValues("{type: token, token: "+fuzzSecret+"}"))+gen026(appProxy(passwordEnv()), "")), n)
		f.Add([]byte("%YAML 1.1\n---\nkind: List\nitems:\n- &a {kind: Deployment, metadata: {name: argo-gateway}, spec: {template: {spec: {containers: [{image: x, env: *e}]}}}}\n- *a\n...\n"), n)
	}
	app, others := servicesBefore()
	for i, x := range features() {
		f.Add([]byte(app+"---\n"+x.yaml+others), uint8(i))
		f.Add([]byte(strings.Replace(app, "spec:\n", x.yaml+"spec:\n", 1)+others), uint8(i))
	}
	for i, c := range chunks() {
		f.Add([]byte(app+c.text+others), uint8(i))
	}
	for name, form := range forms() {
		f.Add([]byte(form(app, others)), uint8(len(name)))
	}
	for _, name := range oracle.Optional(f, "corpus/main-2026-08/token.pr-stdin.yaml", "corpus/0.18.0/token.pr-stdin.yaml", "corpus/0.25.2/default.pr-stdin-helm4.yaml") {
		in, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for i := range len(fuzzSettings()) {
			f.Add(concerned(in), uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, in []byte, n uint8) {
		settings := fuzzSettings()[int(n)%len(fuzzSettings())]
		opts := render.Options{RedactValuesConfig: n&64 != 0}
		if n&32 != 0 {
			opts.AllowMissing = render.Services()
		}
		out, report := fuzzRun(t, settings, in, opts)
		if out == nil {
			return
		}
		again, _ := fuzzRun(t, settings, out, opts)
		if !bytes.Equal(out, again) {
			t.Fatalf("not a fixed point:\n%q\n->\n%q\n->\n%q", in, out, again)
		}
		checkOthers(t, in, out, report, opts)
		checkFound(t, in, report)
		// what nobody has declared changes nothing
		if undeclared := settings != nil && !settings.Declared; undeclared && report.Values == render.Witness && !opts.RedactValuesConfig && !bytes.Equal(in, out) {
			t.Fatalf("nothing is declared, and yet this is changed:\n%q\n->\n%q", in, out)
		}
	})
}

// concerned keeps the documents of a stream that are of interest, so that fuzzing is quick.
func concerned(in []byte) []byte {
	var kept []byte
	for _, d := range splitAll(in) {
		if bytes.Contains(d, []byte("ARGO_CD_")) && len(d) < 20000 {
			kept = append(kept, d...)
		}
	}
	return kept
}

func splitAll(in []byte) (docs [][]byte) {
	for r := stream.NewReader(bytes.NewReader(in), 0); ; {
		d, err := r.Next()
		if err != nil {
			return docs
		}
		docs = append(docs, d.Bytes())
	}
}

// fuzzRun returns nil if the run failed, after looking at how it did.
func fuzzRun(t *testing.T, s *auth.Settings, in []byte, opts render.Options) ([]byte, render.Report) {
	var out bytes.Buffer
	report, err := render.Run(context.Background(), s, bytes.NewReader(in), &out, opts)
	told, marshalErr := json.Marshal(report)
	if marshalErr != nil {
		t.Fatal(marshalErr)
	}
	if s != nil && len(report.Services) == 0 && bytes.Contains(told, []byte(fuzzSecret)) && !bytes.Contains(in, []byte(fuzzSecret)) {
		t.Fatalf("the report shows the credential: %s", told)
	}
	if err == nil {
		return out.Bytes(), report
	}
	var e *render.Error
	if !errors.As(err, &e) || e.Kind == 0 || out.Len() > 0 {
		t.Fatalf("%q: error %v after %d bytes", in, err, out.Len())
	}
	if s != nil && strings.Contains(e.Error()+e.Hint, fuzzSecret) {
		t.Fatalf("%q: the error shows the credential: %v", in, e)
	}
	return nil, report
}

// checkOthers compares the documents that hold no service.
func checkOthers(t *testing.T, in, out []byte, report render.Report, opts render.Options) {
	before, after := splitAll(in), splitAll(out)
	if len(after) != len(before) && len(after) != len(before)+1 {
		t.Fatalf("%d documents became %d:\n%q\n->\n%q", len(before), len(after), in, out)
	}
	touched := map[int]bool{}
	for _, s := range report.Services {
		touched[s.Document-1] = true
	}
	for i, d := range before {
		redacted := opts.RedactValuesConfig && bytes.Contains(d, []byte("values-config"))
		last := i == len(before)-1 && bytes.HasPrefix(after[i], d) // a line end may have been missing
		if parses(d) && !parses(after[i]) {
			t.Fatalf("a document does not parse any more:\n%q\n->\n%q", d, after[i])
		}
		if !touched[i] && !redacted && !last && !bytes.Equal(d, after[i]) {
			t.Fatalf("a document without a service changed:\n%q\n->\n%q", d, after[i])
		}
	}
}

func parses(doc []byte) bool {
	var v any
	return k8syaml.Unmarshal(doc, &v) == nil
}

// checkFound looks for services without the prefilter, as the API server reads
// them. Those written with escapes, or as base64, are not seen.
func checkFound(t *testing.T, in []byte, report render.Report) {
	found := map[int]bool{}
	for _, s := range report.Services {
		found[s.Document] = true
	}
	for i, d := range splitAll(in) {
		var o map[string]any
		if bytes.ContainsRune(d, '\\') || bytes.Contains(d, []byte("binary")) || k8syaml.Unmarshal(d, &o) != nil {
			continue
		}
		metadata, _ := o["metadata"].(map[string]any)
		annotations, _ := metadata["annotations"].(map[string]any)
		if _, isHook := annotations["helm.sh/hook"]; !isHook && isService(o["kind"], metadata["name"]) && !found[i+1] {
			t.Fatalf("%v/%v was overlooked:\n%q", o["kind"], metadata["name"], d)
		}
	}
}

func isService(kind, name any) bool {
	switch name {
	case "cap-app-proxy", "gitops-operator", "sources-server", "argo-gateway", "runtime-event-reporter", "cluster-event-reporter":
		return kind == "Deployment"
	case "event-reporter":
		return kind == "StatefulSet"
	}
	return false
}
