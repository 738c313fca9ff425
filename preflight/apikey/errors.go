//go:build cluster

package apikey

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
)

// Error says why something was not done.
type Error struct {
	Reason string // lower case, on one line, without any credential
	Hint   string // what to do; may be ""
	err    error  // the cause, where that is known to hold no credential either
}

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

// Unwrap returns the cause, nil where there is none to show.
func (e *Error) Unwrap() error { return e.err }

// refuse makes an Error.
func refuse(hint, format string, args ...any) error {
	return &Error{Reason: fmt.Sprintf(format, args...), Hint: hint}
}

// interrupted is the error for a run that was cancelled.
func interrupted(ctx context.Context) error {
	return &Error{Reason: "interrupted", err: context.Cause(ctx)}
}

// explain adds what to do to an error of Argo CD's API.
func (k *Keys) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Reason: err.Error()}
	unreachable, ok := errors.AsType[*argocd.UnreachableError](err)
	switch {
	case ctx.Err() != nil:
		return interrupted(ctx)
	case ok:
		e.Hint = unreachable.Hint
	case status(err) == http.StatusForbidden:
		e.Hint = `an account may do this for itself; for others it needs the rights "accounts, get" and "accounts, update" in Argo CD's RBAC, as admin has them`
	case status(err) == http.StatusUnauthorized && !k.Login.Token.IsZero():
		e.Hint = "the token in --auth-token-file is not one that this Argo CD accepts"
	}
	return e
}

// status is the one with which Argo CD has refused a call, 0 where it has not.
func status(err error) int {
	if refused, ok := errors.AsType[*argocd.APIError](err); ok {
		return refused.Status
	}
	return 0
}

// refusedForGood reports whether nothing was made for sure: the call was not sent, or
// Argo CD itself has refused it. Its gateway gives up with 503 and 504, after which
// the work may be done all the same. That an id is taken comes as 500, and then the
// key is somebody else's.
func refusedForGood(err error) bool {
	if _, unsent := errors.AsType[*argocd.RequestError](err); unsent {
		return true
	}
	s := status(err)
	return s != 0 && s != http.StatusServiceUnavailable && s != http.StatusGatewayTimeout
}
