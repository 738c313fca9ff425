package render_test

import (
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// laughs nests aliases until they stand for 10 to the power of nine nodes.
func laughs() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [s3cr3t]\n")
	for i := range 9 {
		prev, next := "a"+string(rune('0'+i)), "a"+string(rune('1'+i))
		b.WriteString(next + ": &" + next + " [" + strings.Repeat("*"+prev+", ", 10) + "]\n")
	}
	return b.String()
}

// TestBombs feeds documents that cost much more than they weigh. Where they have to
// be parsed they are refused, with their place and the limit.
func TestBombs(t *testing.T) {
	good := gen026(appProxy(""), "")
	target := "---\n# Source: x/bomb.yaml\nkind: Deployment\nmetadata: {name: argo-gateway}\n"
	several := "---\nkind: List\nitems:\n- &d {kind: Deployment, metadata: {name: argo-gateway}, spec: {template: {spec: {containers: [{image: x, name: x}]}}}}\n"
	for name, tt := range map[string]struct{ in, want string }{
		"laughs":                  {target + laughs(), "document 6 (line 61, x/bomb.yaml) holds more than 1048576 nodes, its aliases expanded, from its line 11 on"},
		"deep in flow style":      {target + "x: " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "\n", "document 6 (line 61, x/bomb.yaml) is nested deeper than 1000 levels"},
		"deep in block style":     {target + "x:\n" + strings.Repeat("- ", 100_000) + "a\n", "document 6 (line 61, x/bomb.yaml) is nested deeper than 1000 levels"},
		"1,500 deep":              {target + "x: " + strings.Repeat("[", 1500) + strings.Repeat("]", 1500) + "\n", "is nested deeper than 1000 levels, from its line 5 on"},
		"a merge of itself":       {target + "x: &x\n  <<: *x\n", "holds an anchor that contains itself, on its line 6"},
		"large":                   {target + "x: " + strings.Repeat("s3cr3t", yamldoc.MaxSize/6+1) + "\n", "is larger than 4194304 bytes"},
		"many of one service":     {several + strings.Repeat("- *d\n", 1000), "holds more than 500 containers"},
		"many services":           {strings.Repeat("---\nkind: Deployment\nspec: {template: {spec: {containers: [{image: x, env: [{name: ARGO_CD_TOKEN_SECRET_NAME}]}]}}}\n", 10_000), "holds more than 10000 containers"},
		"many objects":            {several + "- &e {a: b}\n" + strings.Repeat("- *e\n", 70_000), "holds more than 65536 objects"},
		"lists in lists":          {"---\nkind: List # Deployment argo-gateway\nitems:\n- &a {kind: Deployment}\n" + lists(), "holds more than"},
		"laughs in the values":    {valuesDoc("x: s3cr3t\n" + laughs()), ""},
		"deep values":             {valuesDoc("x: " + strings.Repeat("[", 100_000) + "\n"), ""},
		"laughs round the values": {strings.Replace(valuesDoc("x: s3cr3t\n"), "data:\n", "data:\n"+indent(laughs(), "  "), 1), "nodes"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, opts := range []render.Options{{}, {RedactValuesConfig: true}} {
				if tt.want == "" && !opts.RedactValuesConfig {
					continue // nobody looks inside
				}
				settings := &auth.Settings{Declared: true, Auth: plainToken("s3cr3t-token")}
				opts.OverrideStreamValues = true // what the values are is not the point here
				e := fails(t, settings, good+tt.in, opts, render.StreamError)
				if !strings.Contains(e.Error(), tt.want) || strings.Contains(e.Error(), "s3cr3t") {
					t.Errorf("error %q", e)
				}
			}
		})
	}
}

// lists nests lists whose items are aliases of lists.
func lists() string {
	var b strings.Builder
	for prev, next := 'a', 'b'; next < 'f'; prev, next = next, next+1 {
		b.WriteString("- &" + string(next) + " {kind: List, items: [" + strings.Repeat("*"+string(prev)+", ", 20) + "]}\n")
	}
	return b.String()
}

// TestBombsElsewhere has bombs in documents that concern nobody here, which pass as
// they are.
func TestBombsElsewhere(t *testing.T) {
	wired := gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")), byName("my-token", "k"))
	in := "---\n" + laughs() + "---\nx: " + strings.Repeat("[", 100_000) + "\n---\n" + strings.Repeat("- ", 100_000) + "\n" + wired
	if out, _ := run(t, tokenSettings(), []byte(in), render.Options{}); string(out) != in {
		t.Error("stream changed")
	}
}
