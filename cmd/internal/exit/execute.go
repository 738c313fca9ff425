package exit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Execute runs the command line of a program and returns its error with a code, nil if
// there is none. What cobra and pflag have against the command line is Usage, every other
// error without a code Failed, and so is a help text that could not be written: cobra
// does not look at that.
func Execute(ctx context.Context, root *cobra.Command) *Error {
	out := &output{w: root.OutOrStdout()}
	root.SetOut(out)
	root.SetFlagErrorFunc(flagError)
	// Cobra adds them when it runs, and then they would have its errors.
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	validate(root)
	err := root.ExecuteContext(ctx)
	if err == nil && out.err != nil {
		err = Failedf("cannot write to standard output: %w", out.err)
	}
	return As(err)
}

// output remembers the first error of a writer.
type output struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// flagError says what is wrong with a flag. It does not quote what somebody wrote behind
// the name of one, nor what cannot be a name: it may be a credential.
func flagError(_ *cobra.Command, err error) error {
	switch err := err.(type) {
	case *pflag.NotExistError:
		dashes := "--"
		if err.GetSpecifiedShortnames() != "" {
			dashes = "-"
		}
		return Usagef("unknown flag: %s%s", dashes, shown(err.GetSpecifiedName()))
	case *pflag.ValueRequiredError:
		return Usagef("--%s needs a value", err.GetFlag().Name)
	case *pflag.InvalidValueError:
		f := err.GetFlag()
		return Usagef("invalid value for --%s: it must be %s", f.Name, kind(f.Value.Type()))
	}
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	return Usagef("bad flag syntax: an argument begins with a dash, but is not a flag")
}

// kind says what a flag takes.
func kind(name string) string {
	kinds := map[string]string{
		"bool":        "true or false",
		"int":         "a whole number",
		"duration":    "a duration such as 10s or 5m",
		"days":        "a duration such as 90d, 36h or 0",
		"stringSlice": "a list with commas between its parts, each of them in double quotes or without any",
	}
	return cmp.Or(kinds[name], "of type "+name)
}

// validate lets the errors about the arguments of cmd, and of all commands below it, be
// those of argumentError.
func validate(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		validate(sub)
	}
	args := cmd.Args
	if cmd.Name() == "help" {
		args = helpTopic
	}
	if args == nil {
		return
	}
	cmd.Args = func(cmd *cobra.Command, given []string) error {
		var coded *Error
		err := args(cmd, given)
		if err == nil || errors.As(err, &coded) {
			return err
		}
		return argumentError(cmd, args, given, err)
	}
}

// helpTopic looks whether there is a command for `help` to tell about.
func helpTopic(cmd *cobra.Command, topic []string) error {
	found, rest, err := cmd.Root().Find(topic)
	if err == nil && len(rest) > 0 {
		err = argumentError(found, cobra.NoArgs, rest, nil)
	}
	return err
}

// argumentError says what is wrong with the arguments of a command, whose validator is
// args: cobra calls every argument that is too many an unknown command.
func argumentError(cmd *cobra.Command, args cobra.PositionalArgs, given []string, err error) error {
	switch takesNone := args(cmd, []string{""}) != nil; {
	case !takesNone || len(given) == 0:
		return Usagef("%s %w", cmd.CommandPath(), err)
	case cmd.HasAvailableSubCommands():
		e := &Error{Code: Usage, Err: fmt.Errorf("unknown command %q for %q", shown(given[0]), cmd.CommandPath())}
		cmd.SuggestionsMinimumDistance = 2
		if near := cmd.SuggestionsFor(given[0]); len(near) > 0 {
			e.Hint = fmt.Sprintf("did you mean %q?", near[0])
		}
		return e
	}
	e := &Error{Code: Usage, Err: fmt.Errorf("%s takes no arguments, but was given %q", cmd.CommandPath(), shown(given[0]))}
	if cmd.Flags().Lookup("values") != nil {
		e.Hint = "give values with -f " + shown(given[0])
	}
	return e
}

// shown returns a word from the command line, unless it may be a credential.
func shown(word string) string {
	if !regexp.MustCompile(`^[-\w./]{0,40}$`).MatchString(word) || strings.Contains(word, "eyJ") {
		return "…"
	}
	return word
}
