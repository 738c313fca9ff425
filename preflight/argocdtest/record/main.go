//go:build record

// Command record writes what an Argo CD answers into a file in the form of the recording
// that the tests hold the stand-in against. It is run by make record, and configured by
// the environment:
//
//	ARGOCD_URL    the address of Argo CD, with its root path
//	OUT           the file that is written (recording.jsonl)
//	INSECURE      accept any certificate
//	TOKEN_FILE, ACCOUNT      an API key and its account, for the requests that need one
//	ARGOCD_USERNAME, PASSWORD_FILE  who signs in, for those that need a session
//	SCRIPT        a recording whose requests are sent instead of the built-in ones
//	RECORD_WRITE  the namespace of an Argo CD that serves nobody: the worlds of SCRIPT are
//	              written into its argocd-cm, argocd-secret, argocd-rbac-cm and AppProjects,
//	              through the kubeconfig, and what was there before is put back
//	FLAGS         the flags of that argocd-server that matter: --insecure, --disable-auth
//
// Without RECORD_WRITE only requests that change nothing are sent, and no credential is in
// the file.
package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocdtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Getenv, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, env func(string) string, stderr io.Writer) (err error) {
	base, err := url.Parse(strings.TrimRight(env("ARGOCD_URL"), "/"))
	if err != nil || base.Host == "" || base.User != nil || base.Scheme != "http" && base.Scheme != "https" {
		return errors.New("ARGOCD_URL is not the address of an Argo CD: https://HOST[:PORT][/PATH]")
	}
	r := argocdtest.Recorder{
		Dial: dial(base, env("INSECURE") != ""), Scheme: base.Scheme, Host: base.Host, RootPath: base.Path,
		Flags: strings.Fields(env("FLAGS")), Settle: 2 * time.Second, Now: time.Now,
		Skip:   func(name, why string) { fmt.Fprintf(stderr, "skipped %s: %s\n", name, why) },
		Values: map[string]string{"ACCOUNT": env("ACCOUNT"), "USERNAME": env("ARGOCD_USERNAME")},
	}
	for name, file := range map[string]string{"TOKEN": env("TOKEN_FILE"), "PASSWORD": env("PASSWORD_FILE")} {
		if file != "" {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			r.Values[name] = strings.TrimRight(string(text), "\r\n")
		}
	}
	script := argocdtest.ShortScript()
	if name := env("SCRIPT"); name != "" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		from, err := argocdtest.Read(f)
		if err != nil {
			return err
		}
		script = from.Exchanges
	}
	if namespace := env("RECORD_WRITE"); namespace != "" {
		c, err := connect(ctx, namespace)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.restore(context.WithoutCancel(ctx))) }()
		r.Cluster = c
	}
	all, err := r.Record(ctx, script)
	if err != nil {
		return err
	}
	return write(cmp.Or(env("OUT"), "recording.jsonl"), all, stderr)
}

// write writes the file beside its name first, for the user alone.
func write(name string, all argocdtest.Recording, stderr io.Writer) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".recording-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := errors.Join(all.Write(f), f.Close()); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%d exchanges in %s\n", len(all.Exchanges), name)
	return os.Rename(f.Name(), name)
}

// dial connects to the one server, whatever the host of a request is.
func dial(base *url.URL, insecure bool) func(context.Context, string) (net.Conn, error) {
	port := cmp.Or(base.Port(), map[string]string{"http": "80", "https": "443"}[base.Scheme])
	return func(ctx context.Context, scheme string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		c, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(base.Hostname(), port))
		if err != nil {
			return nil, err
		}
		_ = c.SetDeadline(time.Now().Add(30 * time.Second)) // of the whole exchange
		if scheme == "https" {
			return tls.Client(c, &tls.Config{ServerName: base.Hostname(), InsecureSkipVerify: insecure}), nil
		}
		return c, nil
	}
}
