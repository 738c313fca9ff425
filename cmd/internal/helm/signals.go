package helm

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

// Signals are those that end a program. While they are caught, they end what is done
// before helm is run, and helm, which has to clean up, is left to end by itself.
type Signals struct{ caught chan os.Signal }

// CatchSignals catches the signals that are not ignored, until Stop.
func CatchSignals() *Signals {
	s := &Signals{make(chan os.Signal, 8)}
	for _, sig := range endingSignals() {
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
				_ = cmd.Process.Signal(sig) // an error says that it has just ended
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
		return endedBy(state)
	default:
		return exit.Silently(state.ExitCode())
	}
}
