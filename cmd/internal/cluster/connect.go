//go:build cluster

package cluster

import (
	"log/slog"
	"runtime/debug"
	"time"

	appsv1client "k8s.io/client-go/kubernetes/typed/apps/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/kube"
)

// connection is the way into the cluster that helm was called for.
type connection struct {
	config    *rest.Config
	namespace string
	core      corev1client.CoreV1Interface // the client for the core group
}

// connect finds the cluster. Nobody is called. Errors carry their exit code.
func connect(getenv func(string) string, timeout time.Duration) (*connection, error) {
	// What client-go logs that matters comes back as an error.
	klog.SetSlogLogger(slog.New(slog.DiscardHandler))
	config, namespace, err := kube.Config(getenv, timeout)
	if err != nil {
		return nil, err
	}
	config.UserAgent = userAgent()
	core, err := corev1client.NewForConfig(config)
	if err != nil {
		return nil, kube.Unusable(err)
	}
	return &connection{config, namespace, core}, nil
}

// apps is the client for the group apps.
func (c *connection) apps() (appsv1client.AppsV1Interface, error) {
	apps, err := appsv1client.NewForConfig(c.config)
	if err != nil {
		return nil, kube.Unusable(err)
	}
	return apps, nil
}

// userAgent is who calls, in the audit log of the cluster and in Argo CD's.
func userAgent() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return "runtime-auth/" + info.Main.Version
	}
	return "runtime-auth"
}
