// Package helm understands as much of Helm's command line as a wrapper around it
// must: which values it is given, and how a post-renderer is passed to it.
package helm

import (
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Args is a command line for helm, taken apart.
type Args struct {
	// Rest is what goes to helm: everything but the wrapper's own flags.
	Rest []string
	// Values are the values that it gives, which stand in Rest too.
	Values values.Options
	// ReusesValues is the flag by which Helm takes values from the last release, "" if none is set.
	ReusesValues string
	// HasPostRenderer is set where the user passes a post-renderer already.
	HasPostRenderer bool
	// WritesFiles is set for template --output-dir.
	WritesFiles bool
	// Own are the wrapper's own flags, by name without dashes, in their order.
	Own []Flag
}

// Flag is one flag with its value ("true" for a switch).
type Flag struct{ Name, Value string }

// own lists the wrapper's flags; true where they take a value.
func own(name string) (takesValue, ok bool) {
	switch name {
	case "no-lint", "redact-values-config":
		return false, true
	case "report", "allow-missing":
		return true, true
	}
	return false, false
}

// Parse takes a command line apart as Helm's flag library (pflag) would. It cannot
// know every flag of every Helm: a flag that it does not know is taken for a switch,
// so that what follows it is looked at by itself.
func Parse(args []string) Args {
	var a Args
	for i := 0; i < len(args); i++ {
		arg := args[i]
		next := func() (string, bool) {
			if i+1 < len(args) {
				return args[i+1], true
			}
			return "", false
		}
		switch {
		case arg == "--":
			a.Rest = append(a.Rest, args[i:]...)
			return a
		case strings.HasPrefix(arg, "--"):
			used, mine := a.long(arg, next)
			if !mine {
				a.Rest = append(a.Rest, args[i:i+1+used]...)
			}
			i += used
		case strings.HasPrefix(arg, "-") && len(arg) > 1:
			used := a.short(arg, next)
			a.Rest = append(a.Rest, args[i:i+1+used]...)
			i += used
		default:
			a.Rest = append(a.Rest, arg)
		}
	}
	return a
}

// long handles --name, --name=value and --name value. It returns how many further
// arguments it used and whether the flag is the wrapper's own.
func (a *Args) long(arg string, next func() (string, bool)) (used int, mine bool) {
	name, value, inline := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
	takesValue, mine := own(name)
	if mine && !takesValue {
		if !inline {
			value = "true"
		}
		a.Own = append(a.Own, Flag{name, value})
		return 0, true
	}
	into := a.valuesFlag(name)
	if into == nil && !mine {
		a.note(name, value, inline)
		return 0, false
	}
	if !inline {
		v, ok := next()
		if !ok {
			return 0, mine
		}
		value, used = v, 1
	}
	if mine {
		a.Own = append(a.Own, Flag{name, value})
		return used, true
	}
	a.give(into, name, value)
	return used, false
}

// short handles a group of one-letter flags, of which the last may take a value:
// -f values.yaml, -fvalues.yaml, -if values.yaml. Helm's others with a value are
// -o, -n, -l and -s.
func (a *Args) short(arg string, next func() (string, bool)) (used int) {
	for i := 1; i < len(arg); i++ {
		if strings.IndexByte("fonls", arg[i]) < 0 {
			continue
		}
		value := strings.TrimPrefix(arg[i+1:], "=")
		if arg[i+1:] == "" {
			v, ok := next()
			if !ok {
				return 0
			}
			value, used = v, 1
		}
		if arg[i] == 'f' {
			a.give(&a.Values.Files, "values", value)
		}
		return used
	}
	return 0
}

func (a *Args) valuesFlag(name string) *[]string {
	switch name {
	case "values":
		return &a.Values.Files
	case "set":
		return &a.Values.Set
	case "set-string":
		return &a.Values.String
	case "set-file":
		return &a.Values.File
	case "set-json":
		return &a.Values.JSON
	case "set-literal":
		return &a.Values.Literal
	}
	return nil
}

// give adds a value. Helm splits -f at commas, and none of the others.
func (a *Args) give(into *[]string, name, value string) {
	if name == "values" {
		*into = append(*into, strings.Split(value, ",")...)
		return
	}
	*into = append(*into, value)
}

func (a *Args) note(name, value string, inline bool) {
	on := !inline || value == "true" || value == "1" || value == "t" || value == "T" || value == "TRUE" || value == "True"
	switch name {
	case "reuse-values", "reset-then-reuse-values":
		if on {
			a.ReusesValues = "--" + name
		}
	case "post-renderer", "post-renderer-args":
		a.HasPostRenderer = true
	case "output-dir":
		a.WritesFiles = true
	}
}

// PostRendererArgs returns o as the arguments that give the same values to the
// post-renderer.
func PostRendererArgs(o values.Options) []string {
	var args []string
	for _, group := range []struct {
		flag   string
		values []string
	}{
		{"--set-json", o.JSON}, {"--set", o.Set}, {"--set-string", o.String},
		{"--set-file", o.File}, {"--set-literal", o.Literal},
	} {
		for _, v := range group.values {
			args = append(args, group.flag+"="+v)
		}
	}
	for _, name := range o.Files {
		args = append(args, "--values="+name)
	}
	return args
}
