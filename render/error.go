package render

import (
	"errors"
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render/redact"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// ErrorKind says on which side an Error's cause lies.
type ErrorKind uint8

// The kinds of errors.
const (
	ValuesError ErrorKind = iota + 1 // no values, wrong values, or values that contradict the stream
	StreamError                      // the manifests, or reading and writing them
)

// Remedy says what to do about an Error, for those whose users have other words for it than
// its Hint has: they give no flags, and nothing on standard input.
type Remedy uint8

// The remedies, beside those that the Hint alone tells.
const (
	AllowMissing Remedy = iota + 1 // say that the services may be missing
	WholeStream                    // give all manifests of the chart at once
	SameValues                     // give the values that helm gets
)

// Error is every error that Run returns. No part of it holds a credential.
type Error struct {
	Kind        ErrorKind
	Message     string            // lower case, no full stop; what is wrong, and where
	Hint        string            // what to do, "" if there is nothing to say
	Remedy      Remedy            // 0 if it is none of those
	Diagnostics []diag.Diagnostic // the findings in the values of the stream that stopped the run
	Err         error             // the cause, if it is one of reading, writing or the context
}

// Error returns the message and the cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Message, e.Err)
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func streamErrorf(format string, args ...any) *Error {
	return &Error{Kind: StreamError, Message: fmt.Sprintf(format, args...)}
}

func valuesErrorf(format string, args ...any) *Error {
	return &Error{Kind: ValuesError, Message: fmt.Sprintf(format, args...)}
}

// hint adds what to do.
func (e *Error) hint(text string) *Error {
	e.Hint = text
	return e
}

// remedy adds what to do, in both forms.
func (e *Error) remedy(r Remedy, text string) *Error {
	e.Remedy, e.Hint = r, text
	return e
}

// asError makes an *Error of whatever stopped a run, and takes out a credential
// that a name or a template path repeats.
func (e *engine) asError(err error) error {
	var failed *Error
	if !errors.As(err, &failed) {
		failed = &Error{Kind: StreamError, Message: "render", Err: err}
	}
	for _, secret := range e.plaintexts() {
		if len(secret) >= redact.MinLength && secret != auth.Redacted {
			failed.Message = strings.ReplaceAll(failed.Message, secret, auth.Redacted)
			failed.Hint = strings.ReplaceAll(failed.Hint, secret, auth.Redacted)
		}
	}
	return failed
}

// plaintexts returns the credentials that are known in plaintext.
func (e *engine) plaintexts() []string {
	var all []string
	if e.settings != nil {
		all = append(all, e.settings.Auth.Plaintext.Reveal())
	}
	for _, r := range e.runtimes {
		all = append(all, r.auth.Plaintext.Reveal())
	}
	return all
}
