package printable_test

import (
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
)

func TestPrintable(t *testing.T) {
	const in = "a\tb\x1b[31mé\u202e\r\nc\x00"
	if got, want := printable.Line(in), "a b\ufffd[31mé\ufffd\ufffd\ufffdc\ufffd"; got != want {
		t.Errorf("Line = %q, want %q", got, want)
	}
}
