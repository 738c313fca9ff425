// Runtime-auth is the Helm plugin `helm runtime-auth`.
package main

import (
	"os"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Environ: os.Environ(),
	}))
}
