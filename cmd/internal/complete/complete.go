// Package complete tells shells what may stand at the place of the cursor: in the
// programs' own flags, and in what they pass on to other programs.
package complete

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The annotations of a flag with a value that can be completed.
const (
	words = "runtime-auth_words"
	files = cobra.BashCompFilenameExt
	dirs  = cobra.BashCompSubdirsInDir
)

// Words offers words for the value of a flag. An explanation may follow a word after a tab.
func Words(fs *pflag.FlagSet, flag string, offered ...string) { annotate(fs, flag, words, offered) }

// Files offers files for the value of a flag, those that end in one of ends if there are any.
func Files(fs *pflag.FlagSet, flag string, ends ...string) { annotate(fs, flag, files, ends) }

// Folders offers folders for the value of a flag.
func Folders(fs *pflag.FlagSet, flag string) { annotate(fs, flag, dirs, nil) }

func annotate(fs *pflag.FlagSet, flag, key string, value []string) {
	_ = fs.SetAnnotation(flag, key, value) // the error is that of a flag that is not there
}

// Tree has everything completed that root and the commands below it take: the values of
// flags by their annotations, which cobra reads itself for files and folders, and nothing
// where neither an annotation nor a command's own function says anything.
func Tree(root *cobra.Command) {
	root.LocalFlags().VisitAll(func(f *pflag.Flag) {
		_, isFile := f.Annotations[files]
		_, isFolder := f.Annotations[dirs]
		if !isFile && !isFolder {
			// The only error is that of a flag with a function already.
			_ = root.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(f.Annotations[words], cobra.ShellCompDirectiveNoFileComp))
		}
	})
	if root.ValidArgsFunction == nil && !root.HasSubCommands() {
		root.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, c := range root.Commands() {
		Tree(c)
	}
}

// ValuesEnds are how the names of files end in which values are written.
func ValuesEnds() []string { return []string{"yaml", "yml", "json"} }

// Values offers those files for an argument.
func Values(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return ValuesEnds(), cobra.ShellCompDirectiveFilterFileExt
}

// OneOf offers words for the first argument and nothing after it.
func OneOf(words ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return Matching(words, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// Matching returns those of words that begin with what was typed.
func Matching(words []string, typed string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !strings.HasPrefix(w, typed) })
}
