package complete

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// What is offered for a flag is what its annotation says, and nothing without one.
func TestTree(t *testing.T) {
	const noFiles = cobra.ShellCompDirectiveNoFileComp
	for _, tt := range []struct {
		name      string
		annotate  func(fs *pflag.FlagSet)
		want      []string
		directive cobra.ShellCompDirective
	}{
		{"words", func(fs *pflag.FlagSet) { Words(fs, "flag", "text", "app-proxy\tthe first") }, []string{"text", "app-proxy\tthe first"}, noFiles},
		{"files", func(fs *pflag.FlagSet) { Files(fs, "flag") }, nil, cobra.ShellCompDirectiveDefault},
		{"values", func(fs *pflag.FlagSet) { Files(fs, "flag", ValuesEnds()...) }, []string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt},
		{"folders", func(fs *pflag.FlagSet) { Folders(fs, "flag") }, nil, cobra.ShellCompDirectiveFilterDirs},
		{"nothing", func(*pflag.FlagSet) {}, nil, noFiles},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			root, sub := &cobra.Command{Use: "root"}, &cobra.Command{Use: "sub", Run: func(*cobra.Command, []string) {}}
			root.AddCommand(sub)
			root.SetOut(&out)
			root.SetErr(io.Discard)
			sub.Flags().String("flag", "", "")
			tt.annotate(sub.Flags())
			Tree(root)
			for _, args := range [][]string{{"--flag", ""}, {""}} {
				out.Reset()
				root.SetArgs(append([]string{cobra.ShellCompRequestCmd, "sub"}, args...))
				if err := root.Execute(); err != nil {
					t.Fatal(err)
				}
				got, directive, err := parse(out.String())
				if err != nil {
					t.Fatal(err)
				}
				want, wantDirective := tt.want, tt.directive
				if len(args) == 1 {
					want, wantDirective = nil, noFiles
				}
				if !slices.Equal(got, want) || directive != wantDirective {
					t.Errorf("%q: %q %d, want %q %d", args, got, directive, want, wantDirective)
				}
			}
		})
	}
}

// A program that does not answer as it should offers nothing, and never files in the
// place of its words.
func TestProgram(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a Unix shell")
	}
	for _, tt := range []struct {
		name, script string
		want         []string
		directive    cobra.ShellCompDirective
	}{
		{"words", `printf 'create\tmake one\nlist\n:4\n'; echo remark >&2`, []string{"create\tmake one", "list"}, cobra.ShellCompDirectiveNoFileComp},
		{"no words", `echo :8`, nil, cobra.ShellCompDirectiveFilterFileExt},
		{"arguments", `printf '%s\n' "$@" :0`, []string{"__complete", "token", ""}, cobra.ShellCompDirectiveDefault},
		{"environment", `printf '%s\n:0\n' "$WORD"`, []string{"from outside"}, cobra.ShellCompDirectiveDefault},
		{"fails", `printf 'word\n:4\n'; exit 1`, nil, cobra.ShellCompDirectiveError},
		{"no directive", `echo word`, nil, cobra.ShellCompDirectiveError},
		{"silent", ``, nil, cobra.ShellCompDirectiveError},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "program")
			if err := os.WriteFile(path, []byte("#!/bin/sh\n"+tt.script+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			got, directive := Program(path, []string{"token", ""}, []string{"WORD=from outside"})
			if !slices.Equal(got, tt.want) || directive != tt.directive {
				t.Errorf("%q %d, want %q %d", got, directive, tt.want, tt.directive)
			}
		})
	}
	if got, directive := Program(filepath.Join(t.TempDir(), "missing"), nil, nil); got != nil || directive != cobra.ShellCompDirectiveError {
		t.Errorf("%q %d of a program that is not there", got, directive)
	}
}
