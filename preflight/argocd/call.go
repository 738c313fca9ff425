package argocd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// call is one request.
type call struct {
	op     string // what it is for, in errors: "sign out"
	method string
	path   []string      // unescaped segments below the base
	token  schema.Secret // sent as `Authorization: Bearer`
	cookie schema.Secret // sent as the cookie of the web interface
	body   any           // sent as JSON; nil for none
	hidden schema.Secret // a credential in the body
	moves  bool          // the answer to a success is a redirect, not JSON
}

// secrets are the credentials that the server could repeat.
func (k call) secrets() []schema.Secret { return []schema.Secret{k.token, k.cookie, k.hidden} }

// tooSlow is the cause of the end of a call's own time, to tell it from the caller's.
type tooSlow struct{}

func (tooSlow) Error() string { return context.DeadlineExceeded.Error() }

func (c *Client) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, c.timeout, tooSlow{})
}

// do makes the call and decodes the answer into out.
func (c *Client) do(ctx context.Context, k call, out any) error {
	ctx, cancel := c.limit(ctx)
	defer cancel()
	return c.exchange(ctx, k, out)
}

// exchange is do for a context that ends in time.
func (c *Client) exchange(ctx context.Context, k call, out any) error {
	request, err := c.request(ctx, k)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return c.unreachable(ctx, k.op, err)
	}
	defer response.Body.Close() //nolint:errcheck // nothing of it is needed any more
	if k.moves && isRedirect(response.StatusCode) {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	switch {
	case err != nil:
		return c.unreachable(ctx, k.op, err)
	case len(text) > maxBody:
		return &UnreachableError{Op: k.op, Reason: fmt.Sprintf("the answer is larger than %d bytes", maxBody), Hint: notArgoCD}
	case isRedirect(response.StatusCode):
		return redirected(k, request.URL, response)
	case response.StatusCode/100 != 2:
		return c.refused(k, response, text)
	case k.moves || json.Unmarshal(text, out) != nil:
		return &UnreachableError{Op: k.op, Reason: fmt.Sprintf("the answer is %s, and not what Argo CD answers", media(response)), Hint: notArgoCD}
	}
	return nil
}

func isRedirect(status int) bool { return status >= 300 && status < 400 }

// request builds the request. Argo CD splits a path after unescaping it, and cuts its
// last segment at a colon (grpc-gateway 1.16, runtime/mux.go): what such a segment
// would ask for is something else.
func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	u := *c.base
	u.RawPath, u.Path = strings.TrimRight(u.EscapedPath(), "/"), strings.TrimRight(u.Path, "/")
	for _, segment := range k.path {
		if segment == "" || segment == "." || segment == ".." || strings.ContainsAny(segment, "/:") {
			return nil, &RequestError{Op: k.op, Reason: fmt.Sprintf("%q cannot stand in the path of a request", segment)}
		}
		u.Path += "/" + segment
		u.RawPath += "/" + url.PathEscape(segment)
	}
	var body io.Reader
	if k.body != nil {
		text, err := json.Marshal(k.body)
		if err != nil {
			return nil, &RequestError{Op: k.op, Reason: "the request cannot be written as JSON"}
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, k.method, u.String(), body)
	if err != nil {
		return nil, &RequestError{Op: k.op, Reason: "the address cannot be called"} // the cause would quote it
	}
	request.Header.Set("Accept", "application/json")
	if k.method != http.MethodGet {
		// Compared as a whole: a charset after it is refused (server/server.go,
		// enforceContentTypes).
		request.Header.Set("Content-Type", "application/json")
	}
	return request, authorize(request, k)
}

func authorize(request *http.Request, k call) error {
	for _, s := range []schema.Secret{k.token, k.cookie} {
		// Neither a header nor a cookie may hold anything else; net/http would drop
		// it from a cookie, and say so in the log.
		if strings.ContainsFunc(s.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`",;\`, r) }) {
			return &RequestError{Op: k.op, Reason: "the token holds a space, a line break or another character that no token has"}
		}
	}
	if !k.token.IsZero() {
		request.Header.Set("Authorization", "Bearer "+k.token.Reveal())
	}
	if !k.cookie.IsZero() {
		request.AddCookie(&http.Cookie{Name: cookieName, Value: k.cookie.Reveal()})
	}
	return nil
}

// media is what an answer says that it is.
func media(response *http.Response) string {
	m, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil {
		return "of no known type"
	}
	return m
}

// refused is the error for an answer that is none of success. Argo CD explains itself
// in JSON, but for a wrong Content-Type (server/server.go) and on signing out
// (server/logout/logout.go); anything else was sent by somebody before it.
func (c *Client) refused(k call, response *http.Response, text []byte) error {
	var said struct{ Message, Error string }
	isJSON := media(response) == "application/json" && json.Unmarshal(text, &said) == nil
	switch {
	case isJSON && said.Message != "":
	case isJSON && said.Error != "":
		said.Message = said.Error
	case response.StatusCode == http.StatusUnsupportedMediaType, k.moves && media(response) == "text/plain":
		said.Message = string(text)
	case response.Request.URL.Scheme == "http" && response.StatusCode == http.StatusBadRequest && bytes.Contains(bytes.ToUpper(text), []byte("HTTPS")):
		return &UnreachableError{Op: k.op, Reason: fmt.Sprintf("%s speaks TLS", c.base.Host), Hint: "use https:// in the address"}
	default:
		return &UnreachableError{Op: k.op, Reason: fmt.Sprintf("status %d without a word of Argo CD's", response.StatusCode), Hint: notArgoCD}
	}
	return &APIError{Op: k.op, Status: response.StatusCode, Message: shown(said.Message, k.secrets()...)}
}
