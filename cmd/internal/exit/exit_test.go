package exit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

const canary = "s3cr3t-Canary"

func TestAs(t *testing.T) {
	if exit.As(nil) != nil {
		t.Error("no error has a code")
	}
	for _, test := range []struct {
		err  error
		code int
	}{
		{io.ErrClosedPipe, exit.Failed},
		{&exit.Error{Err: io.ErrClosedPipe}, exit.Failed},
		{exit.Usagef("x"), exit.Usage},
		{fmt.Errorf("y: %w", exit.Usagef("x")), exit.Usage},
		{exit.Silently(exit.Findings), exit.Findings},
	} {
		if got := exit.As(test.err).Code; got != test.code {
			t.Errorf("%v: %d, want %d", test.err, got, test.code)
		}
	}
}

// The name of a file may hold anything; a message stays one line.
func TestText(t *testing.T) {
	name := "a\nruntime-auth: error: \x1b[31mforged"
	shown := "a�runtime-auth: error: �[31mforged"
	for _, test := range []struct {
		err  *exit.Error
		want string
	}{
		{&exit.Error{Err: errors.New(name), Hint: name, Details: "details\n"}, "runtime-auth: error: " + shown + "\n  hint: " + shown + "\ndetails\n"},
		{&exit.Error{Err: errors.Join(errors.New(name), errors.New("b"))}, "runtime-auth: error: " + shown + "\nruntime-auth: error: b\n"},
		{exit.As(exit.Failedf("%w", errors.Join(errors.New("a"), fmt.Errorf("%w", errors.Join(errors.New("b"), errors.New("c")))))),
			"runtime-auth: error: a\nruntime-auth: error: b\nruntime-auth: error: c\n"},
		{&exit.Error{Err: errors.New("https://u:s3cr3t@h/x, eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.s3cr3t: none"), Hint: "oci://s3cr3t@h https://me:…@h a@b"},
			"runtime-auth: error: https://…@h/x, …: none\n  hint: oci://…@h https://me:…@h a@b\n"},
		{exit.As(exit.Failedf("%w: %w", errors.New(name), io.EOF)), "runtime-auth: error: " + shown + ": EOF\n"},
	} {
		if got := test.err.Text(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// failing fails every write.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func command(run error) *cobra.Command {
	root := &cobra.Command{Use: "p", SilenceErrors: true, SilenceUsage: true, Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return run }}
	sub := &cobra.Command{Use: "check", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error { return run }}
	sub.Flags().BoolP("strict", "s", false, "")
	sub.Flags().Duration("timeout", 0, "")
	sub.Flags().StringSliceP("values", "f", nil, "")
	sub.Flags().Int("max", 0, "")
	one := &cobra.Command{Use: "one", Args: cobra.MaximumNArgs(1), RunE: sub.RunE}
	any := &cobra.Command{Use: "any", RunE: sub.RunE}
	root.AddCommand(sub, one, any)
	root.SetOut(io.Discard)
	root.SetErr(io.Discard)
	return root
}

// What is wrong with the command line is usage, whatever else fails is not. No message
// quotes what may be a credential.
func TestExecute(t *testing.T) {
	for _, test := range []struct {
		args      string
		code      int
		says      string
		run       error
		cannotOut bool
	}{
		{args: "check"},
		{args: "any x y z"},
		{args: "check", run: io.ErrClosedPipe, code: exit.Failed, says: "closed pipe"},
		{args: "check", run: exit.Silently(exit.Findings), code: exit.Findings},
		{args: "chekc", code: exit.Usage, says: `unknown command "chekc" for "p" (did you mean "check"?)`},
		{args: "x", code: exit.Usage, says: `unknown command "x" for "p"`},
		{args: canary + "!", code: exit.Usage, says: `unknown command "…" for "p"`},
		{args: "check values.yaml", code: exit.Usage, says: `p check takes no arguments, but was given "values.yaml" (give values with -f values.yaml)`},
		{args: "check token=" + canary, code: exit.Usage, says: `p check takes no arguments, but was given "…" (give values with -f …)`},
		{args: "one x y", code: exit.Usage, says: "p one accepts at most 1 arg(s), received 2"},
		{args: "check --nosuch", code: exit.Usage, says: "unknown flag: --nosuch"},
		{args: "check --" + canary + "!=x", code: exit.Usage, says: "unknown flag: --…"},
		{args: "check --password=" + canary, code: exit.Usage, says: "unknown flag: --password"},
		{args: "check -p" + canary, code: exit.Usage, says: "unknown flag: -p"},
		{args: "check -f", code: exit.Usage, says: "--values needs a value"},
		{args: "check --timeout", code: exit.Usage, says: "--timeout needs a value"},
		{args: "check --timeout " + canary, code: exit.Usage, says: "invalid value for --timeout: it must be a duration"},
		{args: "check --strict=" + canary, code: exit.Usage, says: "invalid value for --strict: it must be true or false"},
		{args: "check -s=" + canary, code: exit.Usage, says: "invalid value for --strict"},
		{args: "check --max " + canary, code: exit.Usage, says: "invalid value for --max: it must be a whole number"},
		{args: "check -f \"" + canary + "\"x", code: exit.Usage, says: "invalid value for --values: it must be a list"},
		{args: "check ---" + canary, code: exit.Usage, says: "bad flag syntax"},
		{args: "help check"},
		{args: "help nosuch", code: exit.Usage, says: `unknown command "nosuch" for "p"`},
		{args: "help check more", code: exit.Usage},
		{args: "completion bash more", code: exit.Usage, says: "takes no arguments"},
		{args: "--help", cannotOut: true, code: exit.Failed, says: "cannot write to standard output"},
		{args: "help", cannotOut: true, code: exit.Failed, says: "cannot write to standard output"},
		{args: "check -h", cannotOut: true, code: exit.Failed, says: "cannot write to standard output"},
		{args: "completion bash", cannotOut: true, code: exit.Failed, says: "closed pipe"},
	} {
		t.Run(test.args, func(t *testing.T) {
			root := command(test.run)
			if test.cannotOut {
				root.SetOut(failing{})
			}
			root.SetArgs(strings.Fields(test.args))
			var got exit.Error
			var text bytes.Buffer
			if e := exit.Execute(context.Background(), root); e != nil {
				got = *e
				text.WriteString(e.Error())
				if e.Hint != "" {
					text.WriteString(" (" + e.Hint + ")")
				}
			}
			if got.Code != test.code || !strings.Contains(text.String(), test.says) || strings.Contains(text.String(), canary) {
				t.Errorf("%d %s\nwant %d %s", got.Code, text.String(), test.code, test.says)
			}
		})
	}
}
