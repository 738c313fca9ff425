package postrender

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/count"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/format"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// inventory prints what the Runtimes in files and folders declare. There are no
// manifests to be wired in a repository, so it says nothing of services.
func (p *plan) inventory(cmd *cobra.Command, args []string) error {
	if err := p.checkInventory(cmd.Flags()); err != nil {
		return err
	}
	files, _, failed := fleet.Expand(args, false)
	if err := errors.Join(failed...); len(files) == 0 && errors.Is(err, fs.ErrNotExist) {
		return exit.Hinted(exit.Usage, "manifests to be wired come on standard input; arguments are files and folders of a repository",
			"%w", err)
	}
	var linter schema.Linter
	found := fleet.NewInventory()
	opts := schema.Options{Now: time.Now()}
	read := func(name string) ([]byte, error) { return input.Named(name, p.Stdin) }
	check := func(f fleet.File) (fleet.Checked, error) { return fleet.Check(f, read, linter.LintFile, &linter, opts) }
	failed = append(failed, fleet.Each(files, check, func(f fleet.File, c fleet.Checked) error {
		found.Add(input.Shown(f.Name), c)
		return nil
	})...)
	for _, f := range found.NotRead {
		fmt.Fprintf(p.Stderr, "not read: %s (%s)\n", printable.Line(f.File), f.What)
	}
	print, err := p.inventoryFormats().Named(p.format)
	if err == nil {
		err = print(found)
	}
	if err != nil {
		return exit.Failedf("cannot write the plan: %w", err)
	}
	if len(failed) > 0 {
		return exit.Failedf("%w", errors.Join(failed...))
	}
	if found.Summary.Invalid > 0 {
		return exit.Hinted(exit.Findings, "lint says what is wrong with them",
			"the values of %d of them are broken", found.Summary.Invalid)
	}
	return nil
}

// checkInventory refuses the flags that are about manifests.
func (p *plan) checkInventory(flags *pflag.FlagSet) error {
	var other string
	flags.Visit(func(f *pflag.Flag) {
		if f.Name != "format" && f.Name != "no-color" {
			other = f.Name
		}
	})
	switch {
	case other != "":
		return exit.Usagef("--%s is about manifests on standard input, not about files and folders as arguments", other)
	case !slices.Contains(p.inventoryFormats().Names(), p.format):
		return exit.Usagef("the format of files and folders is %s, not %q", p.inventoryFormats(), p.format)
	}
	return nil
}

// inventoryFormats are the formats of what is about a repository.
func (p *plan) inventoryFormats() format.Formats[func(*fleet.Inventory) error] {
	return format.Formats[func(*fleet.Inventory) error]{
		{Name: "text", Print: p.inventoryText},
		{Name: "json", Print: func(v *fleet.Inventory) error { return format.JSON(p.Stdout, v) }},
	}
}

func (p *plan) inventoryText(v *fleet.Inventory) error {
	w := tabwriter.NewWriter(p.Stdout, 0, 0, 2, ' ', 0)
	if len(v.Runtimes) > 0 {
		fmt.Fprintln(w, "FILE\tRUNTIME\tCHART\tTYPE\tCREDENTIAL") // Flush reports the error
	}
	for _, r := range v.Runtimes {
		place := printable.Line(r.File)
		if r.Line > 0 {
			place += fmt.Sprintf(":%d", r.Line)
		}
		cell := func(s string) string { return printable.Line(cmp.Or(s, "-")) }
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", place, cell(r.Object), cell(r.ChartVersion), cell(string(r.Mode)), credentialOf(r))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.Stdout, "\n%s\n", summaryOf(v.Summary))
	return err
}

func credentialOf(r fleet.Runtime) string {
	var text string
	switch r.State {
	case fleet.Invalid:
		return fmt.Sprintf("broken, %d found by lint", r.Errors)
	case fleet.Partly:
		if text = "not known"; len(r.Candidates) > 0 {
			text = "partly known, secret " + printable.Line(strings.Join(r.Candidates, " or "))
		}
	case fleet.Undeclared:
		text = "none declared"
	default:
		text = "secret " + printable.Line(r.Secret+"/"+r.Key)
		if r.Plaintext {
			text = "in plaintext, " + text
		}
	}
	if len(r.Unseen) > 0 {
		text += ", more values in " + printable.Line(strings.Join(r.Unseen, " and "))
	}
	return text
}

// summaryOf returns "3 Runtimes in 2 files: 1 in plaintext, 1 broken".
func summaryOf(s fleet.Summary) string {
	text := count.Of(s.Runtimes, "Runtime") + " in " + count.Of(s.Files, "file")
	parts := count.List(count.Are(s.Plaintext, "in plaintext"), count.Are(s.Partly, "not known"),
		count.Are(s.Undeclared, "without credentials"), count.Are(s.Invalid, "broken"))
	if parts != "" {
		text += ": " + parts
	}
	return text
}
