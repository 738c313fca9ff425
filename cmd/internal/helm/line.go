package helm

import (
	"encoding/csv"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Line is a command line for helm, taken apart.
type Line struct {
	Command Command
	// Flags are helm's, in their order; -f is one for each file.
	Flags []Flag
	// Positional are the arguments that are not flags: the release and the chart.
	Positional []string
	// Unknown are long flags that are in none of the lists here: helm will refuse them,
	// or is newer than the lists.
	Unknown []string
}

// Flag is one use of a flag, by its long name.
type Flag struct{ Name, Value string }

// Parse takes a command line apart with the library that helm does it with (pflag), so
// that both read it alike. The flags in own are set, and kept from helm. With
// ignoreUnknown, unknown flags are dropped, which helm-diff can be told to do. Errors
// are about the command line and carry their exit code.
func Parse(c Command, args []string, own *pflag.FlagSet, ignoreUnknown bool) (*Line, error) {
	l := &Line{Command: c}
	ours, err := l.parse(args, own, ignoreUnknown)
	for {
		missing, ok := errors.AsType[*pflag.NotExistError](err)
		if !ok || missing.GetSpecifiedShortnames() != "" {
			break
		}
		l.Unknown = append(l.Unknown, missing.GetSpecifiedName())
		ours, err = l.parse(args, own, ignoreUnknown)
	}
	if err != nil {
		return nil, explain(err)
	}
	for _, f := range ours {
		if err := own.Set(f.Name, f.Value); err != nil {
			return nil, exit.Usagef("%w", err)
		}
	}
	return l, nil
}

func (l *Line) parse(args []string, own *pflag.FlagSet, ignoreUnknown bool) (ours []Flag, err error) {
	fs := l.Command.flagSet()
	fs.ParseErrorsAllowlist.UnknownFlags = ignoreUnknown
	for _, name := range l.Unknown {
		addOptional(fs, name)
	}
	fs.AddFlagSet(own)
	l.Flags = nil
	err = fs.ParseAll(args, func(f *pflag.Flag, value string) error {
		if f.Value.Type() == "bool" {
			on, err := strconv.ParseBool(value)
			if err != nil {
				return exit.Usagef("--%s takes true or false, not %q", f.Name, value)
			}
			value = strconv.FormatBool(on)
		}
		switch {
		case own.Lookup(f.Name) != nil:
			ours = append(ours, Flag{f.Name, value})
		case f.Name == "values":
			files, err := l.Command.fileList(value)
			for _, file := range files {
				l.Flags = append(l.Flags, Flag{f.Name, file})
			}
			return err
		default:
			l.Flags = append(l.Flags, Flag{f.Name, value})
		}
		return nil
	})
	l.Positional = fs.Args()
	return ours, err
}

// explain words an error of pflag's so that it shows the flag but not what belongs to it.
func explain(err error) error {
	switch err := err.(type) {
	case *pflag.NotExistError:
		return exit.Hinted(exit.Usage, "use the long name of the flag", "unknown flag -%s", err.GetSpecifiedName())
	case *pflag.ValueRequiredError:
		if err.GetSpecifiedShortnames() != "" {
			return exit.Usagef("-%s needs a value", err.GetSpecifiedName())
		}
		return exit.Usagef("--%s needs a value", err.GetSpecifiedName())
	case *pflag.InvalidSyntaxError:
		return exit.Usagef("a flag has the form --name or --name=value; behind -- arguments may begin with dashes")
	}
	return err
}

// fileList splits the value of -f: a list in the form of CSV (StringSlice of pflag).
// helm-diff takes every comma for a separator before helm sees the list.
func (c Command) fileList(value string) ([]string, error) {
	if c == DiffUpgrade {
		files := strings.Split(value, ",")
		if slices.ContainsFunc(files, func(f string) bool { return f == "" || strings.Contains(f, `"`) }) {
			return nil, exit.Usagef("--values: helm-diff takes file names without quotes, separated by single commas, not %q", value)
		}
		return files, nil
	}
	if value == "" {
		return nil, nil
	}
	files, err := csv.NewReader(strings.NewReader(value)).Read()
	if err != nil {
		return nil, exit.Usagef("--values: %q is not a list in the form of CSV: %w", value, err)
	}
	return files, nil
}

// Args returns the line for helm, with more flags in front, where nothing can swallow
// them.
func (l *Line) Args(more ...string) []string {
	args := append(strings.Fields(string(l.Command)), more...)
	for _, f := range l.Flags {
		args = append(args, f.arg(l.Command))
	}
	if slices.ContainsFunc(l.Positional, func(p string) bool { return strings.HasPrefix(p, "-") }) {
		args = append(args, "--")
	}
	return append(args, l.Positional...)
}

// arg returns the flag as one argument.
func (f Flag) arg(c Command) string {
	switch {
	case f.Value == bare:
		return "--" + f.Name
	case f.Name == "values" && c != DiffUpgrade:
		return "--values=" + quoteCSV(f.Value)
	case f.Name == "debug" && f.Value == "true": // helm takes just this form out of a plugin's arguments
		return "--debug"
	}
	return "--" + f.Name + "=" + f.Value
}

// quoteCSV returns a name as a list in the form of CSV that holds nothing else.
func quoteCSV(name string) string {
	if name != "" && !strings.ContainsAny(name, "\",\r\n") && strings.TrimSpace(name) == name {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Has reports whether a flag is given.
func (l *Line) Has(name string) bool {
	return slices.ContainsFunc(l.Flags, func(f Flag) bool { return f.Name == name })
}

// Last returns the value of a flag's last use, "" if it is not given.
func (l *Line) Last(name string) string {
	value := ""
	for _, f := range l.Flags {
		if f.Name == name {
			value = f.Value
		}
	}
	return value
}

// Is reports whether a boolean flag is on.
func (l *Line) Is(name string) bool { return l.Last(name) == "true" }

// Drop takes a flag out of the line.
func (l *Line) Drop(names ...string) {
	l.Flags = slices.DeleteFunc(l.Flags, func(f Flag) bool { return slices.Contains(names, f.Name) })
}

// Only returns the uses of some flags as arguments for another command of helm.
func (l *Line) Only(names ...string) []string {
	var args []string
	for _, f := range l.Flags {
		if slices.Contains(names, f.Name) {
			args = append(args, f.arg(l.Command))
		}
	}
	return args
}

// Values returns the values that the line gives.
func (l *Line) Values() (o values.Options) {
	for _, given := range valueFlags(&o) {
		for _, f := range l.Flags {
			if f.Name == given.name {
				*given.values = append(*given.values, f.Value)
			}
		}
	}
	return o
}

// PostRendererArgs returns o as the arguments that give the same values to the
// post-renderer.
func PostRendererArgs(o values.Options) (args []string) {
	for _, given := range valueFlags(&o) {
		for _, value := range *given.values {
			args = append(args, Flag{given.name, value}.arg(Upgrade))
		}
	}
	return args
}

// valueFlag is a flag that gives values, and where they are kept.
type valueFlag struct {
	name   string
	values *[]string
}

func valueFlags(o *values.Options) []valueFlag {
	return []valueFlag{
		{"set-json", &o.JSON}, {"set", &o.Set}, {"set-string", &o.String}, {"set-file", &o.File}, {"set-literal", &o.Literal},
		{"values", &o.Files},
	}
}
