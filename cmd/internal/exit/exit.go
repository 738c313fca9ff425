// Package exit holds the exit codes of both programs and the errors that carry them.
package exit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
)

// The exit codes, as the README documents them.
const (
	OK       = 0
	Findings = 1 // at least one error in the values, or a warning under --strict
	Usage    = 2 // the command line is wrong
	Failed   = 3 // the job could not be done: files, streams, a broken installation
)

// Error is an error with the exit code it ends the program with. Hint says what
// to do about it, Details are findings that explain it, ready to print; Silent is
// set where everything has been printed already.
type Error struct {
	Code    int
	Err     error
	Hint    string
	Details string
	Silent  bool
}

// Error returns the message alone.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Text is what a terminal shows of the error: the message, what to do, and the
// findings that explain it. Names of files may hold anything, and several errors
// come a line each.
func (e *Error) Text() string {
	const prefix = "runtime-auth: error: "
	text := prefix + strings.ReplaceAll(printable.Lines(e.Err.Error()), "\n", "\n"+prefix) + "\n"
	if e.Hint != "" {
		text += fmt.Sprintf("  hint: %s\n", e.Hint)
	}
	return text + e.Details
}

// Usagef makes an error about the command line.
func Usagef(format string, args ...any) error {
	return &Error{Code: Usage, Err: fmt.Errorf(format, args...)}
}

// Failedf makes an error about a job that could not be done.
func Failedf(format string, args ...any) error {
	return &Error{Code: Failed, Err: fmt.Errorf(format, args...)}
}

// Silently makes an error about which everything has been printed already.
func Silently(code int) error {
	return &Error{Code: code, Err: fmt.Errorf("exit code %d", code), Silent: true}
}

// As returns err with its code; an error without one is about the command line,
// because those are the errors that cobra makes itself. nil gives nil.
func As(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: Usage, Err: err}
}
