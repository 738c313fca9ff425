//go:build unix

package helm

import (
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

func endingSignals() []os.Signal {
	return []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}
}

// ended is how a program ends that a signal ends.
func ended(sig os.Signal) error { return exit.Silently(128 + int(sig.(syscall.Signal))) }

func endedBy(state *os.ProcessState) error {
	return ended(state.Sys().(syscall.WaitStatus).Signal())
}

// stop ends a helm that only reads.
func stop(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

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
