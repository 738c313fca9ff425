//go:build cluster

package cluster

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/term"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/ptytest"
)

// prompts is a standard error that tells when it was asked for something.
type prompts struct {
	mu    sync.Mutex
	text  bytes.Buffer
	asked chan struct{}
	once  sync.Once
}

func newPrompts() *prompts { return &prompts{asked: make(chan struct{})} }

func (p *prompts) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if strings.Contains(string(b), "password of") {
		p.once.Do(func() { close(p.asked) })
	}
	return p.text.Write(b)
}

// echoes reports whether the terminal shows what is typed.
func echoes(t *testing.T, f *os.File) bool {
	t.Helper()
	var state syscall.Termios
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TCGETS, uintptr(unsafe.Pointer(&state))); errno != 0 {
		t.Fatal(errno)
	}
	return state.Lflag&syscall.ECHO != 0
}

// silent waits until the terminal shows nothing any more: the question is asked a
// moment before.
func silent(t *testing.T, f *os.File) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); echoes(t, f); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the terminal shows what is typed")
		}
	}
}

// prompted lists the keys at a terminal, until the password is asked for. done has the
// exit code.
func (b *bench) prompted(t *testing.T) (person, program *os.File, stderr *prompts, done chan int) {
	t.Helper()
	person, program = ptytest.Open(t)
	stderr, done = newPrompts(), make(chan int, 1)
	args := []string{"token", "list", "--account", "ci", "--argo-cd-url", b.argoCD.URL}
	go func() {
		done <- Main(args, Env{Stdin: program, Stdout: io.Discard, Stderr: stderr, Getenv: given(nil)})
	}()
	<-stderr.asked
	silent(t, program)
	return person, program, stderr, done
}

func TestTokenPrompt(t *testing.T) {
	person, program, stderr, done := newBench(t).prompted(t)
	if _, err := io.WriteString(person, adminPassword+"\n"); err != nil {
		t.Fatal(err)
	}
	outcome{code: <-done, stderr: stderr.text.String()}.quiet(t).ended(t, exit.OK, `password of "admin": `)
	if !echoes(t, program) {
		t.Error("the terminal was left without echo")
	}
}

// TestTokenPromptInterrupted presses Ctrl-C while the password is asked for.
func TestTokenPromptInterrupted(t *testing.T) {
	b := newBench(t)
	person, program, _, done := b.prompted(t)
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := <-done; code != 128+int(syscall.SIGINT) {
		t.Errorf("exit code %d", code)
	}
	if !echoes(t, program) {
		t.Error("the terminal was left without echo")
	}
	if len(b.argoCD.Requests()) > 0 {
		t.Error("Argo CD was called")
	}
	_, _ = io.WriteString(person, "\n") // whoever still reads has something now
}

// TestTokenOnTerminal refuses to show a key before it is made.
func TestTokenOnTerminal(t *testing.T) {
	b := newBench(t)
	person, program := ptytest.Open(t)
	if _, err := term.MakeRaw(int(program.Fd())); err != nil {
		t.Fatal(err)
	}
	args := []string{"token", "create", "--account", "ci", "-o", "yaml", "--password-file", file(t, adminPassword), "--argo-cd-url", b.argoCD.URL}
	var stderr bytes.Buffer
	code := Main(args, Env{Stdin: strings.NewReader(""), Stdout: program, Stderr: &stderr, Getenv: given(nil)})
	outcome{code: code, stderr: stderr.String()}.quiet(t).ended(t, exit.Usage, "where the API key would be visible", "--show")
	if len(b.argoCD.Requests()) > 0 {
		t.Error("Argo CD was called")
	}
	code = Main(append(args, "--show"), Env{Stdin: strings.NewReader(""), Stdout: program, Stderr: &stderr, Getenv: given(nil)})
	shown := make([]byte, 4096)
	n, err := person.Read(shown)
	if code != exit.OK || err != nil || !strings.Contains(string(shown[:n]), "kind: Secret") {
		t.Errorf("exit code %d, %v, %d bytes", code, err, n)
	}
	code = Main([]string{"token", "list", "--account", "ci", "--password-stdin", "--argo-cd-url", b.argoCD.URL},
		Env{Stdin: program, Stdout: io.Discard, Stderr: &stderr, Getenv: given(nil)})
	if code != exit.Usage || !strings.Contains(stderr.String(), "--password-stdin is for a file or a pipe") {
		t.Errorf("exit code %d", code)
	}
}
