package argocd

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// minHeader is the length from which a part of a header's value may be a credential.
const minHeader = 8

// ownHeaders are those that a call sets itself, or that net/http does.
func ownHeaders() []string {
	return []string{"Accept", "Authorization", "Connection", "Content-Length", "Content-Type", "Host", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}
}

// checkHeader refuses what cannot be sent, and what would change the call itself.
func checkHeader(header http.Header) error {
	for name, values := range header {
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			return fmt.Errorf("a header has a name with a space or another character that no name has")
		case slices.Contains(ownHeaders(), http.CanonicalHeaderKey(name)):
			return fmt.Errorf("the header %q is set by the call itself", name)
		case slices.ContainsFunc(values, func(v string) bool { return !httpguts.ValidHeaderFieldValue(v) }):
			return fmt.Errorf("the value of the header %q holds a line break or another character that no header has", name)
		}
	}
	return nil
}

// shown is what may be printed of a text that the server sent in answer to a call.
func (c *Client) shown(text string, secrets ...auth.Secret) string {
	for _, values := range c.header {
		for _, value := range values {
			for _, part := range append(strings.Fields(value), value) {
				if len(part) >= minHeader {
					secrets = append(secrets, auth.NewSecret(part))
				}
			}
		}
	}
	return Shown(text, secrets...)
}
