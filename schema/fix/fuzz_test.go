package fix_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/fix"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// FuzzFix checks what must hold of any file, for charts of both generations.
func FuzzFix(f *testing.F) {
	for _, dir := range []string{"fix", "rules"} {
		for _, archive := range archives(f, "../testdata/"+dir+"/*.txtar") {
			f.Add(archive.Files[0].Data)
		}
	}
	for seed := range uint64(50) {
		f.Add([]byte(invent(seed)))
	}
	c := &checker{}
	f.Fuzz(func(t *testing.T, data []byte) { c.check(t, data) })
}

// TestInvented checks the same of files with blocks in all kinds of layouts.
func TestInvented(t *testing.T) {
	c := &checker{}
	for seed := range uint64(500) {
		c.check(t, []byte(invent(seed)))
	}
	t.Logf("fixes by rule: %v, left alone: %v", c.fixes, c.refused)
	for _, rule := range []string{"misspelled-key", "moved-block", "duplicate-key", "invalid-name", "invalid-value", "unset-leftover"} {
		if c.fixes[rule] < 20 {
			t.Errorf("only %d fixes of %s are tried", c.fixes[rule], rule)
		}
	}
}

// checker checks files, and counts what it had to do with.
type checker struct {
	linter         schema.Linter
	fixes, refused map[string]int
}

func (c *checker) check(t *testing.T, data []byte) {
	t.Helper()
	if c.fixes == nil {
		c.fixes, c.refused = map[string]int{}, map[string]int{}
	}
	for _, minor := range []int{25, 26} {
		version := auth.ChartVersion{Minor: minor}
		lint := func(data []byte) (schema.Result, error) {
			return c.linter.LintFile("values.yaml", data, schema.Options{ChartVersion: &version})
		}
		o := file(t, data, lint)
		if again := file(t, o.Data, lint); again.Changed() {
			t.Fatalf("%q becomes\n%q and then\n%q", data, o.Data, again.Data)
		}
		if !diag.HasErrors(o.Before.Diagnostics) && diag.HasErrors(o.After.Diagnostics) {
			t.Fatalf("a clean file %q becomes %q", data, o.Data)
		}
		offered := 0
		for _, d := range o.Before.Diagnostics {
			if strings.Contains(d.Hint, "--fix leaves this alone") {
				c.refused[d.Rule]++
			}
			if len(d.Fix) > 0 {
				offered++
				c.fixes[d.Rule]++
				c.alone(t, data, d, lint)
			}
		}
		if offered > 0 && !o.Changed() {
			t.Fatalf("%q: no fix that was offered was made: %+v", data, o.Before.Diagnostics)
		}
		c.discreet(t, data, o)
	}
}

// alone makes one fix by itself. The result must read as the data changed in the same
// way, have no errors that this data would not have in any file, and differ from the
// file in nothing but the edits.
func (c *checker) alone(t *testing.T, data []byte, d diag.Diagnostic, lint fix.Lint) {
	t.Helper()
	out, applied := fix.Apply(data, []diag.Diagnostic{d})
	if len(applied) != 1 {
		t.Fatalf("%q: the fix of %s cannot be made: %+v", data, d.Rule, d.Fix)
	}
	sameOutside(t, data, out, d.Fix)
	before, after := parse(t, data), parse(t, out)
	want := before.Root.Data()
	if !expect(want.(map[string]any), d, before.Root) {
		return
	}
	if got := after.Root.Data(); !reflect.DeepEqual(got, want) {
		t.Fatalf("%s:\n%s\nbecomes\n%s\nread as %v\nwant    %v", d.Rule, data, out, got, want)
	}
	if strings.ContainsAny(string(data), "&*") || len(before.Later) > 0 {
		return // what is shared has no equal in JSON
	}
	text, _ := json.Marshal(want)
	plain, _ := lint(text)
	old, _ := lint(data)
	fixed, _ := lint(out)
	for found := range errorsOf(fixed.Diagnostics) {
		lost := strings.HasPrefix(found, "duplicate-key ") || strings.HasPrefix(found, "unquoted-credential ") || // in JSON
			strings.HasPrefix(found, "yaml-syntax ") && errorsOf(old.Diagnostics)[found] // what Helm 4 refuses
		if !errorsOf(plain.Diagnostics)[found] && !lost {
			t.Fatalf("%s:\n%s\nbecomes\n%s\nwith the error %s", d.Rule, data, out, found)
		}
	}
}

func parse(t *testing.T, data []byte) *values.File {
	t.Helper()
	f, err := values.Parse("values.yaml", data)
	if err != nil {
		t.Fatalf("%q does not parse: %v", data, err)
	}
	return f
}

