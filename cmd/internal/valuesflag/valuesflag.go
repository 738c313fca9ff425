// Package valuesflag defines the flags through which Helm takes values, and reads
// what they name.
package valuesflag

import (
	"errors"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/chart"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Register defines the flags on fs with Helm's names and meanings, and returns
// what they will be parsed into.
func Register(fs *pflag.FlagSet) *values.Options {
	o := &values.Options{}
	fs.StringSliceVarP(&o.Files, "values", "f", nil, "values `file`, as given to helm (repeatable)")
	complete.Files(fs, "values", complete.ValuesEnds()...)
	fs.StringArrayVar(&o.Set, "set", nil, "set values: `key=value` (repeatable)")
	fs.StringArrayVar(&o.String, "set-string", nil, "set string values: `key=value` (repeatable)")
	fs.StringArrayVar(&o.File, "set-file", nil, "set values from files: `key=path` (repeatable)")
	fs.StringArrayVar(&o.JSON, "set-json", nil, "set JSON values: `key=json` (repeatable)")
	fs.StringArrayVar(&o.Literal, "set-literal", nil, "set a literal string value: `key=value` (repeatable)")
	return o
}

// Reader returns the content of a values file, or of a file that --set-file names.
type Reader func(name string) ([]byte, error)

// From reads files, and stdin for the file "-"; nil refuses that.
func From(stdin io.Reader) Reader {
	return func(name string) ([]byte, error) {
		if !input.IsStdin(name) {
			return input.File(name)
		}
		if stdin == nil {
			return nil, errors.New("standard input is already in use; write the values to a file")
		}
		return input.Reader(input.Stdin, stdin)
	}
}

// Lint loads values and checks them. Where no chart says where those of a Runtime are, one
// beside the files does. What does not parse is a finding, and v is nil then. Errors carry
// their exit code.
func Lint(l *schema.Linter, o values.Options, read Reader, opts schema.Options) (v *values.Values, _ schema.Result, _ error) {
	v, result, err := Load(o, read)
	if v == nil {
		return nil, result, err
	}
	if opts.Scopes == nil {
		opts.Scopes = chart.Beside(o.Files...)
	}
	result, err = l.Lint(v, opts)
	return v, result, err
}

// Load reads and merges values. Where they cannot be read v is nil, and broken holds the
// finding that says so. Errors carry their exit code.
func Load(o values.Options, read Reader) (v *values.Values, broken schema.Result, err error) {
	if err = Local(o); err == nil {
		v, err = values.Load(o, read)
	}
	if _, ok := errors.AsType[*values.FlagError](err); ok {
		err = exit.Usagef("%w", err)
	}
	if err != nil {
		broken, err = schema.Unreadable(err)
		return nil, broken, err
	}
	return v, schema.Result{}, nil
}

// Local returns an error if a values file is a URL, which may hold credentials and is
// not shown.
func Local(o values.Options) error {
	for _, name := range o.Files {
		if scheme, _, found := strings.Cut(name, "://"); found {
			return exit.Hinted(exit.Failed, "download the file first, or pipe it: -f <(curl …)",
				"values are not fetched over the network (%s://…)", scheme)
		}
	}
	return nil
}
