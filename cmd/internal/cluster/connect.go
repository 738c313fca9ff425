//go:build cluster

package cluster

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/url"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	appsv1client "k8s.io/client-go/kubernetes/typed/apps/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/klog/v2"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

const hintKubeconfig = "say which cluster is meant as you do to helm: --kubeconfig, --kube-context, KUBECONFIG"

// connection is the way into the cluster that helm was called for.
type connection struct {
	config    *rest.Config
	namespace string
	core      corev1client.CoreV1Interface // the client for the core group
}

// connect finds the cluster. Nobody is called. Errors carry their exit code.
func connect(getenv func(string) string, timeout time.Duration) (*connection, error) {
	// What client-go logs that matters comes back as an error.
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	config, namespace, err := configure(getenv, timeout)
	if err != nil {
		return nil, err
	}
	core, err := corev1client.NewForConfig(config)
	if err != nil {
		return nil, exit.Hinted(exit.Failed, hintKubeconfig, "no way into the cluster: %w", err)
	}
	return &connection{config, namespace, core}, nil
}

// apps is the client for the group apps.
func (c *connection) apps() (appsv1client.AppsV1Interface, error) {
	apps, err := appsv1client.NewForConfig(c.config)
	if err != nil {
		return nil, exit.Hinted(exit.Failed, hintKubeconfig, "no way into the cluster: %w", err)
	}
	return apps, nil
}

// configure finds the cluster in the way of Helm, which passes its flags to plugins as
// variables (helm 3.22 pkg/cli/environment.go). timeout is that of one call. The limits
// of the client are client-go's own. Errors quote nothing but names: there are
// credentials in a kubeconfig.
func configure(getenv func(string) string, timeout time.Duration) (*rest.Config, string, error) {
	files := filepath.SplitList(getenv("KUBECONFIG"))
	if len(files) == 0 {
		files = []string{filepath.Join(cmp.Or(getenv("HOME"), getenv("USERPROFILE")), ".kube", "config")}
	}
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(&clientcmd.ClientConfigLoadingRules{Precedence: files}, overrides(getenv))
	if _, err := loader.RawConfig(); err != nil {
		if path, ok := errors.AsType[*fs.PathError](err); ok {
			return nil, "", exit.Hinted(exit.Failed, hintKubeconfig, "cannot read the kubeconfig: %w", path)
		}
		return nil, "", exit.Hinted(exit.Failed, "kubectl config view shows where", "the kubeconfig is not one: it does not parse")
	}
	config, err := loader.ClientConfig()
	if clientcmd.IsEmptyConfig(err) { // its own advice is a variable that nobody uses
		err = errors.New("there is no kubeconfig, or nothing in it")
	}
	if err != nil {
		return nil, "", exit.Hinted(exit.Failed, hintKubeconfig, "no way into a cluster: %w", err)
	}
	config.Timeout = timeout
	config.UserAgent = userAgent()
	config.WarningHandler = rest.NoWarnings{}
	if groups := getenv("HELM_KUBEASGROUPS"); groups != "" {
		config.Impersonate.Groups = strings.Split(groups, ",")
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, "", exit.Hinted(exit.Failed, hintKubeconfig, "no namespace: %w", err)
	}
	return config, namespace, nil
}

// userAgent is who calls, in the audit log of the cluster and in Argo CD's.
func userAgent() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return "runtime-auth/" + info.Main.Version
	}
	return "runtime-auth"
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

// explain gives an error of the cluster its exit code and a hint.
func explain(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*exit.Error](err); ok {
		return err
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return exit.Failedf("interrupted")
	}
	call, isCall := errors.AsType[*url.Error](err)
	_, isDial := errors.AsType[*net.OpError](err)
	var status apierrors.APIStatus
	hint := hintKubeconfig
	switch {
	case apierrors.IsUnauthorized(err):
		hint = "the cluster does not know who you are: sign in anew"
	case apierrors.IsForbidden(err):
		hint = "ask for this permission, or run as somebody who has it"
	case isDial:
		hint = "the cluster cannot be reached: " + hintKubeconfig
	case isCall && call.Timeout(), errors.Is(err, context.DeadlineExceeded):
		hint = "the cluster does not answer: allow it more time with --timeout, or " + hintKubeconfig
	case errors.As(err, &status):
		hint = "see whether the API server is well"
	}
	return exit.Hinted(exit.Failed, hint, "%w", err)
}
