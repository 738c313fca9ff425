//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// startTimeout is how long a server may take until it is ready, on a slow machine.
const startTimeout = 2 * time.Minute

// controlPlane is an API server with its store.
type controlPlane struct {
	kubeconfig string // of a user who may do anything

	dir     string
	servers []*server
	once    sync.Once
}

// startControlPlane starts etcd and kube-apiserver on the loopback interface.
func startControlPlane(ctx context.Context, programs, dir string) (*controlPlane, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	p := &controlPlane{dir: dir}
	if err := p.start(ctx, programs); err != nil {
		p.stop()
		return nil, fmt.Errorf("%w\n%s", err, p.logs())
	}
	return p, nil
}

func (p *controlPlane) start(ctx context.Context, programs string) error {
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	client, peer, api := ports[0], ports[1], ports[2]
	if err := p.run(filepath.Join(programs, "etcd"),
		"--data-dir="+filepath.Join(p.dir, "etcd"), "--unsafe-no-fsync",
		"--listen-client-urls="+local(client), "--advertise-client-urls="+local(client),
		"--listen-peer-urls="+local(peer), "--initial-advertise-peer-urls="+local(peer),
		"--initial-cluster=default="+local(peer)); err != nil {
		return err
	}
	token := rand.Text()
	files := map[string]string{"tokens.csv": fmt.Sprintf("%s,admin,admin,system:masters\n", token)}
	if files["account.key"], err = rsaKey(); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	certs := filepath.Join(p.dir, "certs")
	if err := p.run(filepath.Join(programs, "kube-apiserver"),
		"--etcd-servers="+local(client), "--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", api), "--cert-dir="+certs,
		"--service-cluster-ip-range=10.0.0.0/16", "--token-auth-file="+filepath.Join(p.dir, "tokens.csv"),
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file="+filepath.Join(p.dir, "account.key"),
		"--service-account-signing-key-file="+filepath.Join(p.dir, "account.key"),
		"--authorization-mode=RBAC", "--anonymous-auth=false", "--endpoint-reconciler-type=none",
		"--disable-admission-plugins=ServiceAccount"); err != nil {
		return err
	}
	url := fmt.Sprintf("https://127.0.0.1:%d", api)
	if err := p.ready(ctx, url, token); err != nil {
		return err
	}
	p.kubeconfig = filepath.Join(p.dir, "kubeconfig")
	return writeKubeconfig(p.kubeconfig, url, filepath.Join(certs, "apiserver.crt"), token)
}

func local(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }

// rsaKey makes the key with which tokens of service accounts are signed.
func rsaKey() (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})), nil
}

// freePorts finds ports that nobody listens on.
func freePorts(n int) (ports []int, _ error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// writeKubeconfig writes the access to a server by means of a token. certificate is
// the file with the server's own.
func writeKubeconfig(path, url, certificate, token string) error {
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: e2e
  cluster: {server: %q, certificate-authority: %q}
users:
- name: e2e
  user: {token: %q}
contexts:
- name: e2e
  context: {cluster: e2e, user: e2e}
current-context: e2e
`, url, certificate, token)
	return os.WriteFile(path, []byte(text), 0o600)
}

// ready waits until the API server serves.
func (p *controlPlane) ready(ctx context.Context, url, token string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	// The certificate is made while the server starts: only the loopback is asked.
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+token)
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		for _, s := range p.servers {
			if s.ended() {
				return fmt.Errorf("%s ended by itself", filepath.Base(s.cmd.Path))
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// stop ends the servers. It may be called again, and from another goroutine.
func (p *controlPlane) stop() {
	p.once.Do(func() {
		for i := len(p.servers) - 1; i >= 0; i-- {
			p.servers[i].kill()
		}
	})
}

// server is a program that runs until it is killed.
type server struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed when it has ended
}

func (p *controlPlane) run(path string, args ...string) error {
	s := &server{cmd: exec.Command(path, args...), log: filepath.Join(p.dir, filepath.Base(path)+".log"), done: make(chan struct{})}
	log, err := os.Create(s.log)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = dieWithParent()
	if err := s.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = s.cmd.Wait() // how it ended is in its log
		close(s.done)
	}()
	p.servers = append(p.servers, s)
	return nil
}

func (s *server) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

func (s *server) kill() {
	_ = s.cmd.Process.Kill() // it may have ended already
	<-s.done
}

// logs returns the ends of the servers' logs.
func (p *controlPlane) logs() string {
	var b strings.Builder
	for _, s := range p.servers {
		text, err := os.ReadFile(s.log)
		if err != nil {
			continue
		}
		lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
		fmt.Fprintf(&b, "%s:\n%s\n", filepath.Base(s.log), bytes.Join(lines[max(0, len(lines)-15):], []byte("\n")))
	}
	return b.String()
}

// leak returns the name of a log that holds a credential, or "".
func (p *controlPlane) leak() string {
	for _, s := range p.servers {
		text, err := os.ReadFile(s.log)
		if err != nil || holdsCredential(string(text)) {
			return filepath.Base(s.log)
		}
	}
	return ""
}
