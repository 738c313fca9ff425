package argocd

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// call is one request.
type call struct {
	op     string // what it is for, in errors: "sign out"
	method string
	path   []string       // unescaped segments below the base
	token  auth.Secret    // sent as `Authorization: Bearer`
	cookie bool           // sends it as the cookie of the web interface instead
	body   map[string]any // sent as JSON; nil for none
	hidden auth.Secret    // a credential in the body; without one, of the call to come
}

// carries reports whether the call has a credential in it.
func (k call) carries() bool { return !k.token.IsZero() || !k.hidden.IsZero() && k.body != nil }

// do makes the call and decodes the answer into out; nil where the answer to a success
// is a redirect, not JSON. A credential is sent to nobody who is not known to be Argo CD.
func (c *Client) do(ctx context.Context, k call, out any) error {
	request, err := c.request(ctx, k)
	if err == nil && k.carries() {
		err = c.meet(ctx, k)
	}
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var secured atomic.Bool
	request = request.WithContext(httptrace.WithClientTrace(limited, &httptrace.ClientTrace{
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) { secured.Store(err == nil) },
	}))
	response, err := c.http.Do(request)
	if err != nil {
		return c.unreachable(ctx, limited, k.op, err, secured.Load())
	}
	defer response.Body.Close() //nolint:errcheck // nothing of it is needed any more
	redirects := response.StatusCode/100 == 3
	if out == nil && redirects {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	switch {
	case err != nil:
		return c.unreachable(ctx, limited, k.op, err, true)
	case len(text) > maxBody:
		return foreign(k.op, "the answer is larger than %d bytes", maxBody)
	case redirects:
		return c.redirected(k, request.URL, response)
	case response.StatusCode/100 != 2:
		return c.refused(k, response, text)
	case out == nil || json.Unmarshal(text, out) != nil:
		return foreign(k.op, "the answer is %s, and not what Argo CD answers", media(response))
	}
	return nil
}

// request builds the request. Argo CD splits a path after unescaping it, and cuts its
// last segment at a colon (grpc-gateway 1.16, runtime/mux.go): what such a segment
// would ask for is something else.
func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	var escaped []string
	for _, segment := range k.path {
		if segment == "" || segment == "." || segment == ".." || strings.ContainsAny(segment, "/:") {
			return nil, &Error{Op: k.op, Unsent: true, Reason: fmt.Sprintf("%q cannot stand in the path of a request", segment)}
		}
		escaped = append(escaped, url.PathEscape(segment))
	}
	// Neither a header nor a cookie may hold anything else; net/http would drop it
	// from a cookie, and say so in the log.
	if strings.ContainsFunc(k.token.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`",;\`, r) }) {
		return nil, &Error{Op: k.op, Unsent: true, Reason: "the token holds a space, a line break or another character that no token has"}
	}
	var body []byte
	if k.body != nil {
		body, _ = json.Marshal(k.body) // texts and numbers: nothing can be wrong with them
	}
	request, err := http.NewRequestWithContext(ctx, k.method, c.base.JoinPath(escaped...).String(), bytes.NewReader(body))
	if err != nil {
		return nil, &Error{Op: k.op, Unsent: true, Reason: "the address cannot be called"} // the cause would quote it
	}
	request.Header.Set("User-Agent", c.agent)
	maps.Copy(request.Header, c.header.Clone())
	request.Header.Set("Accept", "application/json")
	if k.method != http.MethodGet {
		// Compared as a whole: a charset after it is refused (server/server.go,
		// enforceContentTypes).
		request.Header.Set("Content-Type", "application/json")
	}
	switch {
	case k.token.IsZero():
	case k.cookie:
		request.AddCookie(&http.Cookie{Name: cookieName, Value: k.token.Reveal()})
	default:
		request.Header.Set("Authorization", "Bearer "+k.token.Reveal())
	}
	return request, nil
}

// media is what an answer says that it is, if that is one of a few: whatever else stands
// there is the server's.
func media(response *http.Response) string {
	m, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil || !slices.Contains([]string{"application/json", "text/html", "text/plain"}, m) {
		return "of no known type"
	}
	return m
}

// refused is the error for an answer that is none of success. Argo CD explains itself
// in JSON, but on signing out (server/logout/logout.go); anything else was sent by
// somebody before it.
func (c *Client) refused(k call, response *http.Response, text []byte) error {
	var said struct{ Message string }
	isJSON := media(response) == "application/json" && json.Unmarshal(text, &said) == nil
	switch {
	case isJSON && said.Message != "":
	case k.cookie && media(response) == "text/plain":
		said.Message = string(text)
	case c.base.Scheme == "http" && response.StatusCode == http.StatusBadRequest && bytes.Contains(bytes.ToUpper(text), []byte("HTTPS")):
		return &Error{Op: k.op, Answered: true, WantsTLS: true, Reason: fmt.Sprintf("%s speaks TLS", c.base.Host), Hint: "use https:// in the address"}
	default:
		return foreign(k.op, "status %d, but not an answer of Argo CD", response.StatusCode)
	}
	e := &Error{Op: k.op, Answered: true, Status: response.StatusCode}
	if e.Reason, e.Broken = recognised(said.Message, k.known()); e.Reason == "" {
		e.Hint = "see the log of Argo CD for its reason, and whether a proxy answers in its place"
	} else if e.Broken {
		e.Hint = "Argo CD cannot read its configuration, and refuses every account until ConfigMap argocd-cm or Secret argocd-secret is corrected"
	}
	return e
}

// redirected says where Argo CD would be, if the place can be shown: not to whom a
// credential was sent, who may have put it there.
func (c *Client) redirected(k call, from *url.URL, response *http.Response) error {
	to, err := response.Location()
	if err != nil || to.User != nil || to.Host == "" {
		return foreign(k.op, "it redirects, and credentials are not sent to another address")
	}
	hint := "if that is Argo CD, give its address"
	secure := from.Scheme == "http" && to.Scheme == "https" && to.Hostname() == from.Hostname()
	if secure {
		hint = "use https:// in the address"
	} else if k.carries() {
		return foreign(k.op, "it redirects, and credentials are not sent to another address")
	}
	path := strings.TrimSuffix(to.EscapedPath(), "/"+strings.Join(k.path, "/"))
	place := c.shown(to.Scheme+"://"+to.Host+strings.TrimSuffix(path, "/"), k.hidden)
	if k.carries() {
		place = "https://" + from.Host
	}
	return &Error{Op: k.op, Answered: true, WantsTLS: secure, Reason: fmt.Sprintf("it redirects to %q, and credentials are not sent to another address", place), Hint: hint}
}
