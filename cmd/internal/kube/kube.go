//go:build cluster

// Package kube finds the cluster that helm was called for, and explains its errors.
package kube

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
)

const hint = "choose the cluster as for helm: --kubeconfig, --kube-context or KUBECONFIG"

// Config finds the cluster in the way of Helm, which passes its flags to plugins as
// variables (helm 3.22 pkg/cli/environment.go). timeout is that of one call. The limits
// of the client are client-go's own. Errors quote nothing but names: there are
// credentials in a kubeconfig.
func Config(getenv func(string) string, timeout time.Duration) (*rest.Config, string, error) {
	files := filepath.SplitList(getenv("KUBECONFIG"))
	if len(files) == 0 {
		files = []string{filepath.Join(cmp.Or(getenv("HOME"), getenv("USERPROFILE")), ".kube", "config")}
	}
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(&clientcmd.ClientConfigLoadingRules{Precedence: files}, overrides(getenv))
	if _, err := loader.RawConfig(); err != nil {
		if path, ok := errors.AsType[*fs.PathError](err); ok {
			return nil, "", exit.Hinted(exit.Failed, hint, "cannot read the kubeconfig %s: %w", path.Path, path.Err)
		}
		return nil, "", exit.Hinted(exit.Failed, "fix it, or "+hint, "cannot parse the kubeconfig")
	}
	config, err := loader.ClientConfig()
	if clientcmd.IsEmptyConfig(err) { // its own advice is a variable that nobody uses
		err = errors.New("no kubeconfig found, or it is empty")
	}
	if err != nil {
		return nil, "", Unusable(err)
	}
	config.Timeout = timeout
	config.WarningHandler = rest.NoWarnings{}
	if groups := getenv("HELM_KUBEASGROUPS"); groups != "" {
		config.Impersonate.Groups = strings.Split(groups, ",")
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, "", Unusable(err)
	}
	return config, namespace, nil
}

func overrides(getenv func(string) string) *clientcmd.ConfigOverrides {
	insecure, _ := strconv.ParseBool(getenv("HELM_KUBEINSECURE_SKIP_TLS_VERIFY"))
	return &clientcmd.ConfigOverrides{
		CurrentContext: getenv("HELM_KUBECONTEXT"),
		Context:        clientcmdapi.Context{Namespace: getenv("HELM_NAMESPACE")},
		ClusterInfo: clientcmdapi.Cluster{
			Server:                getenv("HELM_KUBEAPISERVER"),
			CertificateAuthority:  getenv("HELM_KUBECAFILE"),
			TLSServerName:         getenv("HELM_KUBETLS_SERVER_NAME"),
			InsecureSkipTLSVerify: insecure,
		},
		AuthInfo: clientcmdapi.AuthInfo{Token: getenv("HELM_KUBETOKEN"), Impersonate: getenv("HELM_KUBEASUSER")},
	}
}

// Unusable is the error for a kubeconfig of which no client can be made.
func Unusable(err error) error {
	return exit.Hinted(exit.Failed, hint, "cannot connect to a cluster: %s", argocd.Plain(err))
}

// Explain gives an error of the cluster its exit code and a hint.
func Explain(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*exit.Error](err); ok {
		return err
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return exit.Failedf("interrupted")
	}
	advice := hint
	switch {
	case apierrors.IsUnauthorized(err):
		advice = "authentication failed: log in to the cluster again"
	case apierrors.IsForbidden(err):
		advice = "ask for this permission, or run as somebody who has it"
	case argocd.IsTimeout(err):
		advice = "allow the cluster more time with --timeout, or " + hint
	case errors.As(err, new(apierrors.APIStatus)):
		advice = "check the API server of the cluster"
	}
	if plain := argocd.Plain(err); plain != err.Error() {
		return exit.Hinted(exit.Failed, advice, "cannot reach the cluster: %s", plain)
	}
	return exit.Hinted(exit.Failed, advice, "%w", err)
}
