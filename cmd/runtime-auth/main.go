// Runtime-auth is the Helm plugin `helm runtime-auth`. Under other names it is the
// post-renderer, which Helm 3 starts by its path, and the function for kustomize, which
// is started so too.
package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cli"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/krm"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/postrender"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
)

func main() {
	os.Exit(run(os.Args[0], os.Args[1:]))
}

// run runs what a path is the name of.
func run(path string, args []string) int {
	env := program.Env{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Environ: os.Environ()}
	switch called(path) {
	case "runtime-auth-post-renderer":
		return postrender.Main(args, env)
	case "runtime-auth-fn":
		return krm.Main(args, env)
	}
	return cli.Main(args, env)
}

// called returns the name by which a program was started. Windows minds neither the case
// nor whether .exe is written.
func called(path string) string {
	return strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".exe")
}
