package report_test

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
)

func TestPlanMermaid(t *testing.T) {
	eachPlan(t, ".mmd", func(w io.Writer, p report.Plan) error { return report.PlanMermaid(w, p) })
	statement := mermaidStatement()
	for _, p := range plans(t) {
		checkMermaid(t, statement, p)
	}
	checkMermaid(t, statement, report.NewPlan(render.Report{}, nil, nil))
}

// mermaidStatement matches the few statements of which a diagram may consist. They
// leave nothing to a name: in quotes there is no quote, bracket, sign of a comment or
// of code, and every # begins the code of one character.
func mermaidStatement() *regexp.Regexp {
	const label = `"(?:[a-zA-Z0-9 ./_-]|#\d+;|<br/>)*"`
	return regexp.MustCompile(`^(?:` + strings.Join([]string{
		`%% [a-z0-9 ,:]+`,
		`flowchart LR`,
		`  source\d+(?:\[\(` + label + `\)\]|\(\[` + label + `\]\)|\[` + label + `\]):::source`,
		`  service\d+\[` + label + `\]:::(?:alreadyRight|set|replaced|removed|missing)`,
		`  source\d+ (?:-->|-\.->)\|` + label + `\| service\d+`,
		`  classDef [a-zA-Z]+ fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}(?:,stroke-dasharray:5 5)?`,
		`  linkStyle \d+(?:,\d+)* stroke:#[0-9a-f]{6}`,
	}, "|") + `)\n$`)
}

func checkMermaid(t *testing.T, statement *regexp.Regexp, p report.Plan) {
	t.Helper()
	var out bytes.Buffer
	if err := report.PlanMermaid(&out, p); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if !statement.MatchString(line) {
			t.Errorf("no statement: %q", line)
		}
	}
}

// FuzzPlanMermaid draws names that a manifest could hold: anything.
func FuzzPlanMermaid(f *testing.F) {
	f.Add("cap-app-proxy", "manager", "argocd-token/token", "admin")
	f.Add("a\"]\nb --> c", "end", "x;y#quot;/`z`", "\\n<br>&quot;")
	f.Add("%%{init: {}}%%", "---", "style x:#fff;", "\u2028\u202e\x1b[31m\xff")
	statement := mermaidStatement()
	f.Fuzz(func(t *testing.T, name, container, ref, value string) {
		var env []wiring.Env
		hidden := wiring.Source{Kind: wiring.ValueSource, Hidden: true}
		for _, from := range []wiring.Source{keyOf(wiring.SecretSource, ref, value), keyOf(wiring.ConfigMapSource, ref, ref), ownValue(value), hidden, {}} {
			env = append(env,
				wiring.Env{Name: value, State: wiring.Replaced, Before: from, After: from},
				wiring.Env{Name: "ARGO_CD_TOKEN_SECRET_NAME", State: wiring.Removed, Before: from, After: from},
				wiring.Env{Name: "ARGO_CD_TOKEN_SECRET_KEY", State: wiring.AlreadyRight, Before: from, After: from})
		}
		p := report.NewPlan(render.Report{
			Services: []render.Service{{Service: name, Kind: container, Name: ref, Env: env}, {Service: name, Name: name}},
			Missing:  []string{name}, Secrets: []render.Secret{{Name: ref, State: render.Hidden}},
		}, nil, nil)
		checkMermaid(t, statement, p)
		var table bytes.Buffer
		if err := report.PlanTable(&table, p, false); err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(table.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q in the table", table.String()[i:])
		}
	})
}
