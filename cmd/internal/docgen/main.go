//go:build cluster && docgen

// Docgen writes the manual pages and the completion scripts that go into a release:
// into man/man1 and completions below a folder. It is behind a build tag, so that
// `go install ./...` leaves it out.
//
//	go run -tags cluster,docgen ./cmd/internal/docgen FOLDER VERSION
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cli"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cluster"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: docgen FOLDER VERSION")
		os.Exit(2)
	}
	root := commands()
	if err := errors.Join(completions(root, filepath.Join(os.Args[1], "completions")), pages(root, filepath.Join(os.Args[1], "man", "man1"), os.Args[2])); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// commands returns the command line with everything that its commands take, those of
// the other program too.
func commands() *cobra.Command {
	env := cli.Env{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Getenv: os.Getenv}
	root := cli.Command(env)
	other := cluster.Command(cluster.Env{Stdin: env.Stdin, Stdout: env.Stdout, Stderr: env.Stderr, Getenv: env.Getenv})
	for _, c := range other.Commands() {
		if c.Hidden {
			continue
		}
		for _, stub := range root.Commands() {
			if stub.Name() == c.Name() {
				root.RemoveCommand(stub)
			}
		}
		other.RemoveCommand(c)
		root.AddCommand(c)
	}
	root.InitDefaultCompletionCmd()
	return root
}

// completions writes a script for every shell that cobra knows.
func completions(root *cobra.Command, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return errors.Join(
		root.GenBashCompletionFileV2(filepath.Join(folder, "runtime-auth.bash"), true),
		root.GenZshCompletionFile(filepath.Join(folder, "_runtime-auth")),
		root.GenFishCompletionFile(filepath.Join(folder, "runtime-auth.fish"), true),
		root.GenPowerShellCompletionFileWithDesc(filepath.Join(folder, "runtime-auth.ps1")),
	)
}

// pages writes a page for every command. Their date is that of SOURCE_DATE_EPOCH.
func pages(root *cobra.Command, folder, version string) error {
	readable(root)
	root.DisableAutoGenTag = true
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return doc.GenManTree(root, &doc.GenManHeader{Source: "runtime-auth " + version, Manual: "runtime-auth"}, folder)
}

// readable makes the texts ready for a manual page: the marks around the name of a
// flag's value are for the help text, and indented lines become blocks of their own,
// lest they flow into the text around them.
func readable(c *cobra.Command) {
	c.Flags().VisitAll(func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) })
	var b strings.Builder
	inBlock := false
	for line := range strings.Lines(c.Long) {
		if indented := strings.HasPrefix(line, "  "); indented != inBlock {
			inBlock = indented
			b.WriteString("\n")
		}
		if inBlock {
			b.WriteString("  ")
		}
		b.WriteString(line)
	}
	c.Long = b.String()
	for _, sub := range c.Commands() {
		readable(sub)
	}
}
