package export_test

import (
	"bytes"
	"context"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/gitops/export"
	"github.com/helm-runtime-auth/runtime-auth/gitops/krm"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// settingsOf lints a values file; ok is false where render would refuse it.
func settingsOf(t testing.TB, text []byte) (s schema.Settings, ok bool) {
	t.Helper()
	result, err := (&schema.Linter{}).LintFile("values.yaml", text, schema.Options{Rendered: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range result.Diagnostics {
		if schema.StopsRender(d) {
			return schema.Settings{}, false
		}
	}
	return result.Settings, true
}

// rendered is what the post-renderer makes of a stream.
func rendered(t testing.TB, s schema.Settings, stream []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := render.Run(context.Background(), &s, bytes.NewReader(stream), &out, render.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// viaFunction passes a stream through the function, configured by values in a ConfigMap.
func viaFunction(t testing.TB, values, stream []byte) []byte {
	t.Helper()
	items, err := (&kio.ByteReader{Reader: bytes.NewReader(stream), OmitReaderAnnotations: true, DisableUnwrapping: true}).Read()
	if err != nil {
		t.Fatal(err)
	}
	config := yaml.MustParse("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: values}\n")
	if err := config.PipeE(yaml.Tee(yaml.SetField("data", yaml.NewMapRNode(&map[string]string{"values.yaml": string(values), "overrideStreamValues": "true"})))); err != nil {
		t.Fatal(err)
	}
	var list, out bytes.Buffer
	w := kio.ByteWriter{Writer: &list, KeepReaderAnnotations: true, FunctionConfig: config, WrappingKind: kio.ResourceListKind, WrappingAPIVersion: kio.ResourceListAPIVersion}
	if err := w.Write(items); err != nil {
		t.Fatal(err)
	}
	if err := krm.Execute(krm.Function{}, &list, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// kustomized builds a folder in memory with the library.
func kustomized(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	fs := filesys.MakeFsInMemory()
	for name, data := range files {
		if err := fs.WriteFile(name, data); err != nil {
			t.Fatal(err)
		}
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(fs, "/app")
	if err != nil {
		t.Fatal(err)
	}
	out, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func files(t testing.TB, files []export.File, err error) map[string][]byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{}
	for _, f := range files {
		found[f.Name] = f.Data
		if base := path.Base(f.Name); f.Credential != "" && base != "secret.yaml" && base != "values.yaml" {
			t.Errorf("%s: a credential is found at %s:\n%s", f.Name, f.Credential, f.Data)
		}
	}
	return found
}

func changesOf(t testing.TB, before, after []byte) export.Changes {
	t.Helper()
	c, err := export.Compare(before, after)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// viaComponent applies the exported Component to a stream.
func viaComponent(t testing.TB, c export.Changes, stream []byte) []byte {
	t.Helper()
	in := map[string][]byte{
		"/app/kustomization.yaml": []byte("resources: [manifests.yaml]\ncomponents: [../wiring]\n"),
		"/app/manifests.yaml":     stream,
	}
	made, err := export.Kustomize(c)
	for name, data := range files(t, made, err) {
		in["/wiring/"+name] = data
	}
	return kustomized(t, in)
}

// viaFlux applies the exported stanza as Flux does: as the patches of a kustomization
// that holds the release's manifests. The Secret is applied beside it.
func viaFlux(t testing.TB, c export.Changes, stream []byte) []byte {
	t.Helper()
	made, err := export.Flux(c)
	out := files(t, made, err)
	// The type of its entries is kustomize's own (fluxcd/pkg/apis/kustomize, Patch).
	var stanza struct {
		PostRenderers []struct {
			Kustomize struct {
				Patches []types.Patch `json:"patches"`
			} `json:"kustomize"`
		} `json:"postRenderers"`
	}
	if err := k8syaml.UnmarshalStrict(out["post-renderers.yaml"], &stanza); err != nil {
		t.Fatal(err)
	}
	k := types.Kustomization{Resources: []string{"manifests.yaml"}}
	for _, p := range stanza.PostRenderers {
		k.Patches = append(k.Patches, p.Kustomize.Patches...)
	}
	text, err := yaml.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	applied := kustomized(t, map[string][]byte{"/app/kustomization.yaml": text, "/app/manifests.yaml": stream})
	return append(append(applied, "---\n"...), out["secret.yaml"]...)
}

// wirings are those that were exported and built by now. An export is made of a stream
// before and after, so values that lead from one to the other by another way say nothing
// new about it.
type wirings struct{ seen map[string]bool }

func (w *wirings) isNew(before, after []byte) bool {
	key := string(before) + "\x00" + string(after)
	if w.seen == nil {
		w.seen = map[string]bool{}
	}
	known := w.seen[key]
	w.seen[key] = true
	return !known
}

// checkEqual wires a stream in every way and compares what the services then read.
func checkEqual(t *testing.T, built *wirings, values, stream []byte) {
	t.Helper()
	s, ok := settingsOf(t, values)
	if !ok {
		t.Fatal("the values are refused")
	}
	after := rendered(t, s, stream)
	want := effective(t, after)
	if len(want) < 6 {
		t.Fatalf("only %d variables: %v", len(want), want)
	}
	equal := func(way string, out []byte) {
		t.Helper()
		if diff := cmp.Diff(want, effective(t, out)); diff != "" {
			t.Errorf("%s (-render +%s)\n%s", way, way, diff)
		}
	}
	equal("function", viaFunction(t, values, stream))
	if !built.isNew(stream, after) {
		return
	}
	changes := changesOf(t, stream, after)
	equal("component", viaComponent(t, changes, stream))
	equal("flux", viaFlux(t, changes, stream))
	// Applied to what is right already the export does no harm.
	if diff := cmp.Diff(want, effective(t, viaComponent(t, changes, withoutSecret(t, changes, after)))); diff != "" {
		t.Errorf("the component, applied to the wired stream (-want +got)\n%s", diff)
	}
}

// withoutSecret takes away the document that render appended: a kustomization cannot hold
// two objects of one name.
func withoutSecret(t testing.TB, c export.Changes, stream []byte) []byte {
	t.Helper()
	if !c.HasSecret() {
		return stream
	}
	return stream[:bytes.LastIndex(stream, []byte("---\n"))]
}

// TestExampleChart goes from every mode of the example chart to every other, in every
// generation.
func TestExampleChart(t *testing.T) {
	t.Parallel()
	values := map[string][]byte{}
	for _, file := range glob(t, "../../examples/values/*/*.yaml") {
		values[filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file)] = read(t, file)
	}
	starts := []string{"", "external-argo-cd/token-secret-ref.yaml", "external-argo-cd/username-secret-ref.yaml"}
	changed := 0
	var built wirings
	for _, manifests := range glob(t, "../../examples/manifests/g*.yaml") {
		for _, start := range starts {
			stream := read(t, manifests)
			if testing.Short() && start != "" {
				continue
			}
			if start != "" {
				s, _ := settingsOf(t, values[start])
				stream = rendered(t, s, stream)
			}
			for name, text := range values {
				t.Run(filepath.Base(manifests)+"/"+start+"/to/"+name, func(t *testing.T) {
					checkEqual(t, &built, text, stream)
				})
				if s, _ := settingsOf(t, text); !bytes.Equal(rendered(t, s, stream), stream) {
					changed++
				}
			}
		}
	}
	if changed < 60 && !testing.Short() {
		t.Errorf("only in %d cases there was anything to change", changed)
	}
}

// TestCorpus wires what the real chart made of one mode for every mode.
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	t.Parallel()
	var built wirings
	for _, version := range oracle.Files(t, "corpus/*/default.yaml") {
		dir := filepath.Dir(version)
		for _, start := range []string{"default", "token-ref", "username-ref"} {
			stream := wiring(t, read(t, filepath.Join(dir, start+".yaml")))
			for _, file := range glob(t, dir+"/*.values.yaml") {
				text := read(t, file)
				if s, ok := settingsOf(t, text); !ok || s.BundledArgoCD != nil && *s.BundledArgoCD {
					continue
				}
				name := strings.TrimSuffix(filepath.Base(file), ".values.yaml")
				t.Run(filepath.Base(dir)+"/"+start+"/to/"+name, func(t *testing.T) { checkEqual(t, &built, text, stream) })
			}
		}
	}
}

// TestWholeCorpus does it once with everything that the chart renders, hooks included.
func TestWholeCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	t.Parallel()
	for _, file := range oracle.Files(t, "corpus/*/default.yaml") {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			checkEqual(t, &wirings{}, read(t, filepath.Join(dir, "token-ref.values.yaml")), read(t, file))
		})
	}
}

func glob(t testing.TB, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return found
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
