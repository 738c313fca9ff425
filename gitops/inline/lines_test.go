package inline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// TestLines shows every line of a manifest that may be shown.
func TestLines(t *testing.T) {
	const head = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    chart: gitops-runtime\n    helm:\n"
	for _, test := range []struct{ name, text, want string }{
		{"object", head + "      valuesObject:\n        # prose\n        a: b\n\n        # more\n  # outside\n    # too\n",
			"8:        # …\n9:        a: …\n10:\n11:        # …\n"},
		{"literal", head + "      values: |\n        # prose\n        a: b\n\n      releaseName: c\n", "8:        # …\n9:        a: …\n"},
		{"literal that keeps line breaks", head + "      values: |+\n        a: b\n\n\n      releaseName: c\n", "8:        a: …\n9:\n10:\n"},
		{"braces", head + "      valuesObject: {a: b,\n         c: d}\n", "7:                    {a: …,\n8:         c: …}\n"},
		{"quoted", head + "      values: \"a: b\\nc: d\"\n", ""},
		{"no values", head + "      releaseName: a\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			releases, err := inline.Find(manifestName, []byte(test.text))
			if err != nil || len(releases) != 1 {
				t.Fatal(len(releases), err)
			}
			r, err := releases[0].Lint(&schema.Linter{}, schema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for n := range strings.Count(test.text, "\n") + 3 {
				pieces, ok := r.Lines.Line(manifestName, n)
				if !ok {
					continue
				}
				if !r.Lines.Has(n) {
					t.Errorf("line %d is shown and not one of the values", n)
				}
				fmt.Fprintf(&got, "%d:", n)
				for _, p := range pieces {
					if end := p.Start + len(p.Text); !p.Hidden && p.End != end {
						t.Errorf("line %d: piece %+v", n, p)
					}
					got.WriteString(p.Text)
				}
				got.WriteString("\n")
			}
			if diff := cmp.Diff(test.want, got.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
