package argocd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

// Error says why a call did not do what it was for, on one line and without any
// credential.
type Error struct {
	Op     string // what was asked for
	Status int    // with which Argo CD has refused it; 0 where no Argo CD has answered
	Unsent bool   // the call was not sent: Argo CD could not have taken it, or was not there to take it
	// Answered is set where an HTTP server has answered, Argo CD or not.
	Answered bool
	// WantsTLS is set where the same address with https is the one to call.
	WantsTLS bool
	// Broken is set where Argo CD says that it cannot read its own configuration, and so
	// refuses everybody.
	Broken bool
	Reason string // Argo CD's own words where it has refused; "" where others were used, which are not shown
	Hint   string // what to do; may be ""
	err    error
}

// Error says what could not be done, and why.
func (e *Error) Error() string {
	if e.Status != 0 && e.Reason != "" {
		return fmt.Sprintf("cannot %s: Argo CD says %s", e.Op, e.Said())
	}
	return fmt.Sprintf("cannot %s: %s", e.Op, e.Said())
}

// Said is the reason, with the status where there is one.
func (e *Error) Said() string {
	switch {
	case e.Status == 0:
		return e.Reason
	case e.Reason == "":
		return fmt.Sprintf("status %d, in words that are not Argo CD's and are not shown", e.Status)
	}
	return fmt.Sprintf("%q (status %d)", e.Reason, e.Status)
}

// Unwrap returns context.DeadlineExceeded where the call took too long, else nil: the
// errors of net/http quote what the server and the proxy are and say.
func (e *Error) Unwrap() error { return e.err }

// DialError is how an Options.Dial, or a connection that it has opened, says in its own
// words why Argo CD is not reached, and what to do. Neither holds a credential.
type DialError struct{ Reason, Hint string }

// Error returns the reason.
func (e *DialError) Error() string { return e.Reason }

// Status is the one with which Argo CD has refused a call, 0 where it has not.
func Status(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

const hintAddress = "see whether the address is that of Argo CD, with the path below which it is served"

const hintPlain = "use http:// in the address"

// foreign is the error for an answer of somebody else.
func foreign(op, format string, args ...any) error {
	return &Error{Op: op, Answered: true, Reason: fmt.Sprintf(format, args...), Hint: hintAddress}
}

const hintTrust = "trust the authority with --ca-file FILE, or skip verification with --insecure-skip-verify"

// unreachable explains why a call got no answer. The end of the caller's context is
// no matter of the server's; limited is that of the call; secured is set where TLS was agreed upon.
func (c *Client) unreachable(ctx, limited context.Context, op string, err error, secured bool) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("cannot %s: %w", op, context.Cause(ctx))
	case limited.Err() != nil:
		return &Error{Op: op, Reason: fmt.Sprintf("no whole answer from %s within %s", c.base.Host, c.timeout),
			Hint: "see whether Argo CD runs, or allow it more time with --timeout", err: context.DeadlineExceeded}
	}
	reason, hint := explain(c.base, err, secured)
	return &Error{Op: op, Reason: reason, Hint: hint}
}

// IsTimeout reports whether an error says that something took too long.
func IsTimeout(err error) bool {
	late, ok := errors.AsType[net.Error](err)
	return ok && late.Timeout() || errors.Is(err, context.DeadlineExceeded)
}

// Plain is what an error of a client of Kubernetes says, where it is Go's in the words of
// this package. Of some, client-go keeps the text alone.
func Plain(err error) string {
	text := err.Error()
	file, isFile := errors.AsType[*fs.PathError](err)
	call, isCall := errors.AsType[*url.Error](err)
	base := &url.URL{Host: "the API server"}
	if isCall {
		if u, err := url.Parse(call.URL); err == nil {
			base = u
		}
	}
	_, missing, isMissing := strings.Cut(text, " due to open ")
	switch {
	case isFile:
		return fmt.Sprintf("cannot read %s: %s", file.Path, cause(file.Err))
	case isMissing:
		missing, _, _ = strings.Cut(missing, ", unable to read ")
		return "cannot read " + strings.TrimSuffix(missing, "]")
	case IsTimeout(err):
		return fmt.Sprintf("no answer from %s in time", base.Host)
	case isCall && strings.Contains(text, "getting credentials: "):
		return call.Err.Error()
	case isCall:
		reason, _ := explain(base, call.Err, true)
		return reason
	case strings.Contains(text, "json parse error"), strings.Contains(text, "json: cannot unmarshal"):
		return "the answer is not one of a Kubernetes API server"
	case strings.HasSuffix(text, "EOF"):
		return fmt.Sprintf("the connection to %s broke off", base.Host)
	}
	return text
}

