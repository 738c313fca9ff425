// Runtime-auth-post-renderer is `runtime-auth render` by itself: what Helm starts
// in every install and upgrade is small and starts quickly.
package main

import (
	"os"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/postrender"
)

func main() {
	os.Exit(postrender.Main(os.Args[1:], postrender.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
	}))
}
