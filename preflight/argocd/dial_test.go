package argocd_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
)

// TestDial reaches a name that only Dial knows, and tells an answer from none.
func TestDial(t *testing.T) {
	page := httptest.NewServer(http.NotFoundHandler())
	defer page.Close()
	var asked []string
	o := argocd.Options{URL: "http://argo-cd-server.argocd.svc/path", Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		asked = append(asked, network+" "+address)
		return new(net.Dialer).DialContext(ctx, network, page.Listener.Addr().String())
	}}
	err := version(t, o)
	wantUnreachable(t, err, "status 404, but not an answer of Argo CD", "with the path below which it is served")
	if len(asked) != 1 || asked[0] != "tcp argo-cd-server.argocd.svc:80" {
		t.Errorf("dialled %q", asked)
	}
	if failed := err.(*argocd.Error); !failed.Answered {
		t.Errorf("%#v has answered", failed)
	}
	page.Close()
	if failed := version(t, o).(*argocd.Error); failed.Answered {
		t.Errorf("%#v has not answered", failed)
	}
}
