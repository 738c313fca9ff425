//go:build cluster

package reach

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	protocol "k8s.io/apimachinery/pkg/util/portforward"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/websocket"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
)

const (
	// maxRefusal is how much of what a node says is read.
	maxRefusal = 4 << 10
	// farewell is how long the reason may take after a connection has ended.
	farewell = 2 * time.Second
)

// open connects to a port of a pod, by WebSocket as kubectl 1.31 and newer do, and where the
// API server or a proxy before it does not take that, by SPDY. A WebSocket begins with GET,
// so that it needs the verb get beside create; without that right it is SPDY too.
func (f Forward) open(ctx context.Context, pod string, port int) (net.Conn, error) {
	to := f.Core.RESTClient().Post().Resource("pods").Namespace(f.Namespace).Name(pod).SubResource("portforward").URL().String()
	connection, err := f.bySocket(ctx, to)
	if httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err) {
		connection, err = f.bySPDY(ctx, to)
	}
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	c, err := streams(connection, pod, port)
	if !stop() || err != nil {
		_ = connection.Close()
		return nil, cmp.Or(err, ctx.Err())
	}
	return c, nil
}

// bySocket begins with a WebSocket.
func (f Forward) bySocket(ctx context.Context, to string) (httpstream.Connection, error) {
	transport, holder, err := websocket.RoundTripperFor(f.Config)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, to, nil)
	if err != nil {
		return nil, err
	}
	socket, err := websocket.Negotiate(transport, holder, request, protocol.WebsocketsSPDYTunnelingPortForwardV1)
	if err != nil {
		return nil, err
	}
	return spdy.NewClientConnectionWithPings(portforward.NewTunnelingConnection("client", socket), portforward.PingPeriod)
}

// bySPDY begins with SPDY.
func (f Forward) bySPDY(ctx context.Context, to string) (httpstream.Connection, error) {
	tls, err := rest.TLSConfigFor(f.Config)
	if err != nil {
		return nil, err
	}
	dialer, err := spdy.NewRoundTripperWithConfig(spdy.RoundTripperConfig{TLS: tls, Proxier: f.Config.Proxy})
	if err != nil {
		return nil, err
	}
	up := &upgrade{dialer: dialer}
	transport, err := rest.HTTPWrappersForConfig(f.Config, up)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set(httpstream.HeaderProtocolVersion, protocol.PortForwardV1Name)
	if _, err := transport.RoundTrip(request); err != nil { //nolint:bodyclose // an upgraded one has none
		return nil, err
	}
	return spdy.NewClientConnectionWithPings(up.conn, portforward.PingPeriod)
}

// upgrade is the round trip of an upgrade. Unlike that of the library it ends with the
// context, closes what was refused, and keeps the reason.
type upgrade struct {
	dialer *spdy.SpdyRoundTripper
	conn   net.Conn
}

// RoundTrip implements http.RoundTripper.
func (u *upgrade) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(httpstream.HeaderConnection, httpstream.HeaderUpgrade)
	r.Header.Set(httpstream.HeaderUpgrade, spdy.HeaderSpdy31)
	conn, err := u.dialer.Dial(r)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(r.Context(), func() { _ = conn.Close() })
	answer, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, maxRefusal)), r)
	if err == nil && answer.StatusCode != http.StatusSwitchingProtocols {
		var status metav1.Status
		if json.NewDecoder(answer.Body).Decode(&status) != nil || status.Code == 0 {
			status = metav1.Status{Code: int32(answer.StatusCode), Message: "the API server answers with status " + strconv.Itoa(answer.StatusCode)}
		}
		err = &apierrors.StatusError{ErrStatus: status}
	}
	if !stop() || err != nil {
		_ = conn.Close()
		return nil, cmp.Or(err, r.Context().Err())
	}
	u.conn = conn
	return answer, nil
}

// streams opens the two streams of one forwarded connection: for data, and for the reason
// why there is none.
func streams(connection httpstream.Connection, pod string, port int) (*conn, error) {
	header := http.Header{}
	header.Set(corev1.PortHeader, strconv.Itoa(port))
	header.Set(corev1.PortForwardRequestIDHeader, "0")
	header.Set(corev1.StreamType, corev1.StreamTypeError)
	refusal, err := connection.CreateStream(header)
	if err != nil {
		return nil, err
	}
	_ = refusal.Close() // nothing is written to it
	header.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := connection.CreateStream(header)
	if err != nil {
		return nil, err
	}
	c := &conn{Stream: data, connection: connection, address: podPort(fmt.Sprintf("pod/%s:%d", pod, port)), heard: make(chan struct{})}
	go func() {
		defer close(c.heard)
		text, _ := io.ReadAll(io.LimitReader(refusal, maxRefusal))
		c.refusal = argocd.Shown(string(text))
	}()
	return c, nil
}

// conn is the data stream as a connection. Closing it ends the connection to the API
// server too.
type conn struct {
	httpstream.Stream
	connection httpstream.Connection
	address    podPort

	heard   chan struct{} // closed once refusal is there
	refusal string
}

// Read reads what the pod sends. At the end it tells why the node has ended it, if that
// was the node.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Stream.Read(p)
	if n > 0 || err == nil {
		return n, err
	}
	select {
	case <-c.heard:
	case <-time.After(farewell):
		return 0, err
	}
	if c.refusal != "" {
		err = failed("see whether Argo CD listens on that port of the pod", "the node has not forwarded to %s: %q", c.address, c.refusal)
	}
	return 0, err
}

func (c *conn) Close() error { return c.connection.Close() }

func (c *conn) LocalAddr() net.Addr  { return c.address }
func (c *conn) RemoteAddr() net.Addr { return c.address }

// A stream knows no deadlines: the calls of package argocd end by closing it.
func (c *conn) SetDeadline(time.Time) error      { return errors.ErrUnsupported }
func (c *conn) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (c *conn) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

// podPort is a port of a pod.
type podPort string

// Network implements net.Addr.
func (podPort) Network() string { return "port-forward" }

// String implements net.Addr.
func (a podPort) String() string { return string(a) }
