package schema

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
	"github.com/helm-runtime-auth/runtime-auth/schema/values/outline"
)

// repetitions are files that a mistake, or somebody, made of one thing over and over: how
// they begin, and what follows n times with a number in it.
func repetitions() map[string][2]string {
	const (
		entry = "auth:\n      type: token\n      tokenSecretKeyRef: {name: a, key: b}\n"
		head  = "global:\n  external-argo-cd:\n    " + entry
	)
	return map[string][2]string{
		"whole blocks":            {"", head + "#%d\n"},
		"the root's key":          {head, "global: {} #%d\n"},
		"a key on the way":        {"global:\n", "  external-argo-cd:\n    " + entry + "#%d\n"},
		"a slip on the way":       {"global:\n", "  external-arg-cd:\n    " + entry + "#%d\n"},
		"slips on the way":        {"global:\n", "  external-arg-cd%d:\n    " + entry},
		"the block":               {"global:\n  external-argo-cd:\n", "    " + entry + "#%d\n"},
		"a field":                 {head, "      type: token #%d\n"},
		"credentials":             {head, "      token: s3cr3t-s3cr3t-%d\n"},
		"unknown fields":          {head, "      f%d: x\n"},
		"a field of a reference":  {"global:\n  external-argo-cd:\n    auth:\n      tokenSecretKeyRef:\n", "        name: a #%d\n"},
		"a switch":                {head + "argo-cd:\n", "  enabled: true #%d\n"},
		"the mapping of a switch": {head, "argo-cd: {enabled: true} #%d\n"},
		"another key":             {head, "x: 1 #%d\n"},
		"variables":               {head, "x%[1]d: {env: {ARGO_CD_TOKEN: s3cr3t-%[1]d}}\n"},
		"misplaced blocks":        {"", "external-argo-cd%d:\n  auth: {type: token}\n"},
		"documents":               {head, "---\n" + head + "#%d\n"},
		"dropped documents":       {head, "...\n" + head + "#%d\n"},
		"aliases":                 {head + "x: &x {a: 1}\n", "y%d: *x\n"},
		"merge keys":              {head + "x: &x {a: 1}\ny:\n", "  <<: *x #%d\n"},
		"collections in braces":   {head + "x: [\n", "[s%d],\n"},
		"nested lists":            {head + "x: [\n", "[\n#%d\n"},
		"expressions":             {head, "a%d: {{ x }}\n"},
		"a line":                  {head + "x: {é: 1", ", a%d: b"},
		"a line of credentials":   {"global: {external-argo-cd: {auth: {type: token", ", token: s3cr3t-s3cr3t-%d"},
	}
}

func repeat(parts [2]string, n int) []byte {
	var b strings.Builder
	b.WriteString(parts[0])
	for i := range n {
		fmt.Fprintf(&b, parts[1], i)
	}
	if strings.HasSuffix(parts[0], "{é: 1") {
		b.WriteString("}\n")
	}
	if strings.HasSuffix(parts[0], "type: token") {
		b.WriteString("}}}\n")
	}
	return []byte(b.String())
}

// lintAndShow lints a file and asks for every line that a finding is about, as reports do.
func lintAndShow(tb testing.TB, linter *Linter, data []byte) {
	tb.Helper()
	result, err := linter.LintFile("v.yaml", data, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	for _, d := range result.Diagnostics {
		result.Masks.Line(d.File, d.Range.Start.Line)
	}
}

// TestRepetitionsAreLinear lints each of them, and eight times as much of it: what has to
// be allocated may grow by not much more. BenchmarkRepetitions shows the same of the
// processor's time, which a test cannot hold.
func TestRepetitionsAreLinear(t *testing.T) {
	linter := &Linter{}
	lintAndShow(t, linter, repeat(repetitions()["unknown fields"], 1)) // compiles the schema
	allocated := func(data []byte) (bytes uint64) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		lintAndShow(t, linter, data)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	for name, parts := range repetitions() {
		const n, times = 80, 8
		few, many := allocated(repeat(parts, n)), allocated(repeat(parts, n*times))
		if many > few*times*2 {
			t.Errorf("%s: %d bytes for %d, %d for %d", name, few, n, many, n*times)
		}
	}
}

// TestChooseAsksOnce counts how often it is asked whether an entry is wanted, of which
// there are many with few names.
func TestChooseAsksOnce(t *testing.T) {
	var b strings.Builder
	const n = 1000
	for range n {
		b.WriteString("argo-cd:\n  enabled: true\n  server: {}\nglobal: {}\nx:\n  z: z\n")
	}
	data, asked := []byte(b.String()), 0
	f, err := values.ParsePart("v.yaml", data, func(path []string, text []byte) outline.Keep {
		asked++
		return block.Wanted(data, nil)(path, text)
	})
	if err != nil || !f.Partial() {
		t.Fatal("read as a whole", err)
	}
	if asked != 5*n {
		t.Errorf("asked %d times about %d entries", asked, 5*n)
	}
}

// BenchmarkRepetitions lints files of two sizes: the speed must be about the same.
func BenchmarkRepetitions(b *testing.B) {
	linter := &Linter{}
	for name, parts := range repetitions() {
		for _, n := range []int{500, 8000} {
			data := repeat(parts, n)
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				for b.Loop() {
					lintAndShow(b, linter, data)
				}
			})
		}
	}
}
