//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
)

// reader makes a Deployment that takes the API key into its environment, and its pod.
func (c *cluster) reader(t testing.TB) {
	t.Helper()
	labels := map[string]string{"app": "cap-app-proxy"}
	spec := corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i", Env: []corev1.EnvVar{{Name: "ARGO_CD_TOKEN", ValueFrom: &corev1.EnvVarSource{
		SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "runtime-argo-cd-token"}, Key: "token"},
	}}}}}}
	_, err := c.client.AppsV1().Deployments(c.namespace).Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "cap-app-proxy"},
		Spec: appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: spec,
		}},
	}, metav1.CreateOptions{})
	must(t, err)
	must(t, c.roll(t.Context(), time.Now().Add(-time.Hour)))
}

// roll does what the controllers and the kubelet would do of a rollout: the pod is made
// again.
func (c *cluster) roll(ctx context.Context, started time.Time) error {
	pods, deployments := c.client.CoreV1().Pods(c.namespace), c.client.AppsV1().Deployments(c.namespace)
	d, err := deployments.Get(ctx, "cap-app-proxy", metav1.GetOptions{})
	if err != nil || d.Status.ObservedGeneration == d.Generation {
		return err
	}
	now := int64(0)
	if err := pods.DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: &now}, metav1.ListOptions{}); err != nil {
		return err
	}
	is := true
	p, err := pods.Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			GenerateName: "cap-app-proxy-5d4-", Labels: map[string]string{"app": "cap-app-proxy", appsv1.DefaultDeploymentUniqueLabelKey: "5d4"},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "cap-app-proxy-5d4", UID: d.UID, Controller: &is}},
		},
		Spec: d.Spec.Template.Spec,
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	at := metav1.NewTime(started)
	p.Status = corev1.PodStatus{Phase: corev1.PodRunning, StartTime: &at, ContainerStatuses: []corev1.ContainerStatus{
		{Name: "c", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at}}},
	}}
	if _, err := pods.UpdateStatus(ctx, p, metav1.UpdateOptions{}); err != nil {
		return err
	}
	d.Status = appsv1.DeploymentStatus{ObservedGeneration: d.Generation, Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, AvailableReplicas: 1}
	_, err = deployments.UpdateStatus(ctx, d, metav1.UpdateOptions{})
	return err
}

// controller rolls whenever that is due, until the test ends.
func (c *cluster) controller(t testing.TB) {
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go func() {
		for ctx.Err() == nil {
			if err := c.roll(ctx, time.Now()); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}()
}

// rotate is a call of token rotate that signs in with the key in the Secret.
func (k *keyring) rotate(as *cluster, args ...string) call {
	return as.runtimeAuth(append([]string{"token", "rotate", "--argo-cd-url", k.url, "--grace", "1s"}, args...)...)
}

// TestRotate rotates with exactly the rights that the page names, and no login; it is
// killed on the way, and goes on.
func TestRotate(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	a := c.newKeyring(t)
	as := c.as(t, documentedRules(t, "token.md", "# token rotate\n")...)
	a.token("create", "--account", "runtime", "--id", "first").ok(t)
	c.reader(t)
	first := c.apiKey(t, "runtime-argo-cd-token")

	before := c.versions(t)
	if r := a.rotate(as, "--dry-run").run(t); r.code != 0 || !strings.Contains(r.stderr, `Deployment "cap-app-proxy" reads it`) || !strings.Contains(r.stderr, `revoke API key "first"`) {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	if diff := cmp.Diff(before, c.versions(t)); diff != "" {
		t.Errorf("a dry run changed something (-before +after):\n%s", diff)
	}

	begun := a.rotate(as)
	cmd := exec.CommandContext(t.Context(), program("runtime-auth-cluster"), begun.args...)
	cmd.Env = begun.env
	must(t, cmd.Start())
	must(t, wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		d, err := c.client.AppsV1().Deployments(c.namespace).Get(ctx, "cap-app-proxy", metav1.GetOptions{})
		return d.Spec.Template.Annotations["kubectl.kubernetes.io/restartedAt"] != "", err
	}))
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed
	second := c.apiKey(t, "runtime-argo-cd-token")
	if second == first || !a.accepts(t, first) || !a.accepts(t, second) {
		t.Error("killed in the restart, both keys have to be alive, the new one in the Secret")
	}

	c.controller(t)
	r := a.rotate(as).run(t)
	if r.code != 0 || !strings.Contains(r.stderr, `API key "first" was revoked`) {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
	s, err := c.client.CoreV1().Secrets(c.namespace).Get(t.Context(), "runtime-argo-cd-token", metav1.GetOptions{})
	must(t, err)
	if string(s.Data["token"]) != second || len(s.Data) != 1 || len(s.Annotations) != 2 {
		t.Errorf("the Secret has %d keys and the annotations %v", len(s.Data), s.Annotations)
	}
	if a.accepts(t, first) || !a.accepts(t, second) || strings.Count(a.keys(t), `"id"`) != 1 {
		t.Errorf("API keys %s", a.keys(t))
	}
	wasWritten(t, s)
}

// wasWritten holds that the API server remembers when the key was written, whatever else was
// written later: by that pods are judged.
func wasWritten(t testing.TB, s *corev1.Secret) {
	t.Helper()
	for _, f := range s.ManagedFields {
		var fields struct {
			Data map[string]any `json:"f:data"`
		}
		must(t, json.Unmarshal(f.FieldsV1.GetRawBytes(), &fields))
		if fields.Data["f:token"] != nil && f.Manager != "runtime-auth" {
			t.Errorf("the key is %s's", f.Manager)
		}
	}
}

// TestRotateWaits leaves restarting to somebody else, who needs no right to patch for it; and
// refuses what cannot be rotated, without a trace.
func TestRotateWaits(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	a := c.newKeyring(t)
	rules := documentedRules(t, "token.md", "# token rotate\n")
	rules[2].Verbs = []string{"list"}
	as := c.as(t, rules...)
	a.token("create", "--account", "runtime", "--id", "first").ok(t)
	c.reader(t)
	before := c.versions(t)
	a.rotate(as).cannot(t, `cannot get Deployment "cap-app-proxy"`)
	if diff := cmp.Diff(before, c.versions(t)); diff != "" {
		t.Errorf("something was changed (-before +after):\n%s", diff)
	}
	a.rotate(as, "--no-restart", "--wait-timeout", "1ms").cannot(t, `holds what was in the Secret before`)
	_, err := c.client.AppsV1().Deployments(c.namespace).Patch(t.Context(), "cap-app-proxy", types.StrategicMergePatchType,
		[]byte(`{"spec":{"template":{"metadata":{"annotations":{"by":"somebody else"}}}}}`), metav1.PatchOptions{})
	must(t, err)
	must(t, c.roll(t.Context(), time.Now().Add(5*time.Second)))
	if r := a.rotate(as, "--no-restart").run(t); r.code != 0 || strings.Contains(a.keys(t), `"first"`) {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
}
