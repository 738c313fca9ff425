//go:build cluster

package main

import (
	"os"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cluster"
)

func init() {
	programs["runtime-auth-cluster"] = func() {
		os.Exit(cluster.Main(os.Args[1:], cluster.Env{
			Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		}))
	}
}
