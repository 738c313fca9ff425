package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cli"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/krm"
	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

// story is one set of values and one stream of manifests, with what has to come of them.
type story struct {
	files []string // of values
	flags []string // --set and its like
	// chart is the folder of a chart for --chart, "" for none.
	chart string
	text  string // the values in one text, "" where they are not in one file

	stream *stream
	// wants is what the services must use in the end, nil where the run has to be refused.
	wants []string
	// isWitness is set where nobody declares anything, and the manifests stay as they are.
	isWitness bool
	invalid   bool // for lint, too
	plaintext bool
}

type object = map[string]any

// declaration is a block, and what the services use that is wired by it.
type declaration struct {
	name    string
	block   object
	uses    []string
	invalid bool
}

const byAppProxy = "argocd-token/token" // what the other services use in password mode

func declarations() []declaration {
	ref := func(name, key string) object { return object{"name": name, "key": key} }
	return []declaration{
		{name: "none"},
		{name: "empty", block: object{}},
		{name: "unset", block: object{"type": "", "tokenSecretKeyRef": nil}},
		{name: "token", block: object{"type": "token", "tokenSecretKeyRef": ref("my-token", "k")}, uses: []string{"my-token/k"}},
		{name: "password", block: object{"type": "password", "passwordSecretKeyRef": ref("my-password", "k")}, uses: []string{byAppProxy, "my-password/k"}},
		{name: "default", block: object{"type": "password", "passwordSecretKeyRef": ref("argocd-initial-admin-secret", "password")}, uses: []string{"argocd-initial-admin-secret/password", byAppProxy}},
		{name: "plaintext", block: object{"type": "token", "token": "s3cr3t-token"}, uses: []string{"gitops-runtime-argo-cd-token/token"}},
		{name: "slip", block: object{"type": "token", "tokenSecretKeyReff": ref("my-token", "k")}, invalid: true},
		{name: "half", block: object{"type": "token", "tokenSecretKeyRef": object{"name": "my-token"}}, invalid: true},
	}
}

// places are where charts look for the block.
func places() [][]string {
	return [][]string{{"global", "external-argo-cd", "auth"}, {"global", "integrations", "argo-cd", "server", "auth"}}
}

func nest(path []string, v any) object {
	for i := len(path) - 1; i > 0; i-- {
		v = object{path[i]: v}
	}
	return object{path[0]: v}
}

// stream is a text of manifests, and what its services use.
type stream struct {
	text []byte
	uses []string
	// inValues is what the values in it come to, nil where there are none; declared is false
	// where they declare nothing but the default.
	inValues []string
	declared bool
}

func newStream(text []byte) *stream {
	s := &stream{text: text, uses: uses(text)}
	s.inValues, s.declared = valuesIn(text)
	return s
}

// manifests are the streams that stories are told with: those of the example chart with
// the values in them and without, and where it is there the real chart's.
func manifests(t *testing.T) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	names, _ := filepath.Glob("../../../examples/manifests/g[123].yaml")
	for _, name := range append(names, oracle.Optional(t, "corpus/*/*.pr-stdin*.yaml", "umbrella/*/*.helm[34].yaml")...) {
		if strings.HasPrefix(filepath.Base(name), "token.") {
			continue // a plaintext token, which is another one than ours
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found[name] = data
		if i := bytes.Index(data, []byte("---\n# Source: gitops-runtime-example/templates/values-hook.yaml")); i >= 0 {
			found[name+" without values"] = data[:i]
		}
	}
	return found
}

// newStory invents one.
func newStory(t *testing.T, rnd *rand.Rand, dir string, stream *stream) (string, story) {
	t.Helper()
	all := declarations()
	d := all[rnd.IntN(len(all))]
	place := places()[rnd.IntN(2)]
	scope := [][]string{nil, {"gitops-runtime"}, {"cfr"}, {"mid", "gitops-runtime"}}[rnd.IntN(4)]
	s := story{stream: stream, invalid: d.invalid, plaintext: d.name == "plaintext"}
	values := object{"replicaCount": 1}
	if d.block != nil {
		at := append(slices.Clone(scope), place...)
		if len(scope) > 0 && rnd.IntN(3) == 0 {
			at = place // what all charts share
			values[scope[0]] = object{"x": 1}
		}
		for k, v := range nest(at, d.block) {
			values[k] = v
		}
	}
	write := func(name string, v any) string {
		data, err := yaml.Marshal(v)
		path := filepath.Join(dir, name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o755)
		}
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	how := rnd.IntN(4)
	switch how {
	case 0:
		s.files = []string{write("values.yaml", values)}
		data, _ := os.ReadFile(s.files[0])
		s.text = string(data)
	case 1: // another file first, which the later one overrides
		s.files = []string{write("base.yaml", object{"replicaCount": 2}), write("values.yaml", values)}
	case 2:
		s.flags = []string{"--set", "replicaCount=3"}
		for k, v := range values {
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			s.flags = append(s.flags, "--set-json", k+"="+string(text))
		}
	default: // the chart's own values hold it
		s.chart = filepath.Join(dir, "chart")
		write("chart/values.yaml", values)
		write("chart/Chart.yaml", object{"apiVersion": "v2", "name": "platform", "version": "1.0.0"})
	}
	s.expect(d, how == 3)
	return fmt.Sprintf("%s at %v in %v, %d", d.name, place, scope, how), s
}

