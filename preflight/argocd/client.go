// Package argocd is a client for the few calls of Argo CD's API that tell whether a
// credential works, and that make and revoke API keys. What is sent as a credential
// goes to the address given and nowhere else, once an Argo CD has answered there:
// redirects are not followed. No error quotes one, nor any words that are not known to be
// Argo CD's, and nothing is logged.
//
// Paths, status codes and messages are those of Argo CD 3.6. Where a comment names a
// file, it is one of github.com/argoproj/argo-cd/v3 at v3.6.1.
package argocd

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	defaultTimeout = 10 * time.Second
	// maxBody is far above every answer that is asked for; an account with
	// thousands of API keys stays below it.
	maxBody   = 1 << 20
	maxHeader = 64 << 10
)

// Options say where Argo CD is and how it is reached.
type Options struct {
	// URL is the base of the API: https://HOST[:PORT][/PATH], or http.
	URL string
	// Roots are the certificate authorities to trust; nil for those of the system.
	Roots *x509.CertPool
	// Insecure accepts any certificate.
	Insecure bool
	// Certificate is shown to a server, or a proxy before it, that asks for one; nil for none.
	Certificate *tls.Certificate
	// Header goes with every call, for proxies before Argo CD. Its values may be
	// credentials: no error quotes them.
	Header http.Header
	// Timeout is that of one call, from looking up the host to the last byte of the
	// answer; 10 seconds where it is zero.
	Timeout time.Duration
	// Dial opens the connections, by way of a port-forward say; nil for those of the
	// network. With it no proxy is asked. Its error, and those of its connections, may be
	// a *DialError.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// UserAgent is who calls, in Argo CD's log: NAME/VERSION.
	UserAgent string
}

// Client calls one Argo CD. It may be used by several goroutines. Its calls return
// an *Error, or that of the context.
type Client struct {
	base    *url.URL
	http    *http.Client
	timeout time.Duration
	header  http.Header
	agent   string
	met     atomic.Bool // the server has answered as Argo CD does
}

// New makes a client, and calls nobody. The error says what is wrong with the URL
// or the header without quoting any of it: people paste addresses with passwords in them.
func New(o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimSpace(o.URL))
	switch {
	case err != nil:
		return nil, errors.New("the address of Argo CD is not a URL")
	case base.User != nil:
		return nil, errors.New("the address of Argo CD must not contain a user name or password")
	case base.Scheme != "https" && base.Scheme != "http":
		return nil, errors.New("the address of Argo CD must begin with https:// or http://")
	case base.Hostname() == "":
		return nil, errors.New("the address of Argo CD has no host")
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("the address of Argo CD contains a query or a fragment")
	}
	if err := checkHeader(o.Header); err != nil {
		return nil, err
	}
	proxy := http.ProxyFromEnvironment
	if o.Dial != nil {
		proxy = nil
	}
	var certificates []tls.Certificate
	if o.Certificate != nil {
		certificates = []tls.Certificate{*o.Certificate}
	}
	client := &http.Client{
		Transport: &http.Transport{
			DialContext:            o.Dial,
			Proxy:                  proxy,
			OnProxyConnectResponse: refusedByProxy,
			TLSClientConfig:        &tls.Config{RootCAs: o.Roots, InsecureSkipVerify: o.Insecure, Certificates: certificates, MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2:      true,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true, // what is read is what was sent
			// A connection that waits for another call logs what a broken server sends
			// meanwhile, which may be a credential. The calls are few.
			DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Client{base: base, http: client, timeout: cmp.Or(o.Timeout, defaultTimeout), header: o.Header, agent: cmp.Or(o.UserAgent, "runtime-auth")}, nil
}

// refusedByProxy makes an answer of a proxy the same error as one that is not there.
func refusedByProxy(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &net.OpError{Op: "proxyconnect", Err: errors.New(http.StatusText(answer.StatusCode))}
}
