// Package complete tells shells what may stand at the place of the cursor: in the
// programs' own flags, and in what they pass on to other programs.
package complete

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Flags has the values of every flag below root completed. What is offered follows
// from what the flag's usage says, so that the two cannot differ: the listed words
// for a `format` or `what`, files for a `file` and whatever has no name for its value,
// folders for a `folder`, nothing for the rest. words holds, by the flag's name, what the usage does not list; an
// explanation may follow a word after a tab.
func Flags(root *cobra.Command, words map[string][]string) {
	root.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if offer := forFlag(f, words); offer != nil {
			// The only error is that of a flag that the command does not have, or of
			// one with a function already: the command knows better then.
			_ = root.RegisterFlagCompletionFunc(f.Name, offer)
		}
	})
	for _, c := range root.Commands() {
		Flags(c, words)
	}
}

// forFlag returns what completes a flag's value; nil for the names of files, which is
// what shells do by themselves.
func forFlag(f *pflag.Flag, words map[string][]string) cobra.CompletionFunc {
	name, usage := pflag.UnquoteUsage(f)
	switch {
	case len(words[f.Name]) > 0:
		return cobra.FixedCompletions(words[f.Name], cobra.ShellCompDirectiveNoFileComp)
	case f.Name == "values":
		return Values
	case name == "format", name == "what":
		return cobra.FixedCompletions(choices(usage), cobra.ShellCompDirectiveNoFileComp)
	case name == "file", name == "string":
		return nil
	case name == "folder":
		return folders
	}
	return cobra.NoFileCompletions
}

// choices returns the words that a usage such as "output format: text, json or
// sarif" ends with.
func choices(usage string) []string {
	_, list, _ := strings.Cut(usage, ": ")
	return strings.FieldsFunc(strings.Replace(list, " or ", ", ", 1), func(r rune) bool { return r == ',' || r == ' ' })
}

// Values offers the files that values are written in.
func Values(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt
}

func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// Matching returns those of words that begin with what was typed.
func Matching(words []string, typed string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !strings.HasPrefix(w, typed) })
}