// expect says by the contract what has to come of a story.
func (s *story) expect(d declaration, byChart bool) {
	declares := d.uses != nil
	if byChart && d.name == "default" {
		declares = false // the vendor's default in a chart's own values declares nothing
	}
	switch {
	case d.invalid:
	case declares && s.stream.declared && !slices.Equal(s.stream.inValues, d.uses):
	case declares:
		s.wants = d.uses
	case s.stream.inValues != nil:
		s.wants = s.stream.inValues
	case s.stream.agrees():
		s.wants, s.isWitness = s.stream.uses, true
	}
}

// valuesIn returns what the values in a stream declare; declared is false for the default.
func valuesIn(stream []byte) (wants []string, declared bool) {
	for _, o := range decode(stream) {
		data, _ := o["data"].(object)
		text, _ := data["values.yaml"].(string)
		metadata, _ := o["metadata"].(object)
		if name, _ := metadata["name"].(string); text == "" || !strings.HasSuffix(name, "values-config") {
			continue
		}
		var v object
		if yaml.Unmarshal([]byte(text), &v) != nil {
			continue
		}
		for _, place := range places() {
			var at any = v
			for _, step := range place {
				m, _ := at.(object)
				at = m[step]
			}
			block, _ := at.(object)
			of := func(field string) string {
				ref, _ := block[field].(object)
				if ref["name"] == nil || ref["name"] == "" {
					return ""
				}
				return fmt.Sprintf("%v/%v", ref["name"], ref["key"])
			}
			plain, _ := block["token"].(string)
			switch {
			case block["type"] == "token" && plain != "":
				return []string{"gitops-runtime-argo-cd-token/token"}, true
			case block["type"] == "token":
				return []string{of("tokenSecretKeyRef")}, true
			case block["type"] == "password" && of("passwordSecretKeyRef") != "argocd-initial-admin-secret/password":
				found := []string{byAppProxy, of("passwordSecretKeyRef")}
				slices.Sort(found)
				return found, true
			case block != nil && wants == nil:
				wants = []string{"argocd-initial-admin-secret/password", byAppProxy}
			}
		}
	}
	return wants, false
}

func decode(stream []byte) []object {
	var found []object
	for d := yaml.NewDecoder(bytes.NewReader(stream)); ; {
		var o object
		err := d.Decode(&o)
		if errors.Is(err, io.EOF) {
			return found
		}
		if o["kind"] == "ResourceList" {
			items, _ := o["items"].([]any)
			for _, item := range items {
				found = append(found, item.(object))
			}
		} else if err == nil {
			found = append(found, o)
		}
	}
}

