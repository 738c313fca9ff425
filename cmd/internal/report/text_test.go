package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	source "github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// lines shows a text, with the bytes from hide[0] to hide[1] hidden.
type lines struct {
	text *source.Text
	hide [2]int
}

func (l lines) Line(_ string, n int) ([]mask.Piece, bool) {
	line, start := l.text.Line(n)
	piece := func(from, to int) mask.Piece {
		return mask.Piece{Text: string(l.text.Bytes()[from:to]), Start: from, End: to}
	}
	end := start + len(line)
	if l.hide[0] < start || l.hide[1] > end || l.hide == [2]int{} {
		return []mask.Piece{piece(start, end)}, true
	}
	hidden := mask.Piece{Text: "…", Hidden: true, Start: l.hide[0], End: l.hide[1]}
	return []mask.Piece{piece(start, l.hide[0]), hidden, piece(l.hide[1], end)}, true
}

func TestSnippet(t *testing.T) {
	long, wide := strings.Repeat("x", 150), strings.Repeat("語", 75)
	for _, test := range []struct {
		name, text, mark, hide, want string
	}{
		{"plain", "a:\n    key: value\n", "key", "", "    key: value\n    ^~~\n"},
		{"one character", "a: b\n", "b", "", "    a: b\n       ^\n"},
		{"wide characters", "日本: x # ü\n", "x", "", "    日本: x # ü\n          ^\n"},
		{"marked wide", "a: 日本\n", "日本", "", "    a: 日本\n       ^~~~\n"},
		{"tab", "a:\tb\n", "b", "", "    a: b\n       ^\n"},
		{"hidden value", "token: hunter2 # c\n", "hunter2", "hunter2", "    token: … # c\n           ^\n"},
		{"part of a hidden value", "token: hunter2\n", "hunt", "hunter2", "    token: …\n           ^\n"},
		{"behind a hidden value", "{token: hunter2, type: x}\n", "type", "hunter2", "    {token: …, type: x}\n               ^~~~\n"},
		{"behind combining characters", "e\u0301o\u0308: x\n", "x", "", "    e\u0301o\u0308: x\n        ^\n"},
		{"behind emoji", "👍🏽 🇩🇪: x\n", "x", "", "    👍🏽 🇩🇪: x\n           ^\n"},
		{"marked emoji", "a: 🎉🎉\n", "🎉🎉", "", "    a: 🎉🎉\n       ^~~~\n"},
		{"ambiguous width", "a: “ü” x\n", "x", "", "    a: “ü” x\n           ^\n"},
		{"indented with a tab", "\ta: b\n", "b", "", "    a: b\n       ^\n"},
		{"line ends of Windows", "a: b\r\nc: d\r\n", "b", "", "    a: b\n       ^\n"},
		{"up to a line end of Windows", "a: b\r\nc: d\r\n", "b\r\n", "", "    a: b\n       ^\n"},
		{"lone carriage return", "a: b\rc\n", "c", "", "    a: b\ufffdc\n         ^\n"},
		{"not UTF-8", "\xff\xfe: b\n", "b", "", "    \ufffd\ufffd: b\n        ^\n"},
		{"byte order mark", "\ufeffa: b\n", "b", "", "    a: b\n       ^\n"},
		{"end of the line", "a: b\n", "\n", "", "    a: b\n        ^\n"},
		{"right to left override", "a: \u202eb\n", "b", "", "    a: \ufffdb\n        ^\n"},
		{"long wide line", "a: " + wide + " end\n", "end", "", "     " + strings.Repeat("語", 24) + " end\n    " + strings.Repeat(" ", 50) + "^~~\n"},
		{"long wide mark", "a: " + wide + "\n", wide, "", "    a: " + strings.Repeat("語", 48) + "\n       ^" + strings.Repeat("~", 96) + "\n"},
		{"terminal escape", "a: \x1b[31mred\n", "red", "", "    a: \ufffd[31mred\n            ^~~\n"},
		{"several lines", "a: |\n  one\n  two\n", "|\n  one", "", "    a: |\n       ^\n"},
		{"several lines of wide characters", "a: 日本\n  two\n", "日本\n  two", "", "    a: 日本\n       ^~~~\n"},
		{"long line", "a: " + long + " end\n", "end", "", "    " + strings.Repeat("x", 49) + " end\n    " + strings.Repeat(" ", 50) + "^~~\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := source.New([]byte(test.text))
			at := strings.Index(test.text, test.mark)
			l := lines{text: text}
			if test.hide != "" {
				h := strings.Index(test.text, test.hide)
				l.hide = [2]int{h, h + len(test.hide)}
			}
			d := diag.Diagnostic{Severity: diag.Error, Rule: "rule", File: "v.yaml", Message: "message", Range: text.Range(at, at+len(test.mark))}
			var out bytes.Buffer
			if err := (report.Text{W: &out}).Print([]diag.Diagnostic{d}, l); err != nil {
				t.Fatal(err)
			}
			_, got, _ := strings.Cut(out.String(), "\n")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestText(t *testing.T) {
	golden(t, "findings.txt", printText(t, findings(), false))
	golden(t, "findings.color.txt", printText(t, findings(), true))
}

func printText(t *testing.T, ds []diag.Diagnostic, color bool) string {
	t.Helper()
	var out bytes.Buffer
	if err := (report.Text{W: &out, Color: color}).Print(ds, masked()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
