package yamldoc_test

import (
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// laughs nests aliases: 10 to the power of levels.
func laughs(levels int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [s3cr3t]\n")
	for i := range levels {
		prev, next := "a"+string(rune('0'+i)), "a"+string(rune('1'+i))
		b.WriteString(next + ": &" + next + " [" + strings.Repeat("*"+prev+", ", 10) + "]\n")
	}
	return b.String()
}

// stairs nests mappings in block style.
func stairs(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestLimits(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"a billion laughs":         {laughs(9), "holds more than 1048576 nodes, its aliases expanded, from its line 7 on"},
		"laughs under merge keys":  {"x: &x {k: v}\n" + strings.ReplaceAll(laughs(6), "[s3cr3t]", "{<<: *x}"), "holds more than 1048576 nodes, its aliases expanded, from its line 8 on"},
		"deep in flow style":       {"a: b\nc: " + strings.Repeat("[", 2000) + strings.Repeat("]", 2000), "is nested deeper than 1000 levels, from its line 2 on"},
		"deep in block style":      {stairs(1001), "is nested deeper than 1000 levels, from its line 1000 on"},
		"deep on one line":         {strings.Repeat("- ", 1500) + "s3cr3t\n", "is nested deeper than 1000 levels, from its line 1 on"},
		"deep by explicit keys":    {strings.Repeat("? ", 1500) + "s3cr3t\n", "is nested deeper than 1000 levels, from its line 1 on"},
		"100,000 deep in flow":     {strings.Repeat("[", 100_000), "is nested deeper than 1000 levels"},
		"100,000 deep, mappings":   {strings.Repeat("{a: ", 100_000), "is nested deeper than 1000 levels"},
		"100,000 deep in block":    {strings.Repeat("- ", 100_000) + "a\n", "is nested deeper than 1000 levels"},
		"deep by aliases":          {"a: &a " + strings.Repeat("[", 600) + strings.Repeat("]", 600) + "\nb:\n  " + strings.Repeat("[", 600) + "*a" + strings.Repeat("]", 600) + "\n", "is nested deeper than 1000 levels, from its line 3 on"},
		"an anchor in itself":      {"a: b\nc: &c\n- *c\n", "holds an anchor that contains itself, on its line 3"},
		"a merge key in itself":    {"a: &a\n  <<: *a\n", "holds an anchor that contains itself, on its line 2"},
		"an anchor in itself, far": {"a: &a {b: &b {c: *a}}\n", "holds an anchor that contains itself, on its line 1"},
		"large":                    {"a: " + strings.Repeat("x", yamldoc.MaxSize), "is larger than 4194304 bytes, which is the most that is parsed"},
		"nothing but brackets":     {"[" + strings.Repeat("[],", yamldoc.MaxNodes) + "]", "holds more than 1048576 nodes, its aliases expanded, from its line 1 on"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := yamldoc.Parse([]byte(tt.in)); err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestWithinLimits parses what is large, but not too large.
func TestWithinLimits(t *testing.T) {
	for name, in := range map[string]string{
		"laughs":                   laughs(4),
		"deep in flow style":       strings.Repeat("[", 999) + strings.Repeat("]", 999),
		"deep in block style":      stairs(998),
		"one anchor, many aliases": "a: &a [x]\nb: [" + strings.Repeat("*a, ", 10_000) + "]\n",
		"anchors of one name":      "- &a [x]\n- [*a, &a [y]]\n- *a\n",
	} {
		if _, err := yamldoc.Parse([]byte(in)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
