package export_test

import (
	"bytes"
	"context"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/yaml"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/gitops/export"
	"github.com/helm-runtime-auth/runtime-auth/gitops/krm"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// TestMain collects garbage less often: building trees is most of the work here.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// settingsOf lints a values file; ok is false where render would refuse it.
func settingsOf(t testing.TB, text []byte) (s auth.Settings, ok bool) {
	t.Helper()
	result, err := (&schema.Linter{}).LintFile("values.yaml", text, schema.Options{Rendered: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range result.Diagnostics {
		if schema.StopsRender(d) {
			return auth.Settings{}, false
		}
	}
	return result.Settings, true
}

// rendered is what the post-renderer makes of a stream.
func rendered(t testing.TB, s auth.Settings, stream []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := render.Run(context.Background(), &s, bytes.NewReader(stream), &out, render.Options{OverrideStreamValues: true}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// viaFunction passes a stream through the function, configured by values in a ConfigMap.
func viaFunction(t testing.TB, values, streamed []byte) []byte {
	t.Helper()
	config, err := k8syaml.Marshal(map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]string{"name": "values"},
		"data": map[string]string{"values.yaml": string(values), "overrideStreamValues": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	list := "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n  " + indented(config) + "\nitems:\n"
	for _, doc := range documents(t, streamed) {
		list += "-\n  " + indented(doc) + "\n"
	}
	var out bytes.Buffer
	if err := krm.Execute(t.Context(), time.Time{}, strings.NewReader(list), &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// documents are the objects of a stream, with no marks between them.
func documents(t testing.TB, streamed []byte) (found [][]byte) {
	t.Helper()
	for _, doc := range stream.Split(streamed) {
		doc = bytes.TrimPrefix(doc, []byte("---\n"))
		for line := range bytes.Lines(doc) {
			if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
				found = append(found, doc)
				break
			}
		}
	}
	return found
}

func indented(text []byte) string { return strings.ReplaceAll(string(text), "\n", "\n  ") }

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

// fluxPatches returns the patches in the exported stanza, whose entries have kustomize's
// own type (fluxcd/pkg/apis/kustomize, Patch), and the Secret beside it.
func fluxPatches(t testing.TB, c export.Changes) (patches []types.Patch, secret []byte) {
	t.Helper()
	made, err := export.Flux(c)
	out := files(t, made, err)
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
	for _, p := range stanza.PostRenderers {
		patches = append(patches, p.Kustomize.Patches...)
	}
	return patches, out["secret.yaml"]
}

// viaFlux applies the exported stanza as Flux does: as the patches of a kustomization
// that holds the release's manifests. The Secret is applied beside it.
func viaFlux(t testing.TB, c export.Changes, stream []byte) []byte {
	t.Helper()
	patches, secret := fluxPatches(t, c)
	text, err := yaml.Marshal(types.Kustomization{Resources: []string{"manifests.yaml"}, Patches: patches})
	if err != nil {
		t.Fatal(err)
	}
	applied := kustomized(t, map[string][]byte{"/app/kustomization.yaml": text, "/app/manifests.yaml": stream})
	return append(append(applied, "---\n"...), secret...)
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

// checkEqual wires a stream in every way and compares what the services then read. Flux
// applies the same patches as a Component does, by the same library.
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
	// Applied to what is right already the export does no harm.
	if diff := cmp.Diff(want, effective(t, viaComponent(t, changes, withoutSecret(t, changes, after)))); diff != "" {
		t.Errorf("the component, applied to the wired stream (-want +got)\n%s", diff)
	}
	made, err := export.Kustomize(changes)
	var component types.Kustomization
	if err := k8syaml.Unmarshal(files(t, made, err)["kustomization.yaml"], &component); err != nil {
		t.Fatal(err)
	}
	patches, secret := fluxPatches(t, changes)
	if !reflect.DeepEqual(component.Patches, patches) || (secret != nil) != changes.HasSecret() {
		t.Errorf("flux, a Secret: %v, %+v\nthe component: %+v", secret != nil, patches, component.Patches)
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

// TestCorpus wires what the real chart made of its default for every mode, and what it made
// of each of these modes for the others.
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	t.Parallel()
	starts := []string{"default", "token-ref", "username-ref"}
	for _, version := range oracle.Files(t, "corpus/*/default.yaml") {
		dir := filepath.Dir(version)
		for _, start := range starts {
			stream, built := wiring(t, read(t, filepath.Join(dir, start+".yaml"))), &wirings{}
			for _, file := range glob(t, dir+"/*.values.yaml") {
				name, text := strings.TrimSuffix(filepath.Base(file), ".values.yaml"), read(t, file)
				if s, ok := settingsOf(t, text); !ok || s.BundledArgoCD != nil && *s.BundledArgoCD || start != "default" && !slices.Contains(starts, name) {
					continue
				}
				t.Run(filepath.Base(dir)+"/"+start+"/to/"+name, func(t *testing.T) { checkEqual(t, built, text, stream) })
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
