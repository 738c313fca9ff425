//go:build unix

package cli

import (
	"syscall"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

// handOver becomes another program: the same process, terminal and signals. It
// returns only if that fails.
func handOver(path string, args []string, env Env) error {
	return exit.Failedf("cannot run %s: %w", path, syscall.Exec(path, append([]string{path}, args...), env.Environ))
}
