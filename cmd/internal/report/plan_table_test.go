package report_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
)

func TestPlanTable(t *testing.T) {
	eachPlan(t, ".txt", func(w io.Writer, p report.Plan) error { return report.PlanTable(w, p, false) })
}

// The plans of the example chart fit into 100 columns, in colour too.
func TestPlanTableWidth(t *testing.T) {
	for name, p := range plans(t) {
		var plain, colored bytes.Buffer
		if err := report.PlanTable(&plain, p, false); err != nil {
			t.Fatal(err)
		}
		if err := report.PlanTable(&colored, p, true); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(plain.String()) {
			if w := runewidth.StringWidth(line); w > 100 && name != "every-state" {
				t.Errorf("%s: %d columns: %s", name, w, line)
			}
		}
		stripped := colored.String()
		for _, code := range []string{"\x1b[1m", "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m", "\x1b[0m"} {
			if !strings.Contains(stripped, code) && name == "every-state" {
				t.Errorf("no %q", code)
			}
			stripped = strings.ReplaceAll(stripped, code, "")
		}
		if stripped != plain.String() {
			t.Errorf("%s: with colours it says\n%s\nand without\n%s", name, stripped, plain.String())
		}
		onlyLines(t, plain.String())
	}
}
