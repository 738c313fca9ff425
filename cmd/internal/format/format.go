// Package format lets the user choose the format in which a command prints what it has.
package format

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

// Formats holds the formats of one command by their names. The first is the default.
type Formats[F any] []Format[F]

// Format is one format, with what prints it.
type Format[F any] struct {
	Name  string
	Print F
}

// Register defines --format on fs.
func (f Formats[F]) Register(fs *pflag.FlagSet, name *string) {
	fs.StringVar(name, "format", f[0].Name, "output `format`: "+f.String())
	complete.Words(fs, "format", f.Names()...)
}

// Names returns the names of all formats.
func (f Formats[F]) Names() []string {
	var names []string
	for _, one := range f {
		names = append(names, one.Name)
	}
	return names
}

// String returns "text, json or sarif".
func (f Formats[F]) String() string {
	names := f.Names()
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// Named returns what prints the format of that name. The error is about the command line.
func (f Formats[F]) Named(name string) (print F, _ error) {
	for _, one := range f {
		if one.Name == name {
			return one.Print, nil
		}
	}
	return print, exit.Usagef("unknown format %q, it must be %s", name, f)
}

// JSON writes an indented document in which quotations from a file stay legible.
func JSON(w io.Writer, doc any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}
