//go:build cluster

package apikey

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema"
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

// interrupted is the error for a run that was cancelled.
func interrupted(ctx context.Context) error {
	return &Error{Reason: "interrupted", err: context.Cause(ctx)}
}

// maxSaid is how much is shown of what the API server says, in runes.
const maxSaid = 500

// said is what may be shown of an error of the API server. Admission webhooks write
// whatever they like into it, also what was to be stored.
func said(err error, hidden schema.Secret) string {
	text := err.Error()
	if !hidden.IsZero() {
		for _, form := range []string{hidden.Reveal(), base64.StdEncoding.EncodeToString([]byte(hidden.Reveal()))} {
			text = strings.ReplaceAll(text, form, hidden.String())
		}
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return -1
	}, text)
	if runes := []rune(text); len(runes) > maxSaid {
		text = string(runes[:maxSaid]) + "…"
	}
	return text
}

// hintOf returns the hint of an *Error, "" of others.
func hintOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Hint
	}
	return ""
}

// refusedForGood reports whether nothing was made for sure: the call was not sent, or
// Argo CD itself has refused it. Its gateway gives up with 503 and 504, after which
// the work may be done all the same. That an id is taken comes as 500, and then the
// key is somebody else's.
func refusedForGood(err error) bool {
	var refused *argocd.APIError
	var unsent *argocd.RequestError
	return errors.As(err, &unsent) ||
		errors.As(err, &refused) && refused.Status != http.StatusServiceUnavailable && refused.Status != http.StatusGatewayTimeout
}
