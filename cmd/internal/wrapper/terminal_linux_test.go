package wrapper_test

import (
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/ptytest"
)

// TestWrapperTerminal presses Ctrl-C at a terminal, and kills the wrapper at one.
func TestWrapperTerminal(t *testing.T) {
	for _, name := range []string{"Ctrl-C", "kill"} {
		t.Run(name, func(t *testing.T) {
			f := newSlow(t)
			person, program := ptytest.Open(t)
			go func() { _, _ = io.Copy(io.Discard, person) }()
			p := f.start(&syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2}, program, os.Args[0], "upgrade", "rel", "chart")
			p.await("ready")
			if name == "kill" {
				_ = p.cmd.Process.Signal(syscall.SIGINT)
			} else if _, err := io.WriteString(person, "\x03"); err != nil {
				t.Fatal(err)
			}
			p.cleanedUpAfter(syscall.SIGINT)
		})
	}
}
