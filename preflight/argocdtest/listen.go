package argocdtest

import (
	"io"
	"net"
	"sync"
)

// sorted are the connections of one port, by whether the client speaks TLS. Argo CD
// serves both on one (server/server.go, with cmux).
type sorted struct{ tls, plain *half }

// half is a listener that is given the connections of one kind.
type half struct {
	net.Listener
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	base   func() error // ends the port
}

// sortConnections accepts all connections of a listener, until either half is closed.
func sortConnections(l net.Listener) sorted {
	var mu sync.Mutex
	waiting := map[net.Conn]bool{} // for their first byte
	end := func() error {
		mu.Lock()
		defer mu.Unlock()
		for c := range waiting {
			_ = c.Close()
		}
		return l.Close()
	}
	make := func() *half {
		return &half{Listener: l, conns: make(chan net.Conn), closed: make(chan struct{}), base: end}
	}
	s := sorted{tls: make(), plain: make()}
	mark := func(c net.Conn, is bool) {
		mu.Lock()
		defer mu.Unlock()
		if is {
			waiting[c] = true
		} else {
			delete(waiting, c)
		}
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mark(c, true)
			go func() {
				first := []byte{0}
				_, err := io.ReadFull(c, first)
				mark(c, false)
				switch {
				case err != nil:
					_ = c.Close()
				case first[0] == 0x16: // the handshake of TLS
					s.tls.give(c, first)
				default:
					s.plain.give(c, first)
				}
			}()
		}
	}()
	return s
}

// give hands a connection over, or cuts it off where nobody takes it.
func (h *half) give(c net.Conn, first []byte) {
	select {
	case h.conns <- &begun{c, first}:
	case <-h.closed:
		_ = c.Close()
	}
}

// refuse cuts off all connections.
func (h *half) refuse() { h.once.Do(func() { close(h.closed) }) }

// Accept implements net.Listener.
func (h *half) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (h *half) Close() error {
	h.refuse()
	return h.base()
}

// begun is a connection of which the first byte was read.
type begun struct {
	net.Conn
	first []byte
}

// Read implements net.Conn.
func (b *begun) Read(p []byte) (int, error) {
	if len(b.first) == 0 || len(p) == 0 {
		return b.Conn.Read(p)
	}
	n := copy(p, b.first)
	b.first = b.first[n:]
	return n, nil
}
