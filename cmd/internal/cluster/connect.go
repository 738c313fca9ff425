//go:build cluster

package cluster

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/klog/v2"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

const hintKubeconfig = "say which cluster is meant as you do to helm: --kubeconfig, --kube-context, KUBECONFIG"

// connection is the way into the cluster and the namespace that helm was called for.
type connection struct {
	config    *rest.Config
	namespace string
}

// connect finds the cluster in the way of Helm, which passes its flags to plugins as
// variables (helm 3.22 pkg/cli/environment.go), and calls nobody. timeout is that of
// one call. The limits of the client are client-go's own. Errors carry their exit
// code and quote nothing but names.
func connect(getenv func(string) string, timeout time.Duration) (connection, error) {
	silence()
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules(getenv), overrides(getenv))
	if _, err := loader.RawConfig(); err != nil {
		return connection{}, unreadable(err)
	}
	config, err := loader.ClientConfig()
	if clientcmd.IsEmptyConfig(err) { // its own advice is a variable that nobody uses
		err = errors.New("there is no kubeconfig, or nothing in it")
	}
	if err != nil {
		return connection{}, &exit.Error{Code: exit.Failed, Err: fmt.Errorf("no way into a cluster: %w", err), Hint: hintKubeconfig}
	}
	config.Timeout = timeout
	config.UserAgent = userAgent()
	config.WarningHandler = rest.NoWarnings{}
	if groups := getenv("HELM_KUBEASGROUPS"); groups != "" {
		config.Impersonate.Groups = strings.Split(groups, ",")
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return connection{}, &exit.Error{Code: exit.Failed, Err: fmt.Errorf("no namespace: %w", err), Hint: hintKubeconfig}
	}
	return connection{config: config, namespace: namespace}, nil
}

// core returns the client for the core group.
func (c connection) core() (corev1client.CoreV1Interface, error) {
	client, err := corev1client.NewForConfig(c.config)
	if err != nil {
		return nil, &exit.Error{Code: exit.Failed, Err: fmt.Errorf("no way into the cluster: %w", err), Hint: hintKubeconfig}
	}
	return client, nil
}

// userAgent is what the audit log of a cluster shows of this program: the name, and
// the version of the module where it was built from one.
func userAgent() string {
	const name = "runtime-auth"
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return name
	}
	return name + "/" + info.Main.Version
}

// silence keeps the log of client-go off the terminal: what matters comes back as
// an error.
func silence() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
}

func rules(getenv func(string) string) *clientcmd.ClientConfigLoadingRules {
	files := filepath.SplitList(getenv("KUBECONFIG"))
	if len(files) == 0 {
		home := getenv("HOME")
		if home == "" {
			home = getenv("USERPROFILE")
		}
		files = []string{filepath.Join(home, ".kube", "config")}
	}
	return &clientcmd.ClientConfigLoadingRules{Precedence: files, WarnIfAllMissing: false}
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

// unreadable is the error for a kubeconfig that cannot be read. What is wrong inside
// is not quoted: there are credentials in it.
func unreadable(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("cannot read the kubeconfig: %w", path), Hint: hintKubeconfig}
	}
	return &exit.Error{Code: exit.Failed, Err: errors.New("the kubeconfig is not one: it does not parse"), Hint: "kubectl config view shows where"}
}
