package argocd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

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

// Unwrap returns the cause, nil where there is none but the answer.
func (e *UnreachableError) Unwrap() error { return e.err }

const (
	notArgoCD = "see whether the address is that of Argo CD, with the path below which it is served"
	untrusted = "trust the authority with --ca-file FILE, or give up checking with --insecure-skip-verify"
)

// unreachable explains why a call got no answer. A cancelled context stays what it is.
func (c *Client) unreachable(ctx context.Context, op string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Cause(ctx)
	}
	e := &UnreachableError{Op: op, err: err}
	e.Reason, e.Hint = c.explain(ctx, err)
	return e
}

func (c *Client) explain(ctx context.Context, err error) (reason, hint string) {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		op        *net.OpError
		timeout   net.Error
	)
	switch {
	case ctx.Err() != nil, errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("no answer from %s within %s", c.base.Host, c.timeout), "see whether Argo CD runs, or allow it more time with --timeout"
	case errors.As(err, &dns):
		return fmt.Sprintf("the host %q is not known", dns.Name), "see whether the name is right, and known from where this runs"
	case errors.As(err, &authority):
		return fmt.Sprintf("the certificate of %s is signed by an unknown authority", c.base.Host), untrusted
	case errors.As(err, &host):
		return fmt.Sprintf("the certificate is not one for %q", c.base.Hostname()), "use a name that it is for, or give up checking with --insecure-skip-verify"
	case errors.As(err, &invalid):
		return fmt.Sprintf("the certificate of %s is not valid: %s", c.base.Host, invalid.Error()), untrusted
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Sprintf("%s does not speak TLS", c.base.Host), "use http:// in the address"
	case errors.As(err, &op) && op.Op == "dial":
		return fmt.Sprintf("no connection to %s: %s", c.base.Host, op.Err), "see whether Argo CD runs there, and can be reached from here"
	}
	return fmt.Sprintf("the connection to %s broke off", c.base.Host), notArgoCD
}

func isRedirect(status int) bool { return status >= 300 && status < 400 }

// redirected says where Argo CD would be, if the place can be shown.
func redirected(op string, from *url.URL, response *http.Response) error {
	e := &UnreachableError{Op: op, Reason: "it redirects, and a credential is not carried elsewhere", Hint: notArgoCD}
	to, err := response.Location()
	if err != nil || to.User != nil {
		return e
	}
	switch {
	case from.Scheme == "http" && to.Scheme == "https" && to.Hostname() == from.Hostname():
		e.Hint = "use https:// in the address"
	case to.Host != "":
		e.Reason = fmt.Sprintf("it redirects to %q, and a credential is not carried elsewhere", to.Scheme+"://"+to.Host+strings.TrimSuffix(to.EscapedPath(), "/"))
		e.Hint = "if that is Argo CD, give this address"
	}
	return e
}

// maxMessage is how much of a message is shown, in runes.
const maxMessage = 300

// shown is what may be printed of a text that the server sent.
func shown(text string, hidden []schema.Secret) string {
	for _, s := range hidden {
		for _, form := range []string{s.Reveal(), url.QueryEscape(s.Reveal()), url.PathEscape(s.Reveal())} {
			if form != "" {
				text = strings.ReplaceAll(text, form, "[redacted]")
			}
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
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage]) + "…"
	}
	return text
}