// errorsOf returns the errors by their rules and paths. Some point at the later of two
// places, which may be the other one in JSON.
func errorsOf(ds []diag.Diagnostic) map[string]bool {
	found := map[string]bool{}
	for _, d := range ds {
		switch d.Rule {
		case "two-credentials", "both-blocks", "misplaced-block":
			d.Path = ""
		}
		if d.Severity == diag.Error {
			found[d.Rule+" "+d.Path] = true
		}
	}
	return found
}

// sameOutside walks old and new in step and compares all that is not in an edit.
func sameOutside(t *testing.T, old, new []byte, edits []diag.Edit) {
	t.Helper()
	sorted := slices.SortedFunc(slices.Values(edits), func(a, b diag.Edit) int { return a.Range.Start.Offset - b.Range.Start.Offset })
	at, shift := 0, 0
	for _, e := range append(sorted, diag.Edit{Range: diag.Range{Start: diag.Position{Offset: len(old)}, End: diag.Position{Offset: len(old)}}}) {
		start := e.Range.Start.Offset
		if !bytes.Equal(old[at:start], new[at+shift:start+shift]) {
			t.Fatalf("%q and %q differ outside the edits %+v", old, new, edits)
		}
		at, shift = e.Range.End.Offset, shift+len(e.NewText)-e.Range.Len()
	}
}

// expect changes the data of a file as the fix of d is meant to. It is written without
// regard to how the fix is made. ok is false where the path does not lead anywhere.
func expect(data map[string]any, d diag.Diagnostic, root *values.Value) (ok bool) {
	path := strings.Split(d.Path, ".")
	if root.At(path...) == nil {
		return false
	}
	last := path[len(path)-1]
	parent := at(data, path[:len(path)-1])
	switch d.Rule {
	case "misspelled-key":
		parent[d.Fix[0].NewText] = parent[last]
		delete(parent, last)
	case "moved-block":
		to := strings.Split(auth.NewBlockPath, ".")
		if d.Path == auth.NewBlockPath {
			to = strings.Split(auth.OldBlockPath, ".")
		}
		block := parent[last]
		delete(parent, last)
		for n := len(path) - 1; n > 1 && len(at(data, path[:n])) == 0; n-- {
			delete(at(data, path[:n-1]), path[n-1])
		}
		at(data, to[:len(to)-1])[to[len(to)-1]] = block
	case "duplicate-key":
	case "invalid-name":
		parent[last] = strings.TrimSpace(parent[last].(string))
	case "invalid-value":
		parent[last] = strings.ToLower(strings.TrimSpace(parent[last].(string)))
	case "unset-leftover":
		delete(parent, last)
	default:
		return false
	}
	return true
}

// at returns the mapping at path, and makes those on the way that are not there.
func at(data map[string]any, path []string) map[string]any {
	for _, name := range path {
		next, ok := data[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			data[name] = next
		}
		data = next
	}
	return data
}

// discreet looks for the credentials of the file in all that may be shown.
func (c *checker) discreet(t *testing.T, data []byte, o fix.Outcome) {
	t.Helper()
	var shown strings.Builder
	for _, d := range slices.Concat(o.Before.Diagnostics, o.Fixed, o.After.Diagnostics) {
		fmt.Fprintln(&shown, d.Path, d.Message, d.Hint, shownEdits(d))
	}
	for _, secret := range credentials(data) {
		if strings.Contains(shown.String(), secret) {
			t.Fatalf("%q: the credential %q is in\n%s", data, secret, shown.String())
		}
	}
}

// credentials returns the tokens and passwords in the blocks of a file that are odd
// enough not to be a word of a message as well.
func credentials(data []byte) []string {
	f, err := values.Parse("values.yaml", data)
	if err != nil {
		return nil
	}
	var found []string
	for _, path := range []string{auth.OldBlockPath, auth.NewBlockPath} {
		block := f.Root.At(strings.Split(path, ".")...)
		for _, name := range []string{"token", "password"} {
			s := strings.TrimSpace(block.Field(name).Str())
			if len(s) >= 8 && strings.ContainsAny(s, "0123456789") && bytes.Count(data, []byte(s)) == 1 {
				found = append(found, s)
			}
		}
	}
	return found
}

