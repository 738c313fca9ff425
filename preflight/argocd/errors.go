package argocd

import "fmt"

// APIError is a refusal by Argo CD.
type APIError struct {
	Op      string // what was asked for
	Status  int    // of HTTP
	Message string // Argo CD's own words on one line, without any credential; may be ""
}

// Error says what was refused, and why.
func (e *APIError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("cannot %s: Argo CD answers with status %d", e.Op, e.Status)
	}
	return fmt.Sprintf("cannot %s: Argo CD says %q (status %d)", e.Op, e.Message, e.Status)
}

// UnreachableError says that there was no answer of an Argo CD: no connection, no
// trust in the certificate, no answer in time, or somebody else's.
type UnreachableError struct {
	Op     string // what was asked for
	Reason string
	Hint   string // what to do; may be ""
	err    error
}

// Error says what could not be done, and why.
func (e *UnreachableError) Error() string { return fmt.Sprintf("cannot %s: %s", e.Op, e.Reason) }

// Unwrap returns context.DeadlineExceeded where the call took too long, else nil: the
// errors of net/http quote what the server and the proxy are and say.
func (e *UnreachableError) Unwrap() error { return e.err }

const notArgoCD = "see whether the address is that of Argo CD, with the path below which it is served"

// foreign is the error for an answer of somebody else.
func foreign(op, format string, args ...any) error {
	return &UnreachableError{Op: op, Reason: fmt.Sprintf(format, args...), Hint: notArgoCD}
}

// RequestError says that nothing was sent, because Argo CD could not have taken it.
type RequestError struct {
	Op     string // what was asked for
	Reason string
}

// Error says what could not be asked for, and why.
func (e *RequestError) Error() string { return fmt.Sprintf("cannot %s: %s", e.Op, e.Reason) }
