package argocd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

const (
	notArgoCD = "see whether the address is that of Argo CD, with the path below which it is served"
	untrusted = "trust the authority with --ca-file FILE, or give up checking with --insecure-skip-verify"
)

// unreachable explains why a call got no answer. The end of the caller's context is
// no matter of the server's.
func (c *Client) unreachable(ctx context.Context, op string, err error) error {
	e := &UnreachableError{Op: op}
	switch cause := context.Cause(ctx); cause.(type) {
	case nil:
		e.Reason, e.Hint = c.explain(err)
	case tooSlow:
		e.Reason, e.Hint = fmt.Sprintf("no whole answer from %s within %s", c.base.Host, c.timeout), "see whether Argo CD runs, or allow it more time with --timeout"
		e.err = context.DeadlineExceeded
	default:
		return fmt.Errorf("cannot %s: %w", op, cause)
	}
	return e
}

// explain puts an error of net/http into words of our own.
func (c *Client) explain(err error) (reason, hint string) {
	var (
		proxy proxyError
		dns   *net.DNSError
		op    *net.OpError
	)
	if reason, hint := c.explainCertificate(err); reason != "" {
		return reason, hint
	}
	switch {
	case errors.As(err, &proxy), errors.As(err, &op) && op.Op == "proxyconnect":
		return "the proxy does not connect to " + c.base.Host, "see HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("the host %q is not known", dns.Name), "see whether the name is right, and known from where this runs"
	case errors.As(err, &dns):
		return fmt.Sprintf("the host %q cannot be looked up", dns.Name), "see whether there is a network"
	case errors.Is(err, http.ErrSchemeMismatch), isNotTLS(err):
		return c.base.Host + " does not speak TLS", "use http:// in the address"
	case errors.As(err, &op) && op.Op == "remote error": // what crypto/tls makes of an alert
		return fmt.Sprintf("%s breaks off the TLS handshake: %s", c.base.Host, op.Err), notArgoCD
	case errors.As(err, &op) && op.Op == "dial":
		return fmt.Sprintf("no connection to %s: %s", c.base.Host, op.Err), "see whether Argo CD runs there, and can be reached from here"
	case errors.As(err, &op), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("the connection to %s broke off", c.base.Host), "try again; see whether Argo CD runs"
	}
	return fmt.Sprintf("%s does not answer as an HTTP server does", c.base.Host), notArgoCD
}

func isNotTLS(err error) bool {
	var record tls.RecordHeaderError
	return errors.As(err, &record)
}

// maxNames is how many of a certificate's names are shown.
const maxNames = 5

// explainCertificate returns "" for anything but a certificate that is not trusted.
func (c *Client) explainCertificate(err error) (reason, hint string) {
	var (
		authority x509.UnknownAuthorityError
		roots     x509.SystemRootsError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &authority):
		return fmt.Sprintf("the certificate of %s is signed by an unknown authority", c.base.Host), untrusted
	case errors.As(err, &roots):
		return "the certificate authorities that this system trusts cannot be read", untrusted
	case errors.As(err, &host):
		var names []string
		for _, name := range host.Certificate.DNSNames[:min(maxNames, len(host.Certificate.DNSNames))] {
			names = append(names, fmt.Sprintf("%q", name))
		}
		hint := "use a name that it is for"
		if len(names) > 0 {
			hint += " (" + strings.Join(names, ", ") + ")"
		}
		hint += ", or give up checking with --insecure-skip-verify"
		return fmt.Sprintf("the certificate is not one for %q", c.base.Hostname()), hint
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate of %s has expired or is not valid yet", c.base.Host), "renew it, or see whether the clock here is right"
	case errors.As(err, &invalid):
		return fmt.Sprintf("the certificate of %s cannot be trusted: %s", c.base.Host, invalid), untrusted
	}
	return "", ""
}

// redirected says where Argo CD would be, if the place can be shown.
func redirected(k call, from *url.URL, response *http.Response) error {
	e := &UnreachableError{Op: k.op, Reason: "it redirects, and a credential is not carried elsewhere", Hint: notArgoCD}
	to, err := response.Location()
	if err != nil || to.User != nil || to.Host == "" {
		return e
	}
	place := shown(to.Scheme+"://"+to.Host+strings.TrimSuffix(to.EscapedPath(), "/"), k.secrets()...)
	e.Reason = fmt.Sprintf("it redirects to %q, and a credential is not carried elsewhere", place)
	e.Hint = "if that is Argo CD, give its address"
	if from.Scheme == "http" && to.Scheme == "https" && to.Hostname() == from.Hostname() {
		e.Hint = "use https:// in the address"
	}
	return e
}