// invent returns a file with a block in it, right or wrong, in a layout made by chance.
func invent(seed uint64) string {
	w := &writer{chance: rand.New(rand.NewPCG(seed, 7))}
	global := map[string]any{}
	for _, path := range [][]string{{"external-argo-cd"}, {"integrations", "argo-cd", "server"}} {
		if w.chance.IntN(3) == 0 && len(global) > 0 {
			continue
		}
		at := global
		for _, name := range path {
			below := map[string]any{}
			at[w.slip(name)] = below
			if w.chance.IntN(3) == 0 {
				at[w.one("jira", "redis", "url", "svc")] = w.one("x", "", "# y", "- z")
			}
			at = below
		}
		if w.chance.IntN(4) > 0 {
			at[w.slip("auth")] = w.block()
		}
		if w.chance.IntN(3) == 0 {
			at["svc"] = "argocd-server"
		}
	}
	root := map[string]any{w.slip("global"): global, "zone": "eu", "a": map[string]any{"b": "c"}}
	w.step = w.one("  ", "    ", "   ")
	w.lines(root, "")
	text := w.String()
	if w.chance.IntN(4) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if w.chance.IntN(4) == 0 {
		text = strings.TrimRight(text, "\r\n")
	}
	return text
}

// writer writes data as YAML in ways that people and programs do.
type writer struct {
	strings.Builder
	chance *rand.Rand
	step   string
}

func (w *writer) one(of ...string) string { return of[w.chance.IntN(len(of))] }

func (w *writer) slip(name string) string {
	if w.chance.IntN(8) > 0 {
		return name
	}
	return name[:2] + name[3:]
}

func (w *writer) block() map[string]any {
	ref := func() any {
		return map[string]any{
			w.slip("name"): w.one("argocd-api", " argocd-api", "argocd-api\n", "a"), "key": w.one("token", "token ", "on\t"),
		}
	}
	b := map[string]any{w.slip("type"): w.one("token", "token", "password", "Token", " password ", "PASSWORD\n")}
	for _, name := range []string{"token", "password"} {
		switch w.chance.IntN(5) {
		case 0:
			b[name] = w.one("s3cr3t-4711\n", "s3cr3t-4711", "s3cr3t-4711\n  s3cr3t-4712\n\ns3cr3t-4713\n", "")
		case 1, 2:
			b[w.slip(name+"SecretKeyRef")] = ref()
		case 3:
			b[name+"SecretKeyRef"] = map[string]any{}
		}
	}
	return b
}

// lines writes a mapping with its entries on lines of their own, in any order and
// with comments and blank lines between them.
func (w *writer) lines(m map[string]any, indent string) {
	names := slices.Sorted(maps.Keys(m))
	w.chance.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names {
		w.WriteString(w.one("", "", "", "\n", indent+"# a: b\n", indent+"# c\n\n"+indent+"# d\n", "# e\n"))
		repeats := 1
		if w.chance.IntN(12) == 0 {
			repeats = 2
		}
		for range repeats {
			w.entry(name, m[name], indent)
		}
	}
	w.WriteString(w.one("", "", "", indent+"# f\n", "\n"))
}

func (w *writer) entry(name string, v any, indent string) {
	key := w.one(name, name, name, `"`+name+`"`, "'"+name+"'")
	comment := w.one("", "", "", " # g", " # h: {i}")
	m, isMap := v.(map[string]any)
	if isMap && len(m) > 0 && w.chance.IntN(6) > 0 {
		w.WriteString(indent + key + ":" + comment + "\n")
		w.lines(m, indent+w.step)
		return
	}
	text, isText := v.(string)
	if isText && strings.HasSuffix(text, "\n") && w.chance.IntN(2) == 0 {
		deeper := indent + w.one(" ", "  ", "      ")
		w.WriteString(indent + key + ": |\n")
		for line := range strings.Lines(text) {
			if strings.TrimSpace(line) != "" {
				line = deeper + line
			}
			w.WriteString(line)
		}
		return
	}
	if isMap && len(m) == 0 && w.chance.IntN(3) == 0 {
		w.WriteString(indent + key + ":" + w.one("", " ~", " null") + comment + "\n")
		return
	}
	anchor := w.one("", "", "", "", "", "", "", "", "", "&x ", "!!"+map[bool]string{true: "map", false: "str"}[isMap]+" ")
	w.WriteString(indent + key + ": " + anchor + w.flow(v, indent) + comment + "\n")
}

// flow writes a value in braces, on one line or on several.
func (w *writer) flow(v any, indent string) string {
	m, isMap := v.(map[string]any)
	if !isMap {
		return fmt.Sprintf("%q", v)
	}
	between, before, after := w.one(", ", ",", " , "), w.one("", " "), w.one("", " ", ", ")
	if w.chance.IntN(4) == 0 {
		between, before = ",\n"+indent+w.step+w.step, "\n"+indent+w.step
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, w.one(name, `"`+name+`"`)+": "+w.flow(m[name], indent+w.step))
		if w.chance.IntN(15) == 0 {
			parts = append(parts, parts[len(parts)-1])
		}
	}
	if len(parts) == 0 {
		return "{}"
	}
	return "{" + before + strings.Join(parts, between) + after + "}"
}
