//go:build cluster

package rotate

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// step is what a rotation is about to do, or doing.
type step string

const (
	making     step = "make"
	restarting step = "restart"
	grace      step = "grace"
	revoking   step = "revoke"
	undoing    step = "undo"
)

// state is what the annotations of the Secret say of a rotation. It holds ids, and never
// an API key. The zero state is that of no rotation.
type state struct {
	Step     step
	Key      string // of the data
	Old, New string // ids of API keys
	// Abandoned are the ids of keys that runs have been about to make when they ended.
	Abandoned []string
	// Run is which run the rotation is in the hands of. It changes whenever one takes over,
	// and with it the version of the Secret: the run before can write nothing any more.
	Run                string
	Started, Restarted time.Time
	Until              time.Time // the end of the grace
}

const (
	prefix = "runtime-auth/rotate-"
	// previous is what the old key is kept under, behind the name of its own key.
	previous = ".previous"
	// manager is who has written the API key for the API server, and bookkeeper who has
	// written the rest, so that the time of the first is that of the key.
	manager, bookkeeper = "runtime-auth", "runtime-auth-rotate"
)

func (s state) annotations() map[string]string {
	all := map[string]string{
		"step": string(s.Step), "secret-key": s.Key, "old-key-id": s.Old, "new-key-id": s.New,
		"abandoned-key-ids": strings.Join(s.Abandoned, " "), "run": s.Run,
		"started-at": stamp(s.Started), "restarted-at": stamp(s.Restarted), "grace-until": stamp(s.Until),
	}
	maps.DeleteFunc(all, func(_, text string) bool { return text == "" })
	return all
}

// stamp writes a time. It is what tells one restart from another, so it is exact.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// read reads the state of a Secret. Without a step, the rest means nothing.
func read(s *corev1.Secret) state {
	get := func(name string) string { return s.Annotations[prefix+name] }
	at := func(name string) time.Time { t, _ := time.Parse(time.RFC3339, get(name)); return t }
	if get("step") == "" {
		return state{}
	}
	return state{
		Step: step(get("step")), Key: get("secret-key"), Old: get("old-key-id"), New: get("new-key-id"),
		Abandoned: strings.Fields(get("abandoned-key-ids")), Run: get("run"),
		Started: at("started-at"), Restarted: at("restarted-at"), Until: at("grace-until"),
	}
}

// put notes the state in a Secret. At the end of a rotation nothing of it is left.
func (s state) put(into *corev1.Secret, key string) {
	maps.DeleteFunc(into.Annotations, func(name, _ string) bool { return strings.HasPrefix(name, prefix) })
	for name, text := range s.annotations() {
		metav1.SetMetaDataAnnotation(&into.ObjectMeta, prefix+name, text)
	}
	if s.Step == "" {
		delete(into.Data, key+previous)
	}
}

// value is what stands under a key of a Secret.
func value(s *corev1.Secret, key string) auth.Secret { return auth.NewSecret(string(s.Data[key])) }

// keep puts a new API key into the Secret, and keeps the old one beside it.
func keep(s *corev1.Secret, key string, made auth.Secret) {
	s.Data[key+previous] = s.Data[key]
	s.Data[key] = []byte(made.Reveal())
}

var (
	errTaken   = errors.New("another run goes on with it")
	errChanged = errors.New("the Secret was changed by somebody else meanwhile")
)

// write notes the next state, together with a change of the data, unless another run has
// taken the rotation over. It is not interrupted: whether a key is in the Secret decides
// over revoking it. apikey.ErrUnknown is returned where that cannot be known.
func (n *run) write(ctx context.Context, next state, change func(*corev1.Secret), dryRun ...string) error {
	s := n.secret
	put := func(ctx context.Context) (*corev1.Secret, error) {
		s = n.secret.DeepCopy()
		if change != nil {
			change(s)
		}
		next.put(s, n.Target.Key)
		by := bookkeeper
		if !bytes.Equal(s.Data[n.Target.Key], n.secret.Data[n.Target.Key]) {
			by = manager
		}
		return n.Secrets.Update(ctx, s, metav1.UpdateOptions{DryRun: dryRun, FieldManager: by})
	}
	seen := func(seen *corev1.Secret, err error) (bool, error) {
		is := func(s *corev1.Secret) bool {
			return maps.Equal(read(seen).annotations(), read(s).annotations()) && bytes.Equal(seen.Data[n.Target.Key], s.Data[n.Target.Key])
		}
		switch {
		case seen == nil:
			return false, err
		case is(s):
			return true, nil
		case !is(n.secret) && read(seen).Run == read(n.secret).Run:
			return false, errChanged
		case !is(n.secret):
			return false, errTaken
		case apierrors.IsConflict(err): // somebody has changed something else in it
			n.secret = seen
		}
		return false, nil
	}
	stored, err := n.Target.Store(ctx, n.Secrets, put, seen)
	switch {
	case err == nil && dryRun == nil:
		n.secret, n.state = stored, next
	case err != nil && !errors.Is(err, errTaken) && !errors.Is(err, errChanged) && !errors.Is(err, apikey.ErrUnknown):
		return n.Target.Explain(ctx, "update", err, value(s, n.Target.Key))
	}
	return err
}

// written is when the API server has stored the API key, by its own clock.
func (n *run) written() time.Time {
	for _, f := range n.secret.ManagedFields {
		if f.Manager == manager && f.Operation == metav1.ManagedFieldsOperationUpdate && f.Time != nil {
			return f.Time.Time
		}
	}
	return n.state.Restarted
}

// consistent refuses a Secret in which another API key has been put since.
func (n *run) consistent(s *corev1.Secret) error {
	key, err := apikey.Read(s, n.Target)
	want := n.state.New
	if n.state.Step == making || n.state.Step == undoing {
		want = n.state.Old
	}
	if err != nil || key.ID == want {
		return err
	}
	return n.changed("holds API key %q, not %q as the rotation that has begun left it", key.ID, cmp.Or(want, "none"))
}

// changed refuses to go on with a Secret that somebody else has changed.
func (n *run) changed(format string, args ...any) error {
	return refuse("give the rotation up, and see what is alive: "+n.giveUp(),
		"Secret %q %s; API keys %q may be alive", n.Target.Name, fmt.Sprintf(format, args...), append([]string{n.state.Old, n.state.New}, n.state.Abandoned...))
}
