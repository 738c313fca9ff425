//go:build install

package examples

import (
	"os"
	"path/filepath"
	"testing"
)

// signingKey is a key that lives as long as a test, in a home of its own.
type signingKey struct {
	name       string
	secret     string // file with the secret key
	public     string // file with the public key, a keyring for Helm
	passphrase string // file with the passphrase
	home, path string
}

// newSigningKey makes a key of that name, behind a passphrase.
func newSigningKey(t testing.TB, name string) signingKey {
	t.Helper()
	// Not t.TempDir: the sockets of gpg's agent are here, whose names must be short.
	home, err := os.MkdirTemp("", "gpg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	k := signingKey{name: name, home: home, path: tool(t, "gpg"),
		secret: filepath.Join(home, "secret.gpg"), public: filepath.Join(home, "public.gpg"), passphrase: filepath.Join(home, "passphrase")}
	write(t, k.passphrase, canary()+"\n")
	// Without it the agent measures how often to hash a passphrase: seconds each time on a
	// busy machine, after which it now and then calls what it has just protected corrupted.
	write(t, filepath.Join(home, "gpg-agent.conf"), "s2k-count 65536\n")
	if conf, err := filepath.Abs(filepath.Join(filepath.Dir(k.path), "gpgconf")); err == nil {
		t.Cleanup(func() { command{path: conf, args: []string{"--kill", "all"}, env: k.env()}.run(t) })
	}
	k.gpg("--quick-generate-key", name, "rsa2048", "sign", "never").ok(t)
	k.gpg("--output", k.public, "--export").ok(t)
	k.gpg("--output", k.secret, "--export-secret-keys").ok(t)
	return k
}

func (k signingKey) env() []string {
	return []string{"GNUPGHOME=" + k.home, "PATH=" + os.Getenv("PATH")}
}

// gpg is a call of gpg with the key's home.
func (k signingKey) gpg(args ...string) command {
	args = append([]string{"--batch", "--pinentry-mode", "loopback", "--passphrase-file", k.passphrase}, args...)
	return command{path: k.path, args: args, env: k.env()}
}
