//go:build cluster

// Runtime-auth-cluster holds the commands of `helm runtime-auth` that talk to a
// cluster: check and token. It is a program of its own because a Kubernetes client
// costs every start of the program that links it.
package main

import (
	"os"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cluster"
)

func main() {
	os.Exit(cluster.Main(os.Args[1:], cluster.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
	}))
}
