//go:build e2e && linux

package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestMonitoring applies the example with a CronJob, and runs what its container would run,
// with the rights that its Role gives and no others, against a gateway that takes the
// metrics: for a Runtime of which all is well, and for one whose Secret is gone.
func TestMonitoring(t *testing.T) {
	eachHelm(t, func(t *testing.T, h *helm) {
		i := &installation{cluster: h.cluster, argoCD: h.newArgoCD(t)}
		i.secret(t, "argo-cd-account", map[string]string{"api-token": i.argoCD.issue(t, "runtime", "e2e")})
		values := "global: {integrations: {argo-cd: {server: {svc: argo-cd-server, port: 80, auth: {type: token, tokenSecretKeyRef: {name: argo-cd-account, key: api-token}}}}}}"
		h.helm("install", "runtime", fleetChart(t), "-f", write(t, "values.yaml", values)).ok(t)
		manifest, err := filepath.Abs("../examples/monitoring/cronjob.yaml")
		must(t, err)
		i.kubectl("apply", "-f", manifest).ok(t)
		role, err := i.client.RbacV1().Roles(i.namespace).Get(t.Context(), "runtime-auth-check", metav1.GetOptions{})
		must(t, err)
		job := i.cronjob(t, i.as(t, role.Rules...))
		code, metrics := job()
		for _, want := range []string{
			`runtime_auth_check_status{namespace="` + i.namespace + `",release="runtime",check="credential-known",status="ok"} 1`,
			`runtime_auth_key_expiry_timestamp_seconds{namespace="` + i.namespace + `",release="runtime",account="runtime",id="e2e"} +Inf`,
		} {
			if code != 0 || !strings.Contains(metrics, want+"\n") {
				t.Errorf("exit code %d, no %s\n%s", code, want, metrics)
			}
		}
		must(t, i.client.CoreV1().Secrets(i.namespace).Delete(t.Context(), "argo-cd-account", metav1.DeleteOptions{}))
		code, metrics = job()
		if code != 1 || !strings.Contains(metrics, `check="secret",status="failed"} 1`) || strings.Contains(metrics, "key_expiry_timestamp_seconds{") {
			t.Errorf("without the Secret: exit code %d\n%s", code, metrics)
		}
	})
}

// cronjob returns what runs the command of the CronJob as somebody, and returns its exit
// code and what the gateway was given.
func (i *installation) cronjob(t *testing.T, as *cluster) func() (int, string) {
	t.Helper()
	job, err := i.client.BatchV1().CronJobs(i.namespace).Get(t.Context(), "runtime-auth-check", metav1.GetOptions{})
	must(t, err)
	container := job.Spec.JobTemplate.Spec.Template.Spec.Containers[0]
	var pushed []byte
	gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics/job/runtime-auth" {
			pushed, _ = io.ReadAll(r.Body)
		}
	}))
	t.Cleanup(gateway.Close)
	return func() (int, string) {
		pushed = nil
		c := as.runtimeAuth()
		c.path, c.args = "/bin/"+container.Command[0], append(container.Command[1:], strings.ReplaceAll(container.Args[0], "/tmp/", t.TempDir()+"/"))
		c.env = append(c.env, "PUSHGATEWAY="+gateway.URL, "PATH="+filepath.Dir(program("runtime-auth"))+":"+os.Getenv("PATH"))
		return c.run(t).code, string(pushed)
	}
}
