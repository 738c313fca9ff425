// Package exit holds the exit codes of all programs and the errors that carry them, and
// runs their command lines.
package exit

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
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
// findings that explain it. Names of files may hold anything, line breaks included; only
// several errors in one, as errors.Join makes it, come a line each.
func (e *Error) Text() string {
	var b strings.Builder
	for _, message := range messages(e.Err) {
		fmt.Fprintf(&b, "runtime-auth: error: %s\n", printable.Line(withoutCredentials(message)))
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, "  hint: %s\n", printable.Line(withoutCredentials(e.Hint)))
	}
	return b.String() + e.Details
}

// withoutCredentials takes tokens and the users of addresses out of a message. None should
// be in it: this is for the names of files and charts that somebody has mistaken for them,
// and for errors of libraries, which quote what they are given.
func withoutCredentials(message string) string {
	message = regexp.MustCompile(`\beyJ[\w-]{8,}[\w.-]*`).ReplaceAllString(message, "…")
	return regexp.MustCompile(`://[^/\s@"]*[^/\s@"…]@`).ReplaceAllString(message, "://…@") // what ends in … is hidden already
}

// messages returns the messages of the errors that err joins, or its own.
func messages(err error) []string {
	var all []string
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if cause := e.Unwrap(); cause != nil {
			all = messages(cause)
		}
	case interface{ Unwrap() []error }:
		for _, cause := range e.Unwrap() {
			all = append(all, messages(cause)...)
		}
	}
	if strings.Join(all, "\n") != err.Error() { // it says more than those
		return []string{err.Error()}
	}
	return all
}

// Usagef makes an error about the command line.
func Usagef(format string, args ...any) error {
	return &Error{Code: Usage, Err: fmt.Errorf(format, args...)}
}

// Failedf makes an error about a job that could not be done.
func Failedf(format string, args ...any) error {
	return &Error{Code: Failed, Err: fmt.Errorf(format, args...)}
}

// Hinted makes an error with an exit code and a hint.
func Hinted(code int, hint, format string, args ...any) error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...), Hint: hint}
}

// Silently makes an error about which everything has been printed already.
func Silently(code int) error {
	return &Error{Code: code, Err: fmt.Errorf("exit code %d", code), Silent: true}
}

// As returns err with its code. An error without one is about a job that could not be
// done: who means the command line says so with Usagef. nil gives nil.
func As(err error) *Error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = &Error{Err: err}
	}
	coded := *e
	coded.Code = cmp.Or(e.Code, Failed)
	return &coded
}
