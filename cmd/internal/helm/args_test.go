package helm_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/helm"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		name string
		args string
		want helm.Args
	}{
		{"separate", "rel chart -f a.yaml --values b.yaml", helm.Args{Values: values.Options{Files: []string{"a.yaml", "b.yaml"}}}},
		{"joined", "-fa.yaml -f=b.yaml --values=c.yaml,d.yaml", helm.Args{Values: values.Options{Files: []string{"a.yaml", "b.yaml", "c.yaml", "d.yaml"}}}},
		{"grouped", "-if a.yaml rel chart", helm.Args{Values: values.Options{Files: []string{"a.yaml"}}}},
		{"other short flags", "-o yaml -l a=f -n f", helm.Args{}},
		{"short flag swallows", "-ofile -f a.yaml", helm.Args{Values: values.Options{Files: []string{"a.yaml"}}}},
		{"sets", "--set a=1,b=2 --set=c=3 --set-string d=4 --set-file e=f --set-json g={} --set-literal=h=i", helm.Args{Values: values.Options{
			Set: []string{"a=1,b=2", "c=3"}, String: []string{"d=4"}, File: []string{"e=f"}, JSON: []string{"g={}"}, Literal: []string{"h=i"},
		}}},
		{"value looks like a flag", "--set -f", helm.Args{Values: values.Options{Set: []string{"-f"}}}},
		{"after dashes", "-- -f a.yaml --no-lint", helm.Args{}},
		{"reuse", "--reuse-values", helm.Args{ReusesValues: "--reuse-values"}},
		{"reuse switched off", "--reuse-values=false", helm.Args{}},
		{"reset then reuse", "--reset-then-reuse-values", helm.Args{ReusesValues: "--reset-then-reuse-values"}},
		{"reset alone", "--reset-values", helm.Args{}},
		{"post-renderer", "--post-renderer x", helm.Args{HasPostRenderer: true}},
		{"post-renderer joined", "--post-renderer=x", helm.Args{HasPostRenderer: true}},
		{"output folder", "--output-dir x", helm.Args{WritesFiles: true}},
		{"nothing behind", "-f", helm.Args{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := strings.Fields(test.args)
			test.want.Rest = args
			if len(args) == 0 {
				test.want.Rest = nil
			}
			if diff := cmp.Diff(test.want, helm.Parse(args)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestParseTakesOwnFlags shows that helm never sees the wrapper's flags.
func TestParseTakesOwnFlags(t *testing.T) {
	got := helm.Parse(strings.Fields("rel --no-lint chart --report r.json --allow-missing=x --redact-values-config --wait"))
	want := helm.Args{
		Rest: []string{"rel", "chart", "--wait"},
		Own:  []helm.Flag{{"no-lint", "true"}, {"report", "r.json"}, {"allow-missing", "x"}, {"redact-values-config", "true"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestPostRendererArgs passes values on and back: they must be the same.
func TestPostRendererArgs(t *testing.T) {
	want := values.Options{
		Files: []string{"a b.yaml", "-x.yaml"}, Set: []string{"a=1,b=2", "-c=d"}, String: []string{"x=y"},
		File: []string{"f=g"}, JSON: []string{`{"a":1}`}, Literal: []string{"h=i,j"},
	}
	if diff := cmp.Diff(want, helm.Parse(helm.PostRendererArgs(want)).Values); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
