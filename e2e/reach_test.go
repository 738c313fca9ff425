//go:build cluster && e2e

package e2e

import (
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/preflight/reachtest"
)

// node makes a node whose kubelet forwards ports, and a ready pod of Argo CD on it.
func (a *argoCD) node(t *testing.T) *reachtest.Server {
	t.Helper()
	stand := &reachtest.Server{Namespace: a.c.namespace, Listeners: map[string]string{"argocd-server-1:8080": a.Listener.Addr().String()}}
	kubelet := httptest.NewTLSServer(stand.Kubelet())
	t.Cleanup(func() { kubelet.CloseClientConnections(); kubelet.Close() })
	address, err := url.Parse(kubelet.URL)
	must(t, err)
	port, err := strconv.Atoi(address.Port())
	must(t, err)
	core := a.c.client.CoreV1()
	node, err := core.Nodes().Create(t.Context(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: a.c.namespace}}, metav1.CreateOptions{})
	must(t, err)
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: address.Hostname()}}
	node.Status.DaemonEndpoints.KubeletEndpoint.Port = int32(port)
	_, err = core.Nodes().UpdateStatus(t.Context(), node, metav1.UpdateOptions{})
	must(t, err)
	labels := map[string]string{"app.kubernetes.io/name": "argocd-server"}
	pod, err := core.Pods(a.c.namespace).Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "argocd-server-1", Labels: labels},
		Spec: corev1.PodSpec{AutomountServiceAccountToken: new(false), NodeName: node.Name, Containers: []corev1.Container{{
			Name: "server", Image: "argocd", Ports: []corev1.ContainerPort{{Name: "server", ContainerPort: 8080}},
		}}},
	}, metav1.CreateOptions{})
	must(t, err)
	pod.Status.Phase = corev1.PodRunning
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	_, err = core.Pods(a.c.namespace).UpdateStatus(t.Context(), pod, metav1.UpdateOptions{})
	must(t, err)
	patch := `{"spec":{"selector":{"app.kubernetes.io/name":"argocd-server"},"ports":[{"name":"http","port":80,"targetPort":"server"}]}}`
	_, err = core.Services(a.c.namespace).Patch(t.Context(), "argo-cd-server", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{})
	must(t, err)
	return stand
}

// documentedRules are the rules of the first Role of a page with a text in it, which says what
// for.
func documentedRules(t testing.TB, page, text string) []rbacv1.PolicyRule {
	t.Helper()
	for _, block := range strings.Split(read(t, filepath.Join("..", "docs", page)), "```yaml\n") {
		block, _, _ = strings.Cut(block, "```")
		var role struct{ Rules []rbacv1.PolicyRule }
		if strings.Contains(block, text) && yaml.Unmarshal([]byte(block), &role) == nil && len(role.Rules) > 0 {
			return role.Rules
		}
	}
	t.Fatalf("docs/%s documents no Role with %q", page, text)
	return nil
}

// TestPortForward goes through a real API server, with the documented rights and no
// others: token by SPDY, and by WebSocket where the verb get is granted too. Without a
// right, that one is named.
func TestPortForward(t *testing.T) {
	c := newCluster(t)
	a := c.newArgoCD(t)
	stand := a.node(t)
	least := documentedRules(t, "token.md", "# --port-forward\n")
	socket := append([]rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods/portforward"}, Verbs: []string{"get"}}}, least...)
	create := func(as *cluster, id string) call {
		call := as.runtimeAuth("token", "create", "--port-forward", "--account", "runtime", "--id", id, "-o", "yaml", "--password-stdin")
		call.stdin, call.shows = runtimePassword, true
		return call
	}
	for id, rules := range map[string][]rbacv1.PolicyRule{"spdy": least, "websocket": socket} {
		as := c.as(t, rules...)
		if r := create(as, id).run(t); r.code != 0 || !strings.Contains(r.stdout, "kind: Secret") {
			t.Errorf("%s: exit code %d\n%s", id, r.code, r.stderr)
		}
		list := as.runtimeAuth("token", "list", "--port-forward", "--argo-cd-url", "http://argo-cd-server", "--username", "runtime", "--password-stdin")
		list.stdin = runtimePassword
		if r := list.run(t); r.code != 0 || !strings.Contains(r.stdout, id) {
			t.Errorf("%s: exit code %d\n%s%s", id, r.code, r.stdout, r.stderr)
		}
	}
	for i, missing := range []string{"list services", "list pods", "create pods/portforward"} {
		rules := append([]rbacv1.PolicyRule{}, least...)
		rules = append(rules[:i:i], rules[i+1:]...)
		if len(least) != 3 {
			t.Fatalf("%d rules are documented", len(least))
		}
		create(c.as(t, rules...), "refused").cannot(t, "no permission to "+missing)
	}
	stand.Ended() // all connections are closed
}