// cause is what an error of the system or of TLS says, without who says so.
func cause(err error) string {
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return number.Error()
	}
	return strings.TrimPrefix(strings.TrimPrefix(err.Error(), "tls: "), "x509: ")
}

// explain puts an error of net/http into words of our own. base is the address that was
// called; secured is set where TLS was agreed upon.
func explain(base *url.URL, err error, secured bool) (reason, hint string) {
	if reason, hint := untrusted(base, err); reason != "" {
		return reason, hint
	}
	host := base.Host
	dns, isDNS := errors.AsType[*net.DNSError](err)
	op, isOp := errors.AsType[*net.OpError](err)
	_, isNotTLS := errors.AsType[tls.RecordHeaderError](err)
	dial, isDial := errors.AsType[*DialError](err)
	switch {
	case isDial:
		return dial.Reason, dial.Hint
	case isOp && op.Op == "proxyconnect":
		return "the proxy does not connect to " + host, "see HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
	case isDNS && dns.IsNotFound:
		return fmt.Sprintf("the host %q is not known", dns.Name), "see whether the name is right, and known from where this runs"
	case isDNS:
		return fmt.Sprintf("the host %q cannot be looked up", dns.Name), "see whether there is a network"
	case errors.Is(err, http.ErrSchemeMismatch):
		return host + " speaks plain http", hintPlain
	case isNotTLS:
		return host + " does not speak TLS", hintPlain
	case isOp && op.Op == "remote error" && strings.Contains(op.Err.Error(), "certificate"): // crypto/tls has no type for it
		return fmt.Sprintf("%s wants a client certificate: %s", host, cause(op.Err)), "give one that it accepts with --client-crt FILE and --client-crt-key FILE"
	case isOp && op.Op == "remote error": // what crypto/tls makes of an alert
		return fmt.Sprintf("%s breaks off the TLS handshake: %s", host, cause(op.Err)), hintAddress
	case isOp && op.Op == "dial":
		return fmt.Sprintf("no connection to %s: %s", host, cause(op.Err)), "see whether Argo CD runs there, and can be reached from here"
	case base.Scheme == "https" && !secured && (isOp || errors.Is(err, io.EOF)):
		return host + " closes the connection in place of a TLS answer, as an Argo CD does that speaks plain http", hintPlain
	case isOp, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("the connection to %s broke off", host), "try again; see whether Argo CD runs"
	}
	return fmt.Sprintf("%s does not answer as an HTTP server does", host), hintAddress
}

// maxNames is how many of a certificate's names are shown, and maxName how much of one.
const (
	maxNames = 5
	maxName  = 253
)

// untrusted explains a certificate that is not trusted; "" for anything else.
func untrusted(base *url.URL, err error) (reason, hint string) {
	if host, ok := errors.AsType[x509.HostnameError](err); ok {
		hint := "use a name that it is valid for"
		var names []string
		for _, name := range host.Certificate.DNSNames[:min(maxNames, len(host.Certificate.DNSNames))] {
			names = append(names, strconv.Quote(name[:min(maxName, len(name))]))
		}
		if len(names) > 0 {
			hint += fmt.Sprintf(" (%s)", strings.Join(names, ", "))
		}
		return fmt.Sprintf("the certificate is not valid for %q", base.Hostname()), hint + ", or skip verification with --insecure-skip-verify"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return fmt.Sprintf("the certificate of %s is signed by an unknown authority", base.Host), hintTrust
	}
	if _, ok := errors.AsType[x509.SystemRootsError](err); ok {
		return "the certificate authorities that this system trusts cannot be read", hintTrust
	}
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case ok && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate of %s has expired or is not valid yet", base.Host), "renew it, or see whether the clock here is right"
	case ok:
		return fmt.Sprintf("the certificate of %s cannot be trusted: %s", base.Host, cause(x509.CertificateInvalidError{Reason: invalid.Reason})), hintTrust
	}
	return "", ""
}
