package report_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/source"
)

// lines shows a text, with the bytes from hide[0] to hide[1] hidden.
type lines struct {
	text *source.Text
	hide [2]int
}

func (l lines) Line(_ string, n int) ([]schema.Piece, bool) {
	line, start := l.text.Line(n)
	piece := func(from, to int) schema.Piece {
		return schema.Piece{Text: string(l.text.Bytes()[from:to]), Start: from, End: to}
	}
	end := start + len(line)
	if l.hide[0] < start || l.hide[1] > end || l.hide == [2]int{} {
		return []schema.Piece{piece(start, end)}, true
	}
	hidden := schema.Piece{Text: "[redacted]", Hidden: true, Start: l.hide[0], End: l.hide[1]}
	return []schema.Piece{piece(start, l.hide[0]), hidden, piece(l.hide[1], end)}, true
}

func TestSnippet(t *testing.T) {
	long := strings.Repeat("x", 150)
	for _, test := range []struct {
		name, text, mark, hide, want string
	}{
		{"plain", "a:\n    key: value\n", "key", "", "    key: value\n    ^~~\n"},
		{"one character", "a: b\n", "b", "", "    a: b\n       ^\n"},
		{"wide characters", "日本: x # ü\n", "x", "", "    日本: x # ü\n          ^\n"},
		{"marked wide", "a: 日本\n", "日本", "", "    a: 日本\n       ^~~~\n"},
		{"tab", "a:\tb\n", "b", "", "    a: b\n       ^\n"},
		{"hidden value", "token: hunter2 # c\n", "hunter2", "hunter2", "    token: [redacted] # c\n           ^~~~~~~~~~\n"},
		{"part of a hidden value", "token: hunter2\n", "hunt", "hunter2", "    token: [redacted]\n           ^\n"},
		{"behind a hidden value", "{token: hunter2, type: x}\n", "type", "hunter2", "    {token: [redacted], type: x}\n                        ^~~~\n"},
		{"terminal escape", "a: \x1b[31mred\n", "red", "", "    a: \ufffd[31mred\n            ^~~\n"},
		{"several lines", "a: |\n  one\n  two\n", "|\n  one", "", "    a: |\n       ^\n"},
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

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("pipe closed") }

func TestPrintReportsAWriteError(t *testing.T) {
	d := diag.Diagnostic{Severity: diag.Info, Message: "m"}
	if err := (report.Text{W: broken{}}).Print([]diag.Diagnostic{d}, nil); err == nil {
		t.Error("no error from a closed pipe")
	}
}
