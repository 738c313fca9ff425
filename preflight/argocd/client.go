package argocd

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/schema"
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
	// Timeout is that of one call, from looking up the host to the last byte of the
	// answer; 10 seconds where it is zero.
	Timeout time.Duration
}

// Client calls one Argo CD. It may be used by several goroutines.
type Client struct {
	base    *url.URL
	http    *http.Client
	timeout time.Duration
}

// New makes a client, and calls nobody. The error says what is wrong with the URL,
// without quoting more of it than its scheme: there may be a password in it.
func New(o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimSpace(o.URL))
	switch {
	case err != nil:
		return nil, errors.New("the address of Argo CD is no URL")
	case base.User != nil:
		return nil, errors.New("the address of Argo CD has a user name or password in it, which is not how it takes them")
	case base.Scheme != "https" && base.Scheme != "http":
		return nil, fmt.Errorf("the address of Argo CD must begin with https:// or http://, not %q", base.Scheme)
	case base.Host == "" || base.Hostname() == "":
		return nil, errors.New("the address of Argo CD names no host")
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("the address of Argo CD has a query or a fragment in it")
	}
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		TLSClientConfig:        &tls.Config{RootCAs: o.Roots, InsecureSkipVerify: o.Insecure, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: maxHeader,
	}
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Client{base: base, http: client, timeout: timeout}, nil
}

// Close ends the connections that wait for another call.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// call is one request.
type call struct {
	op     string // what it is for, in errors: "list the account"
	method string
	path   []string // unescaped segments below the base
	token  schema.Secret
	body   any // sent as JSON; nil for none
	// hidden are further credentials that the server might repeat.
	hidden []schema.Secret
}

// do makes the call and decodes the answer into out. Errors: *APIError,
// *UnreachableError, and that of ctx.
func (c *Client) do(ctx context.Context, k call, out any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := c.request(ctx, k)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return c.unreachable(ctx, k.op, err)
	}
	defer response.Body.Close() //nolint:errcheck // nothing of it is needed any more
	text, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	switch {
	case err != nil:
		return c.unreachable(ctx, k.op, err)
	case len(text) > maxBody:
		return &UnreachableError{Op: k.op, Reason: fmt.Sprintf("the answer is larger than %d bytes", maxBody), Hint: notArgoCD}
	case isRedirect(response.StatusCode):
		return redirected(k.op, request.URL, response)
	}
	if err := c.refused(k, response, text); err != nil {
		return err
	}
	if err := json.Unmarshal(text, out); err != nil {
		return &UnreachableError{Op: k.op, Reason: "the answer is not JSON", Hint: notArgoCD}
	}
	return nil
}

func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	var body io.Reader
	if k.body != nil {
		text, err := json.Marshal(k.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	u := *c.base
	u.RawPath = strings.TrimRight(u.EscapedPath(), "/")
	u.Path = strings.TrimRight(u.Path, "/")
	for _, segment := range k.path {
		u.Path += "/" + segment
		u.RawPath += "/" + url.PathEscape(segment)
	}
	request, err := http.NewRequestWithContext(ctx, k.method, u.String(), body)
	if err != nil {
		return nil, errors.New("the address of Argo CD cannot be called") // the cause would quote it
	}
	request.Header.Set("Accept", "application/json")
	if k.method != http.MethodGet {
		// Argo CD compares it as a whole, and refuses everything else (server/server.go).
		request.Header.Set("Content-Type", "application/json")
	}
	if !k.token.IsZero() {
		request.Header.Set("Authorization", "Bearer "+k.token.Reveal())
	}
	return request, nil
}

// refused is the error for an answer that is none of success.
func (c *Client) refused(k call, response *http.Response, text []byte) error {
	if response.StatusCode/100 == 2 {
		return nil
	}
	var said struct {
		Message string `json:"message"`
		Error   string `json:"error"`
	}
	media, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if media != "application/json" || json.Unmarshal(text, &said) != nil || said.Message == "" && said.Error == "" {
		if response.StatusCode == http.StatusUnsupportedMediaType || response.StatusCode == http.StatusUnauthorized {
			return &APIError{Op: k.op, Status: response.StatusCode}
		}
		return &UnreachableError{Op: k.op, Reason: fmt.Sprintf("status %d without a word of Argo CD's", response.StatusCode), Hint: notArgoCD}
	}
	message := said.Message
	if message == "" {
		message = said.Error
	}
	return &APIError{Op: k.op, Status: response.StatusCode, Message: shown(message, append(k.hidden, k.token))}
}