// uses returns the Secrets and keys that the services of a stream use, sorted.
func uses(stream []byte) []string {
	var found []string
	for _, o := range decode(stream) {
		found = append(found, usesOf(o)...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func usesOf(o object) []string {
	at := func(v any, path ...string) any {
		for _, step := range path {
			m, _ := v.(object)
			v = m[step]
		}
		return v
	}
	if at(o, "metadata", "annotations", "helm.sh/hook") != nil {
		return nil
	}
	var found []string
	containers, _ := at(o, "spec", "template", "spec", "containers").([]any)
	for _, c := range containers {
		entries, _ := at(c, "env").([]any)
		env := map[string]any{}
		for _, e := range entries {
			env[fmt.Sprint(at(e, "name"))] = e
		}
		for _, name := range []string{"ARGO_CD_TOKEN", "ARGO_CD_PASSWORD"} {
			if ref := at(env[name], "valueFrom", "secretKeyRef"); ref != nil {
				found = append(found, fmt.Sprintf("%v/%v", at(ref, "name"), at(ref, "key")))
			}
		}
		if env["ARGO_CD_TOKEN_SECRET_NAME"] != nil {
			found = append(found, fmt.Sprintf("%v/%v", at(env["ARGO_CD_TOKEN_SECRET_NAME"], "value"), at(env["ARGO_CD_TOKEN_SECRET_KEY"], "value")))
		}
	}
	return found
}

// agrees reports whether the services use one credential.
func (s *stream) agrees() bool {
	return len(s.uses) == 1 || len(s.uses) == 2 && slices.Contains(s.uses, byAppProxy)
}

type outcome struct {
	code           int
	stdout, stderr string
}

// TestOneStory: whatever the values and the manifests are, the services get what was
// declared, or what helm used, or nobody gets anything; and all commands agree about that.
func TestOneStory(t *testing.T) {
	streams := manifests(t)
	names := slices.Sorted(maps.Keys(streams))
	count := 120
	if n, err := strconv.Atoi(os.Getenv("STORIES")); err == nil {
		count = n // for a longer look
	}
	if testing.Short() {
		count = 30
	}
	seen, read := map[string]int{}, map[string]*stream{}
	for seed := range uint64(count) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		chosen := names[rnd.IntN(len(names))]
		if read[chosen] == nil {
			read[chosen] = newStream(streams[chosen])
		}
		stream := streams[chosen]
		dir := t.TempDir()
		name, s := newStory(t, rnd, dir, read[chosen])
		fail := func(format string, args ...any) {
			t.Errorf("%d, %s: %s", seed, name, fmt.Sprintf(format, args...))
		}
		var values []string
		for _, f := range s.files {
			values = append(values, "-f", f)
		}
		values = append(values, s.flags...)
		args := values
		if s.chart != "" {
			args = append(slices.Clone(values), "--chart", s.chart)
		}
		run := func(stdin []byte, args ...string) outcome {
			var out, errs bytes.Buffer
			code := cli.Main(args, cli.Env{Stdin: bytes.NewReader(stdin), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }})
			if strings.Contains(out.String()+errs.String(), "s3cr3t") {
				fail("%v shows a credential", args)
			}
			return outcome{code, out.String(), errs.String()}
		}
		refused := s.wants == nil
		r := run(stream, append([]string{"render"}, args...)...)
		switch {
		case refused && (r.code == 0 || r.stdout != ""):
			fail("render must refuse, and ends with %d", r.code)
		case !refused && r.code != 0:
			fail("render ends with %d: %s", r.code, r.stderr)
		case !refused:
			if diff := cmp.Diff(s.wants, uses([]byte(r.stdout))); diff != "" {
				fail("render (-want +got)\n%s", diff)
			}
			if again := run([]byte(r.stdout), append([]string{"render"}, args...)...); again.stdout != r.stdout {
				fail("render, once more, changes its output: %s", again.stderr)
			}
		}
		if s.isWitness && r.stdout != string(stream) {
			fail("render changes manifests that agree")
		}
		seen[fmt.Sprintf("refused %v, as they are %v", refused, s.isWitness)]++
		if s.chart == "" {
			if l := run(nil, append([]string{"lint"}, values...)...); (l.code == 1) != s.invalid && !s.plaintext {
				fail("lint ends with %d: %s", l.code, l.stdout)
			}
		}
		p := run(stream, append([]string{"plan", "--format", "json"}, args...)...)
		var plan struct {
			Wiring struct{ Credential struct{ Name, Key string } }
		}
		_ = json.Unmarshal([]byte(p.stdout), &plan) // what is not there is not equal
		if c := plan.Wiring.Credential; p.code != r.code || !refused && !slices.Contains(s.wants, c.Name+"/"+c.Key) {
			fail("plan ends with %d, credential %s/%s", p.code, c.Name, c.Key)
		}
		if s.chart == "" {
			want := r.code
			if s.isWitness || strings.Contains(r.stdout, "stringData:\n  token: \"\\x") { // which only an appended Secret has
				want = 1 // it is not known what to export, or must not be
			}
			if x := run(stream, append([]string{"export", "kustomize"}, values...)...); x.code != want {
				fail("export ends with %d, want %d: %s", x.code, want, x.stderr)
			}
		}
		if s.text != "" {
			var out, errs bytes.Buffer
			code := krm.Main(nil, krm.Env{Stdin: bytes.NewReader(resourceList(t, stream, s.text)), Stdout: &out, Stderr: &errs})
			if code != r.code {
				fail("the function ends with %d, render with %d: %s", code, r.code, errs.String())
			} else if code == 0 && !slices.Equal(uses(out.Bytes()), s.wants) {
				fail("the function: %v, want %v", uses(out.Bytes()), s.wants)
			}
		}
	}
	t.Logf("%d streams; %v", len(streams), seen)
	if len(seen) < 3 {
		t.Error("not every outcome was met")
	}
}

// resourceList is the input of the function for a stream and values.
func resourceList(t *testing.T, stream []byte, values string) []byte {
	t.Helper()
	list := object{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": object{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": "x"}, "data": object{"values.yaml": values},
	}}
	items := []any{}
	for _, o := range decode(stream) {
		if o != nil {
			items = append(items, o)
		}
	}
	list["items"] = items
	data, err := yaml.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
