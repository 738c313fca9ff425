// Runtime-auth-fn wires the Argo CD credentials of a GitOps Runtime as a function of
// the Kubernetes Resource Model. It is a program of its own because kustomize starts
// functions by their path alone, and because no other command should pay for what
// reading a ResourceList takes.
package main

import (
	"os"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/krm"
)

func main() {
	os.Exit(krm.Main(os.Args[1:], krm.Env{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}))
}
