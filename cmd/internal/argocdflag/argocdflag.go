//go:build cluster

// Package argocdflag has the flags that say how Argo CD's API is reached.
package argocdflag

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/argocdcli"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/complete"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/reach"
)

// Flags say how Argo CD's API is reached.
type Flags struct {
	argocd.Options
	server       string
	plainText    bool
	PortForward  bool
	caFile       string
	clientCrt    string
	clientCrtKey string
	headers      []string
}

// Register defines the flags.
func (f *Flags) Register(fs *pflag.FlagSet) {
	fs.StringVar(&f.URL, "argo-cd-url", "", "`address` of Argo CD's API: https://HOST[:PORT][/PATH]")
	fs.StringVar(&f.server, "server", "", "the same as argocd takes it: `host`[:PORT][/PATH], by https unless --plaintext is given")
	fs.BoolVar(&f.plainText, "plaintext", false, "call --server by http")
	fs.BoolVar(&f.PortForward, "port-forward", false, "reach a pod of Argo CD through the API server of the cluster, as kubectl port-forward does; the host of the address is a Service in the namespace")
	fs.StringVar(&f.caFile, "ca-file", "", "trust the certificate authorities in this `file`, too, when calling Argo CD")
	complete.Files(fs, "ca-file")
	fs.BoolVar(&f.Insecure, "insecure-skip-verify", false, "skip verification of Argo CD's certificate")
	fs.BoolVar(&f.Insecure, "insecure", false, "the same as argocd takes it")
	fs.StringVar(&f.clientCrt, "client-crt", "", "client certificate in this `file`, for a proxy that asks for one")
	complete.Files(fs, "client-crt")
	fs.StringVar(&f.clientCrtKey, "client-crt-key", "", "its key in this `file`")
	complete.Files(fs, "client-crt-key")
	fs.StringArrayVar(&f.headers, "header", nil, "send this `header` with every call to Argo CD, for a proxy: 'NAME: VALUE', or @FILE with one on each line; can be repeated")
	fs.DurationVar(&f.Timeout, "timeout", 10*time.Second, "how long one call may take")
}

// IsAddressed reports whether a flag says where Argo CD is.
func (f *Flags) IsAddressed() bool { return f.URL != "" || f.PortForward }

// Validate looks at the flags before anything is read.
func (f *Flags) Validate() error {
	switch {
	case f.Timeout <= 0:
		return exit.Usagef("--timeout must be greater than 0")
	case f.server != "" && f.URL != "":
		return exit.Usagef("--server and --argo-cd-url both give the address of Argo CD: give one of them")
	case f.plainText && f.server == "":
		return exit.Hinted(exit.Usage, "begin --argo-cd-url with http:// instead", "--plaintext is for --server")
	case (f.clientCrt == "") != (f.clientCrtKey == ""):
		return exit.Usagef("--client-crt and --client-crt-key need each other")
	}
	if f.server != "" {
		f.URL = argocdcli.Address(f.server, f.plainText, "")
	}
	if f.URL == "" {
		return nil
	}
	if _, err := argocd.New(argocd.Options{URL: f.URL}); err != nil {
		return exit.Hinted(exit.Usage, "give it as https://HOST[:PORT][/PATH]", "--argo-cd-url: %w", err)
	}
	return nil
}

// Trust reads the files: the certificate authorities to trust beside those of the system,
// the client's own certificate, and headers.
func (f *Flags) Trust() error {
	var err error
	if f.Header, err = f.header(); err != nil {
		return err
	}
	if f.clientCrt != "" {
		certificate, err := input.File(f.clientCrt)
		if err != nil {
			return exit.Failedf("--client-crt: %w", err)
		}
		key, err := input.File(f.clientCrtKey)
		if err != nil {
			return exit.Failedf("--client-crt-key: %w", err)
		}
		pair, err := tls.X509KeyPair(certificate, key)
		if err != nil {
			return exit.Failedf("--client-crt and --client-crt-key: no certificate and the key of it, in PEM")
		}
		f.Certificate = &pair
	}
	if f.caFile == "" {
		return nil
	}
	text, err := input.File(f.caFile)
	if err != nil {
		return exit.Failedf("--ca-file: %w", err)
	}
	if f.Roots, err = x509.SystemCertPool(); err != nil {
		f.Roots = x509.NewCertPool()
	}
	if !f.Roots.AppendCertsFromPEM(text) {
		return exit.Failedf("--ca-file: no certificate in %s", f.caFile)
	}
	return nil
}

// Forward has Argo CD called through the cluster where that was asked for. The API server
// vouches for the pod, so without --ca-file any certificate will do, as for argocd itself
// (argo-cd v3 pkg/apiclient/apiclient.go).
func (f *Flags) Forward(config *rest.Config, core corev1client.CoreV1Interface, namespace string) reach.Forward {
	way := reach.Forward{Config: config, Core: core, Namespace: namespace, Timeout: f.Timeout}
	if f.PortForward {
		f.Dial, f.Insecure = way.Dial, f.Insecure || f.caFile == ""
	}
	return way
}

// header reads what --header gives, in files too. Its values may be credentials.
func (f *Flags) header() (http.Header, error) {
	header := http.Header{}
	for _, text := range f.headers {
		lines := []string{text}
		if file, ok := strings.CutPrefix(text, "@"); ok {
			content, err := input.File(file)
			if err != nil {
				return nil, exit.Failedf("--header: %w", err)
			}
			lines = strings.Split(string(bytes.TrimSpace(content)), "\n")
		}
		for _, line := range lines {
			name, value, ok := strings.Cut(line, ":")
			if !ok {
				return nil, exit.Hinted(exit.Usage, "give it as 'NAME: VALUE', or @FILE with one on each line", "--header: there is no colon between name and value")
			}
			header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	if _, err := argocd.New(argocd.Options{URL: "https://argocd", Header: header}); err != nil {
		return nil, exit.Usagef("--header: %w", err)
	}
	return header, nil
}
