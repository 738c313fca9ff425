package helm

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

// Signals are those that end a program. While they are caught, they end what is done
// before helm is run, and helm, which has to clean up, is left to end by itself.
type Signals struct{ caught chan os.Signal }

// CatchSignals catches the signals that are not ignored, until Stop.
func CatchSignals() *Signals {
	s := &Signals{make(chan os.Signal, 8)}
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(sig) { // such as with nohup
			signal.Notify(s.caught, sig)
		}
	}
	return s
}

// Stop stops catching.
func (s *Signals) Stop() { signal.Stop(s.caught) }

// Do runs job. At a signal, the job's context ends, and so does Do, with the exit code
// of the signal: soon, even if the job does not mind its context.
func (s *Signals) Do(job func(context.Context) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- job(ctx) }()
	select {
	case err := <-done:
		return err
	case sig := <-s.caught:
		cancel()
		select {
		case <-done:
		case <-time.After(stopsWithin + time.Second):
		}
		return ended(sig)
	}
}

// Run runs helm and waits for it, whatever signal comes. Those that come to this process
// alone are passed on; Ctrl-C at a terminal reaches helm by itself. The error is helm's
// exit code, about which helm has said why, or that it cannot be run.
func (s *Signals) Run(cmd *exec.Cmd) error {
	select {
	case sig := <-s.caught:
		return ended(sig)
	default:
	}
	witness := newWitness()
	defer witness.dismiss()
	if err := cmd.Start(); err != nil {
		return exit.Failedf("cannot run helm: %w", err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case err := <-done:
			return helmExit(cmd, err)
		case sig := <-s.caught:
			if !reachesGroup(sig) || !witness.hit() {
				_ = cmd.Process.Signal(sig) // an error says that it has just ended, or that this is Windows, which has none
			}
		}
	}
}

// helmExit passes helm's own exit code on.
func helmExit(cmd *exec.Cmd, err error) error {
	switch state := cmd.ProcessState; {
	case state == nil || err != nil && state.Success():
		return exit.Failedf("cannot run helm: %w", err)
	case state.Success():
		return nil
	case state.ExitCode() < 0:
		return ended(state.Sys().(syscall.WaitStatus).Signal())
	default:
		return exit.Silently(state.ExitCode())
	}
}

// ended is how a program ends that a signal ends.
func ended(sig os.Signal) error { return exit.Silently(128 + int(sig.(syscall.Signal))) }

// stop ends a helm that only reads. Windows has no signal for that.
func stop(p *os.Process) error {
	if p.Signal(syscall.SIGTERM) == nil {
		return nil
	}
	return p.Kill()
}

// reachesGroup reports whether a signal is one that a key makes: the terminal sends it to
// every process of the foreground group, this one and helm alike.
func reachesGroup(sig os.Signal) bool { return sig == syscall.SIGINT || sig == syscall.SIGQUIT }

// hitWithin is how long it can take to learn that the witness is dead.
const hitWithin = time.Second

// witness is a child that does nothing and dies of signals. As it is of the same process
// group as helm, it tells whether a signal was sent to the group or to this process.
type witness struct {
	in   io.Closer // ends it
	gone chan struct{}
}

// newWitness returns nil where none can be had.
func newWitness() *witness {
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	if err != nil || cmd.Start() != nil {
		return nil
	}
	w := &witness{in, make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(w.gone)
	}()
	return w
}

// hit reports whether the witness got the signal too.
func (w *witness) hit() bool {
	if w == nil {
		return false
	}
	select {
	case <-w.gone:
		return true
	case <-time.After(hitWithin):
		return false
	}
}

func (w *witness) dismiss() {
	if w != nil {
		_ = w.in.Close()
		<-w.gone
	}
}
