//go:build cluster && unix

package cluster

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
)

// interrupting is a Store that presses Ctrl-C the moment a key is stored.
type interrupting struct{ *argocdtest.Memory }

func (s interrupting) SaveSecret(ctx context.Context, key string, value []byte) error {
	err := s.Memory.SaveSecret(context.WithoutCancel(ctx), key, value)
	if strings.Contains(string(value), `"id"`) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
		<-ctx.Done() // the client has gone
	}
	return err
}

// TestTokenInterrupted presses Ctrl-C between the making of the key and its arrival:
// it is revoked, the session ended, and both are said.
func TestTokenInterrupted(t *testing.T) {
	b := newBench(t)
	b.argoCD.Close()
	b.argoCD = argocdtest.NewServer(argocdtest.Options{Store: interrupting{b.store}})
	t.Cleanup(b.argoCD.Close)
	var stderr bytes.Buffer
	args := []string{"token", "create", "--account", "ci", "-o", "yaml", "--password-stdin", "--argo-cd-url", b.argoCD.URL}
	code := Main(args, Env{Stdin: strings.NewReader(adminPassword), Stdout: io.Discard, Stderr: &stderr, Getenv: given(nil)})
	if code != 128+int(syscall.SIGINT) || stderr.String() != "runtime-auth: error: interrupted; the API key was revoked again\n" {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
	if strings.Contains(b.listed(t), `"id"`) {
		t.Errorf("left: %s", b.listed(t))
	}
	if all := strings.Join(b.argoCD.Requests(), "\n"); !strings.Contains(all, "/auth/logout") {
		t.Errorf("the session goes on:\n%s", all)
	}
}
