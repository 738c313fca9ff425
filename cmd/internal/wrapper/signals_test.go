//go:build unix

package wrapper_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slowly makes the fake helm go on as slowHelm.
const slowly = `
ls "$TMPDIR" >"$FAKE/private"
exec env ` + program + `=slow "$TEST_PROGRAM"
`

// slowHelm needs a moment to end after a signal, notes all that come, and ends with 9.
func slowHelm() int {
	log := func(name, text string) {
		f, err := os.OpenFile(filepath.Join(os.Getenv("FAKE"), name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = io.WriteString(f, text+"\n")
			_ = f.Close()
		}
		if err != nil {
			panic(err)
		}
	}
	signals := make(chan os.Signal, 10)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	log("ready", "yes")
	log("signals", (<-signals).String())
	for end := time.After(1300 * time.Millisecond); ; {
		select {
		case s := <-signals:
			log("signals", s.String())
		case <-end:
			log("signals", "cleaned")
			return 9
		}
	}
}

// process is the wrapper in a process of its own.
type process struct {
	f      *fake
	cmd    *exec.Cmd
	stderr bytes.Buffer
}

// start starts the wrapper, without a terminal unless attr gives it one.
func (f *fake) start(attr *syscall.SysProcAttr, terminal *os.File, words ...string) *process {
	f.t.Helper()
	_ = os.Remove(f.path("ready"))
	p := &process{f: f, cmd: exec.Command(words[0], words[1:]...)}
	p.cmd.Dir, p.cmd.Env = f.dir, append(f.environ(), program+"=yes")
	p.cmd.SysProcAttr = attr
	p.cmd.Stderr = &p.stderr
	if terminal != nil {
		p.cmd.Stderr = terminal
	}
	if err := p.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	return p
}

// await waits for a file of the fake helm's.
func (p *process) await(name string) {
	p.f.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); p.f.read(name) == "" && !exists(p.f.path(name)); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = p.cmd.Process.Kill()
			p.f.t.Fatalf("%s does not come: %s", name, p.stderr.String())
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// ended waits for the end, and checks the exit code.
func (p *process) ended(code int) {
	p.f.t.Helper()
	timer := time.AfterFunc(30*time.Second, func() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }) // helm too
	defer timer.Stop()
	var failed *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &failed) {
		p.f.t.Fatal(err)
	}
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.f.t.Errorf("%s, want exit code %d\n%s", p.cmd.ProcessState, code, p.stderr.String())
	}
	p.f.isClean()
}

// cleanedUpAfter checks that helm got one signal and had the time it needed.
func (p *process) cleanedUpAfter(signal os.Signal) {
	p.f.t.Helper()
	p.ended(9)
	if private := p.f.read("private"); !strings.Contains(private, "runtime-auth-") {
		p.f.t.Errorf("there was no private folder: %q", private)
	}
	is(p.f.t, "signals", p.f.read("signals"), signal.String()+"\ncleaned\n")
}

// newSlow is for a wrapper in a process of its own, beside others.
func newSlow(t *testing.T) *fake {
	t.Helper()
	t.Parallel()
	// A job in the background is begun with signals ignored, and would hand that on. What
	// is caught is not ignored any more, and what is started has the default again.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGTERM)
	t.Cleanup(func() { signal.Stop(caught) })
	f := writeFake(t, "v4.3.1")
	f.write("run", slowly)
	f.env["TEST_PROGRAM"] = os.Args[0]
	f.released(history, "old: true\n", "")
	return f
}

// A signal that only the wrapper gets is passed on, once.
func TestWrapperPassesSignalsOn(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			f := newSlow(t)
			p := f.start(&syscall.SysProcAttr{Setsid: true}, nil, os.Args[0], "upgrade", "rel", "chart")
			p.await("ready")
			if err := p.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			p.cleanedUpAfter(signal)
		})
	}
}

// An interrupt for the whole process group, such as Ctrl-C makes, reaches helm by itself.
func TestWrapperInterruptOfGroup(t *testing.T) {
	f := newSlow(t)
	p := f.start(&syscall.SysProcAttr{Setsid: true}, nil, os.Args[0], "upgrade", "rel", "chart")
	p.await("ready")
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	p.cleanedUpAfter(syscall.SIGINT)
}

// What is ignored stays ignored: with nohup the end of a terminal ends nothing.
func TestWrapperIgnoresWhatIsIgnored(t *testing.T) {
	f := newSlow(t)
	p := f.start(&syscall.SysProcAttr{Setsid: true}, nil, "sh", "-c", `trap "" HUP; exec "$@"`, "sh", os.Args[0], "upgrade", "rel", "chart")
	p.await("ready")
	for _, signal := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM} {
		if err := p.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.cleanedUpAfter(syscall.SIGTERM)
}

// Before helm runs, a signal ends what is being done, and helm does not run.
func TestWrapperInterruptedBefore(t *testing.T) {
	for name, args := range map[string]string{
		"a pipe that nobody writes to": "install rel chart -f silent.fifo",
		"a pull":                       "install rel repo/chart",
		"the history":                  "upgrade rel chart",
	} {
		t.Run(name, func(t *testing.T) {
			f := newSlow(t)
			f.pipe("silent.fifo", "")
			script := f.read("helm")
			hangs := ": >\"$FAKE/ready\"; exec sleep 60"
			f.write("helm", strings.NewReplacer("history)\n", "history) "+hangs+";;\n_)\n", "pull)\n", "pull) "+hangs+";;\n__)\n").Replace(script))
			for signal, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129} {
				_ = os.Remove(f.path("calls"))
				p := f.start(&syscall.SysProcAttr{Setsid: true}, nil, append([]string{os.Args[0]}, strings.Fields(args)...)...)
				if strings.Contains(args, "fifo") {
					p.await("calls") // its version
					time.Sleep(100 * time.Millisecond)
				} else {
					p.await("ready")
				}
				if err := p.cmd.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				p.ended(code)
				if r := (result{f: f}); strings.Contains(f.read("calls"), "--post-renderer") {
					t.Errorf("helm ran: %s", r.helm)
				}
			}
		})
	}
}
