package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	source "github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("pipe closed") }

func TestPrintReportsAWriteError(t *testing.T) {
	ds := []diag.Diagnostic{{Severity: diag.Info, Message: "m"}}
	for name, print := range map[string]func(io.Writer) error{
		"text":   func(w io.Writer) error { return report.Text{W: w}.Print(ds, report.Sources(nil)) },
		"json":   func(w io.Writer) error { return report.JSON(w, report.Lint{Findings: ds, Files: 1}) },
		"sarif":  func(w io.Writer) error { return report.SARIF(w, report.Lint{Findings: ds}) },
		"github": func(w io.Writer) error { return report.GitHub(w, report.Lint{Findings: ds}) },
	} {
		if print(broken{}) == nil {
			t.Errorf("%s: no error from a closed pipe", name)
		}
	}
}

// FuzzPrint prints findings that no rule would make: any range, control characters
// in any text. No format may panic, write more lines than it has things to say, or
// pass a control character on; what is for programs must be what they can read.
func FuzzPrint(f *testing.F) {
	f.Add(valuesText, "values.yaml", "message", "hint", "a.b", uint8(1), 2, 3, 10, 2, 18, 25, 68, 81)
	f.Add("a: b\r\n", "a:b,c%\n.yaml", "m\n::error::x\r##[error]\x1b[31m", "h\n::add-mask::a", "", uint8(2), 1, 4, 3, 1, 5, 4, 0, 0)
	f.Add("語: é\u0301 🎉\n", `C:\a b#\値.yaml`, "[a](b) {0}", "", "\u2028", uint8(3), 1, 1, 0, 9, 9, 99, 3, 1)
	f.Add("", "--set#2", "", "", "x", uint8(0), -1, -1, -1, 0, 0, 0, -5, 7)
	f.Add("x\n", "values.yaml", "m", "h", "", uint8(1), -1, -1, -1, -1, -1, -2, 0, 0)
	f.Add("x\n", "/a/../b%zz", "\xff", "\x9b", "\x00", uint8(9), 1, 1, 5, 1, 0, 1, 0, 1)
	compiled := sarifSchema(f)
	f.Fuzz(func(t *testing.T, text, file, message, hint, path string, severity uint8,
		line, column, offset, endLine, endColumn, endOffset, hideFrom, hideTo int) {
		at := diag.Range{
			Start: diag.Position{Line: line, Column: column, Offset: offset},
			End:   diag.Position{Line: endLine, Column: endColumn, Offset: endOffset},
		}
		ds := []diag.Diagnostic{{
			Severity: diag.Severity(severity), Rule: "rule", File: file, Range: at, Path: path, Message: message, Hint: hint,
			Fix: []diag.Edit{{Range: at, NewText: hint}}, Related: []diag.Related{{File: file, Range: at, Message: message}},
		}}
		shown := lines{text: source.New([]byte(text))}
		if 0 <= hideFrom && hideFrom < hideTo && hideTo <= len(text) {
			shown.hide = [2]int{hideFrom, hideTo}
		}
		checkText(t, ds, shown)
		checkGitHub(t, ds[0])

		var out bytes.Buffer
		if err := report.JSON(&out, report.Lint{Findings: ds, Files: 1}); err != nil || !json.Valid(out.Bytes()) {
			t.Errorf("%v\n%s", err, out.String())
		}
		var doc any
		got := printSARIF(t, []rule.Rule{{ID: "rule", Severity: diag.Error, Doc: rule.Doc{Summary: message, Help: hint}}}, ds)
		if err := json.Unmarshal([]byte(got), &doc); err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(doc); err != nil {
			t.Errorf("%#v\n%s", err, got)
		}
	})
}

func checkText(t *testing.T, ds []diag.Diagnostic, shown report.Lines) {
	t.Helper()
	var out bytes.Buffer
	if err := (report.Text{W: &out}).Print(ds, shown); err != nil {
		t.Fatal(err)
	}
	want := 2 // the finding and the related place
	if ds[0].Hint != "" {
		want++
	}
	got := out.String()
	if n := strings.Count(got, "\n"); n != want && n != want+2 {
		t.Errorf("%d lines, want %d or two more:\n%s", n, want, got)
	}
	onlyLines(t, got)
}

// checkGitHub reads the command as the runner does, and expects what was put in.
func checkGitHub(t *testing.T, d diag.Diagnostic) {
	t.Helper()
	got := printGitHub(t, []diag.Diagnostic{d})
	onlyLines(t, got)
	command, summary, _ := strings.Cut(got, "\n")
	if !strings.HasPrefix(command, "::") || strings.HasPrefix(summary, "::") || strings.Count(summary, "\n") != 1 {
		t.Fatalf("not a command and a line: %q", got)
	}
	head, message, found := strings.Cut(command[2:], "::")
	name, list, hasProperties := strings.Cut(head, " ")
	if !found || !hasProperties || name != "error" && name != "warning" && name != "notice" {
		t.Fatalf("not a command: %q", command)
	}
	known := []string{"file", "line", "endLine", "col", "endColumn", "title"}
	for _, property := range strings.Split(list, ",") {
		key, value, _ := strings.Cut(property, "=")
		for len(known) > 0 && known[0] != key {
			known = known[1:]
		}
		if len(known) == 0 || strings.ContainsAny(value, ":\r\n") {
			t.Fatalf("property %q in %q", property, command)
		}
		if key == "title" && value != d.Rule {
			t.Errorf("title %q", value)
		}
	}
	unescape := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%")
	if want := plain(d.Message); !strings.Contains(plain(unescape.Replace(message)), want) {
		t.Errorf("message %q, want %q in it", message, want)
	}
}

// plain drops what a printer may replace.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) && r != '\r' && r != '\n' || unicode.IsSpace(r) && r != '\r' && r != '\n' {
			return -1
		}
		return r
	}, s)
}

// onlyLines looks for characters that move the cursor, or start a sequence that does.
func onlyLines(t *testing.T, s string) {
	t.Helper()
	if i := strings.IndexFunc(s, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
		t.Errorf("%q at %d of %q", s[i], i, s)
	}
}
