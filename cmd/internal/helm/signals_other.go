//go:build !unix

package helm

import (
	"os"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

func endingSignals() []os.Signal { return []os.Signal{os.Interrupt} }

// ended is how a program ends that Ctrl-C ends.
func ended(os.Signal) error { return exit.Silently(130) }

func endedBy(*os.ProcessState) error { return exit.Silently(exit.Failed) }

func stop(p *os.Process) error { return p.Kill() }

// reachesGroup holds for Ctrl-C, which reaches every program of a console.
func reachesGroup(os.Signal) bool { return true }

type witness struct{}

func newWitness() witness { return witness{} }

func (witness) hit() bool { return true }

func (witness) dismiss() {}
