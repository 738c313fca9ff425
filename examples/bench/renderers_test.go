//go:build bench && unix

package bench

import (
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
)

// credential is what the services are to read. The releases measured are made with other
// values, those of every subchart switched on.
const credential = `global:
  external-argo-cd:
    auth:
      type: token
      tokenSecretKeyRef:
        name: my-argocd-token
        key: my-token
argo-cd:
  enabled: false
`

// renderers are calls of both programs that post-render a release made so many times
// as long, in either mode.
func (b *renderBench) renderers(r *release, times int, args ...string) []program {
	b.Helper()
	want, err := r.want(times)
	if err != nil {
		b.Fatal(err)
	}
	both := []program{
		{name: "post-renderer", args: []string{filepath.Join(b.bin, "runtime-auth-post-renderer")}},
		{name: "render", args: []string{filepath.Join(b.bin, "runtime-auth"), "render"}},
	}
	for i := range both {
		p := &both[i]
		p.name = strings.Join(append([]string{p.name}, args...), " ")
		p.args = append(append(p.args, "--override-stream-values", "-f", b.values), args...)
		p.stdin, p.big = b.stream(r, times), true
		p.check = func(o outcome) error {
			if o.code != 0 {
				return errors.New("it failed")
			}
			if o.digest != want {
				return errors.New("what came out is not what went in but for the services' env")
			}
			return nil
		}
	}
	return both
}

func (b *renderBench) stream(r *release, times int) func(io.Writer) error {
	return func(w io.Writer) error { return r.write(w, times) }
}

// cats are three that pass a stream on without a look at it.
func (b *renderBench) cats(r *release, times int) program {
	return program{
		name: "cat | cat | cat", args: []string{"cat"}, pipe: [][]string{{"cat"}, {"cat"}},
		stdin: b.stream(r, times), big: true, check: succeeds,
	}
}

// fromFile are the same calls from a file to nowhere, which is the least that the
// system has to do for them. That what comes out is right was checked before.
func fromFile(file string, programs ...program) []program {
	for i := range programs {
		programs[i].name += ", from a file"
		programs[i].file, programs[i].check = file, succeeds
	}
	return programs
}

// kustomize is a call of it that makes the same changes to the release by patches.
func (b *renderBench) kustomize(binary string, r *release) program {
	b.Helper()
	folder := filepath.Join(b.TempDir(), "kustomization")
	var patches []map[string]string
	for _, c := range r.changes {
		patch, err := c.patch()
		if err != nil {
			b.Fatal(err)
		}
		patches = append(patches, map[string]string{"patch": patch})
	}
	kustomization, err := json.Marshal(map[string]any{"resources": []string{"release.yaml"}, "patches": patches})
	if err != nil {
		b.Fatal(err)
	}
	write(b.T, filepath.Join(folder, "kustomization.yaml"), string(kustomization))
	write(b.T, filepath.Join(folder, "release.yaml"), r.manifest)
	return program{name: "kustomize build", args: []string{binary, "build", folder}, check: wires(r)}
}

// yq is a call of it that makes the same changes by an expression.
func (b *renderBench) yq(binary string, r *release, times int) program {
	b.Helper()
	var expressions []string
	for _, c := range r.changes {
		expression, err := c.expression()
		if err != nil {
			b.Fatal(err)
		}
		expressions = append(expressions, expression)
	}
	return program{name: "yq", args: []string{binary, strings.Join(expressions, " | ")}, stdin: b.stream(r, times), check: wires(r)}
}

func wires(r *release) func(outcome) error {
	return func(o outcome) error {
		if o.code != 0 {
			return errors.New("it failed")
		}
		return sameWiring(o.stdout, r.changes)
	}
}
