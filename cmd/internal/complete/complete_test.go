package complete

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// What is offered for a flag follows from its usage.
func TestFlags(t *testing.T) {
	const noFiles, files = cobra.ShellCompDirectiveNoFileComp, cobra.ShellCompDirectiveDefault
	for _, tt := range []struct {
		name      string
		register  func(fs *pflag.FlagSet)
		want      []string
		directive cobra.ShellCompDirective
	}{
		{"format", func(fs *pflag.FlagSet) { fs.String("x", "", "output `format`: text, json, sarif or github") }, []string{"text", "json", "sarif", "github"}, noFiles},
		{"format of two", func(fs *pflag.FlagSet) { fs.String("x", "", "print it in this `format` for you: yaml or json") }, []string{"yaml", "json"}, noFiles},
		{"format without words", func(fs *pflag.FlagSet) { fs.String("x", "", "some `format`") }, nil, noFiles},
		{"file", func(fs *pflag.FlagSet) { fs.String("x", "", "write to `file`") }, nil, files},
		{"what", func(fs *pflag.FlagSet) { fs.String("x", "", "`what` to make for it: application or plugin") }, []string{"application", "plugin"}, noFiles},
		{"folder", func(fs *pflag.FlagSet) { fs.String("x", "", "write into `folder`") }, nil, cobra.ShellCompDirectiveFilterDirs},
		{"nothing said", func(fs *pflag.FlagSet) { fs.String("x", "", "the chart") }, nil, files},
		{"name", func(fs *pflag.FlagSet) { fs.String("x", "", "`name` of the account") }, nil, noFiles},
		{"duration", func(fs *pflag.FlagSet) { fs.Duration("x", 0, "how long") }, nil, noFiles},
		{"words", func(fs *pflag.FlagSet) { fs.String("service", "", "a `file`") }, []string{"app-proxy\tthe first"}, noFiles},
		{"values", func(fs *pflag.FlagSet) { fs.StringSlice("values", nil, "values `file`") }, []string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root, sub := &cobra.Command{Use: "root"}, &cobra.Command{Use: "sub"}
			root.AddCommand(sub)
			tt.register(sub.Flags())
			Flags(root, map[string][]string{"service": {"app-proxy\tthe first"}})
			sub.Flags().VisitAll(func(f *pflag.Flag) {
				offer, found := sub.GetFlagCompletionFunc(f.Name)
				if !found {
					offer = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) { return nil, files }
				}
				if got, directive := offer(sub, nil, ""); !slices.Equal(got, tt.want) || directive != tt.directive {
					t.Errorf("%q %d, want %q %d", got, directive, tt.want, tt.directive)
				}
			})
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
