//go:build cluster

package rotate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// restartedAt is the annotation of a pod template by which `kubectl rollout restart` lets
// the pods be made again (kubectl 1.37, polymorphichelpers/objectrestarter.go).
const restartedAt = "kubectl.kubernetes.io/restartedAt"

// readers returns what reads the Secret. All of it has to be seen.
func (n *run) readers(ctx context.Context) ([]consumer.Workload, error) {
	ref := consumer.Ref{Namespace: n.Target.Namespace, Secret: n.Target.Name, Key: n.Target.Key}
	found, err := consumer.Find(ctx, n.Readers, n.Target.Namespace, ref)
	if err != nil {
		return nil, n.failed(ctx, "list", "pods", err)
	}
	for _, u := range found.Unseen {
		return nil, refuse(fmt.Sprintf("grant it with a Role (verb list, resource %s)", u.Resource),
			"what reads Secret %q is not known: no permission to list %s in namespace %q", n.Target.Name, u.Resource, n.Target.Namespace)
	}
	return found.Workloads, nil
}

// checkReaders refuses what could not be restarted, and tries the rest as a dry run.
func (n *run) checkReaders(ctx context.Context) error {
	all, err := n.readers(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		n.Say("nothing in namespace %q reads key %q of Secret %q", n.Target.Namespace, n.Target.Key, n.Target.Name)
	}
	for _, w := range all {
		n.Say("%s reads it", title(w))
		switch {
		case n.NoRestart, w.Kind == "Job": // whose pods end by themselves
			continue
		case !w.Restarts():
			return refuse("restart it yourself and give --no-restart, which waits for that", "%s reads Secret %q and cannot be restarted by this command", title(w), n.Target.Name)
		}
		now, err := n.look(ctx, w)
		if err == nil && now.unfit != "" {
			err = refuse("change that, or restart it yourself and give --no-restart, which waits for that", "%s cannot be restarted: %s", title(w), now.unfit)
		}
		if err == nil {
			err = n.patch(ctx, w, metav1.DryRunAll)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// restart restarts what reads the Secret, unless that has been done since the key was
// written, and waits until nothing holds another key.
func (n *run) restart(ctx context.Context) error {
	all, err := n.readers(ctx)
	if err != nil {
		return err
	}
	var restarted []consumer.Workload
	for _, w := range all {
		if n.NoRestart || !w.Restarts() {
			continue
		}
		now, err := n.look(ctx, w)
		if err == nil && now.restarted != stamp(n.state.Restarted) {
			n.Say("restart %s", title(w))
			err = n.patch(ctx, w)
		}
		if err != nil {
			return err
		}
		restarted = append(restarted, w)
	}
	said := ""
	for end := time.Now().Add(n.Wait); ; {
		waits, err := n.incomplete(ctx, restarted)
		switch {
		case err != nil || waits == "":
			return err
		case time.Now().After(end):
			return refuse("", "not everything has restarted within %s: %s", n.Wait, waits)
		case waits != said:
			n.Say("waiting: %s", waits)
		}
		said = waits
		if err := pause(ctx, n.Poll); err != nil {
			return err
		}
	}
}

// incomplete says what is not complete yet: the rollout of what was restarted, and then pods
// that hold what was in the Secret before. "" stands for nothing.
func (n *run) incomplete(ctx context.Context, restarted []consumer.Workload) (string, error) {
	for _, w := range restarted {
		now, err := n.look(ctx, w)
		if err == nil && now.stuck {
			err = refuse("see why: "+shell.Kubectl(w.Namespace, "describe", "deployment", w.Name), "the rollout of %s has exceeded its progress deadline", title(w))
		}
		if err != nil || now.waits != "" {
			return fmt.Sprintf("%s: %s", title(w), now.waits), err
		}
	}
	all, err := n.readers(ctx)
	for _, w := range all {
		for _, p := range w.Pods {
			if n.outdated(p) {
				return fmt.Sprintf("pod %q of %s holds what was in the Secret before, and has to be restarted", p.Name, title(w)), err
			}
		}
	}
	return "", err
}

// outdated reports whether a pod holds what was in the Secret before. Clocks of nodes may be
// wrong: a pod that was made after the Secret was written holds what was written, and by the
// clock of the API server, which knows when, no pod has read it before it was made, and has
// run for as long as its node says.
func (n *run) outdated(p consumer.Pod) bool {
	read, written := p.Read, n.written()
	if !p.Created.IsZero() && !p.Started.IsZero() {
		if early := p.Created.Add(p.Read.Sub(p.Started)); early.Before(read) {
			read = early
		}
	}
	switch {
	case p.Read.IsZero(), p.Created.After(written):
		return false
	case n.NoRestart: // nothing orders the two within a second, which is as exact as they are
		return !read.After(written)
	}
	return read.Before(written)
}

// checkOthers refuses an API key that is in another place, too, from which something reads
// it: that would go on with a dead one.
func (n *run) checkOthers(ctx context.Context, key token.Token) error {
	found, err := consumer.HoldersOf(ctx, n.Readers, n.Target.Namespace, key.Account)
	if err != nil {
		return n.failed(ctx, "list", "secrets", err)
	}
	for _, u := range found.Unseen {
		n.Say("not checked whether other Secrets hold API key %q: %s", key.ID, u)
	}
	here := consumer.Ref{Namespace: n.Target.Namespace, Secret: n.Target.Name, Key: n.Target.Key}
	kept := here
	kept.Key += previous
	for _, h := range found.ByID[key.ID] {
		switch {
		case h.Ref == here || h.Ref == kept:
		case len(h.Workloads) == 0:
			n.Say("key %q of Secret %q holds API key %q, too, and nothing seems to read it there", h.Key, h.Secret, key.ID)
		default:
			return refuse("give that an API key of its own first: "+n.Keys.Place.Command("token create", "--account", key.Account, "--secret-name", h.Secret, "--secret-key", h.Key, "--force"),
				"key %q of Secret %q holds API key %q, too, and %s reads it there: it would go on with a revoked one", h.Key, h.Secret, key.ID, title(h.Workloads[0]))
		}
	}
	return nil
}

func title(w consumer.Workload) string { return fmt.Sprintf("%s %q", w.Kind, w.Name) }

// rollout is how far a workload has come.
type rollout struct {
	restarted string // the annotation of its template
	unfit     string // why restarting it would not make all of its pods again
	waits     string // what is not complete; "" for nothing
	stuck     bool   // its controller has given up
}

// look looks at a workload.
func (n *run) look(ctx context.Context, w consumer.Workload) (rollout, error) {
	return n.ask(ctx, w, "get", n.Apps.RESTClient().Get())
}

// patch sets the annotation by which its pods are made again.
func (n *run) patch(ctx context.Context, w consumer.Workload, dryRun ...string) error {
	change := fmt.Appendf(nil, `{"spec":{"template":{"metadata":{"annotations":{%q:%q}}}}}`, restartedAt, cmp.Or(stamp(n.state.Restarted), stamp(time.Now())))
	options := &metav1.PatchOptions{DryRun: dryRun, FieldManager: manager}
	_, err := n.ask(ctx, w, "patch", n.Apps.RESTClient().Patch(types.StrategicMergePatchType).Body(change).VersionedParams(options, scheme.ParameterCodec))
	return err
}

// ask sends a request about a workload. One that is gone has nothing to wait for.
func (n *run) ask(ctx context.Context, w consumer.Workload, verb string, request *rest.Request) (rollout, error) {
	resource := strings.ToLower(w.Kind) + "s"
	o := map[string]runtime.Object{"Deployment": &appsv1.Deployment{}, "StatefulSet": &appsv1.StatefulSet{}, "DaemonSet": &appsv1.DaemonSet{}}[w.Kind]
	err := request.Namespace(w.Namespace).Resource(resource).Name(w.Name).Do(ctx).Into(o)
	switch {
	case apierrors.IsNotFound(err):
		return rollout{restarted: stamp(n.state.Restarted)}, nil
	case err != nil:
		return rollout{}, n.failed(ctx, verb, resource, fmt.Errorf("cannot %s %s: %w", verb, title(w), err))
	}
	return progress(o), nil
}

// progress is what `kubectl rollout restart` and `status` find out of a workload (kubectl
// 1.37, polymorphichelpers).
func progress(o runtime.Object) (now rollout) {
	switch o := o.(type) {
	case *appsv1.Deployment:
		s := o.Status
		now.restarted = o.Spec.Template.Annotations[restartedAt]
		now.waits = waits(o.Generation > s.ObservedGeneration, replicas(o.Spec.Replicas), s.UpdatedReplicas, s.Replicas, s.AvailableReplicas)
		now.stuck = o.Generation <= s.ObservedGeneration && slices.ContainsFunc(s.Conditions, func(c appsv1.DeploymentCondition) bool {
			return c.Type == appsv1.DeploymentProgressing && c.Reason == "ProgressDeadlineExceeded"
		})
		if o.Spec.Paused {
			now.unfit = "its rollout is paused"
		}
	case *appsv1.StatefulSet:
		s, strategy, updated := o.Status, o.Spec.UpdateStrategy, o.Status.UpdatedReplicas
		if s.UpdateRevision == s.CurrentRevision {
			updated = s.Replicas
		}
		now.restarted = o.Spec.Template.Annotations[restartedAt]
		now.waits = waits(o.Generation > s.ObservedGeneration, replicas(o.Spec.Replicas), updated, updated, s.ReadyReplicas)
		if strategy.Type == appsv1.OnDeleteStatefulSetStrategyType {
			now.unfit = "its update strategy is OnDelete"
		} else if r := strategy.RollingUpdate; r != nil && r.Partition != nil && *r.Partition > 0 {
			now.unfit = fmt.Sprintf("the partition of its update strategy, %d, keeps pods as they are", *r.Partition)
		}
	case *appsv1.DaemonSet:
		s := o.Status
		now.restarted = o.Spec.Template.Annotations[restartedAt]
		now.waits = waits(o.Generation > s.ObservedGeneration, s.DesiredNumberScheduled, s.UpdatedNumberScheduled, s.UpdatedNumberScheduled, s.NumberAvailable)
		if o.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType {
			now.unfit = "its update strategy is OnDelete"
		}
	}
	return now
}

// waits says what a rollout waits for: how many pods there should be, are of the new
// template, are there at all, and are available.
func waits(unseen bool, want, updated, all, available int32) string {
	switch {
	case unseen:
		return "its controller has not seen the change yet"
	case updated < want:
		return fmt.Sprintf("%d of %d new pods exist", updated, want)
	case all > updated:
		return fmt.Sprintf("old pods still running: %d", all-updated)
	case available < want:
		return fmt.Sprintf("%d of %d new pods are available", available, want)
	}
	return ""
}

// replicas is how many pods there should be; nil stands for one.
func replicas(n *int32) int32 {
	if n == nil {
		return 1
	}
	return *n
}

// failed explains what the API server has refused. Admission webhooks write whatever they
// like.
func (n *run) failed(ctx context.Context, verb, resource string, err error) error {
	hint := ""
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case apierrors.IsForbidden(err):
		hint = fmt.Sprintf("grant it with a Role (verb %s, resource %s)", verb, resource)
	}
	return refuse(hint, "%s", argocd.Shown(argocd.Plain(err), value(n.secret, n.Target.Key), value(n.secret, n.Target.Key+previous)))
}
