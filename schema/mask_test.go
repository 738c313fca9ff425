package schema_test

import (
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// TestMasksLookBeyondTheRegion repeats credentials from parts of a file that lint has
// no need to read on lines that it shows.
func TestMasksLookBeyondTheRegion(t *testing.T) {
	const block = "global:\n  external-argo-cd:\n    auth:\n      type: Token # s3cr3t-canary-xyz\n"
	for name, elsewhere := range map[string]string{
		"key that speaks of secrets":  "redis:\n  ACCESS_TOKEN: s3cr3t-canary-xyz\n",
		"dashes in such a key":        "redis:\n  deep:\n    api-key: s3cr3t-canary-xyz\n",
		"field of an auth mapping":    "redis:\n  auth:\n    pin: s3cr3t-canary-xyz\n",
		"list below such a key":       "redis:\n  passwords:\n  - s3cr3t-canary-xyz\n",
		"block scalar":                "redis:\n  privateKey: |\n    first line\n    s3cr3t-canary-xyz\n",
		"below a key lint looks into": "argo-cd:\n  configs:\n    secret:\n      pin: {password: s3cr3t-canary-xyz}\n",
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{block + elsewhere, elsewhere + block} {
				result, err := (&schema.Linter{}).LintFile("values.yaml", []byte(text), schema.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if shown := show(result); !strings.Contains(shown, "Token") || strings.Contains(shown, canary) {
					t.Errorf("shown:\n%s", shown)
				}
			}
		})
	}
}

// TestMasksOfLinesBeyondTheRegion shows every line of a file, as a diff does.
func TestMasksOfLinesBeyondTheRegion(t *testing.T) {
	text := "redis:\n  password: s3cr3t-canary\nglobal:\n  external-argo-cd:\n    auth: {type: Token}\nother:\n  apiKey: s3cr3t-other\n"
	result, err := (&schema.Linter{}).LintFile("values.yaml", []byte(text), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for line := 7; line > 0; line-- {
		pieces, ok := result.Masks.Line("values.yaml", line)
		if !ok {
			t.Fatalf("no line %d", line)
		}
		for _, p := range pieces {
			if strings.Contains(p.Text, canary) {
				t.Errorf("line %d is shown with its credential", line)
			}
		}
	}
}
