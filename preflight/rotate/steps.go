//go:build cluster

package rotate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// stage is a step: what it does, and what is alive meanwhile.
type stage struct {
	step  step
	does  string
	alive string
	do    func(*run, context.Context) error
	// undo leads back to the old key, nil where the step goes its way to the end.
	undo func(*run, context.Context) error
}

// stages are those of a rotation, in their order, and the one that undoes it. In their
// texts stand {old}, {new}, {account}, {secret}, {key}.
func stages() []stage {
	both := "API keys {old} and {new} both work: Secret {secret} holds the new one, and the old one under {key}"
	return []stage{
		{
			step: making, do: (*run).make, undo: (*run).abandon,
			does:  "make API key {new} of account {account}, see whether Argo CD accepts it, and write it into Secret {secret}, the old one beside it under {key}",
			alive: "Secret {secret} holds API key {old} as before, and API key {new} may have been made",
		},
		{
			step: restarting, do: (*run).restarted, undo: (*run).putBack, alive: both,
			does: "restart what reads Secret {secret}, wait until nothing holds the old key, and see whether Argo CD accepts the new one",
		},
		{
			step: grace, do: (*run).graced, undo: (*run).putBack, alive: both,
			does: "let API key {old} work for the grace",
		},
		{
			step: revoking, do: (*run).revoked,
			does:  "revoke API key {old}, and remove it from Secret {secret}",
			alive: "Secret {secret} holds API key {new}, which is in use; API key {old} may still work",
		},
		{
			step: undoing, do: (*run).undone,
			does:  "restart what reads Secret {secret}, which holds API key {old} again, and revoke API key {new}",
			alive: "Secret {secret} holds API key {old} again; API key {new} may still work",
		},
	}
}

// stage is the step at hand. One that is not known comes from a newer version.
func (n *run) stage() stage {
	all := stages()
	i := slices.IndexFunc(all, func(s stage) bool { return s.step == n.state.Step })
	if i < 0 {
		return stage{do: func(*run, context.Context) error {
			return refuse("use the version of runtime-auth that has begun it", "the step %q of the rotation is not known", n.state.Step)
		}, alive: "API keys {old} and {new} may be alive"}
	}
	return all[i]
}

// text fills in what a text of a stage speaks of.
func (n *run) text(text string) string {
	return strings.NewReplacer(
		"{old}", fmt.Sprintf("%q", n.state.Old), "{new}", fmt.Sprintf("%q", n.state.New), "{account}", fmt.Sprintf("%q", n.result.Account),
		"{secret}", fmt.Sprintf("%q", n.Target.Name), "{key}", fmt.Sprintf("%q", n.Target.Key+previous),
	).Replace(text)
}

// alive says which keys may be.
func (n *run) alive() string {
	text := n.text(n.stage().alive)
	if len(n.state.Abandoned) > 0 {
		text += fmt.Sprintf("; so may %q, of runs that were ended", n.state.Abandoned)
	}
	return text
}

// why is the command that says why Argo CD does not accept the API key.
func (n *run) why() string { return "see why: " + n.Keys.Place.Command("check") }

// make makes the new key and writes it into the Secret.
func (n *run) make(ctx context.Context) error {
	if err := n.revoke(ctx, n.state.Abandoned...); err != nil {
		return err
	}
	deliver := func(made apikey.Result) error {
		ok, err := n.accepts(ctx, made.Token, n.Settle)
		switch {
		case err != nil:
			return err
		case !ok:
			return refuse(n.why(), "Argo CD does not accept the API key that it has made")
		}
		next := n.state
		next.Step, next.Restarted = restarting, time.Now().UTC()
		return n.write(ctx, next, func(s *corev1.Secret) {
			keep(s, n.Target.Key, made.Token)
			metav1.SetMetaDataAnnotation(&s.ObjectMeta, "runtime-auth/account", n.result.Account)
			metav1.SetMetaDataAnnotation(&s.ObjectMeta, "runtime-auth/key-id", next.New)
		})
	}
	_, err := n.keys().Create(ctx, nil, apikey.Options{Account: n.result.Account, ID: n.state.New, ExpiresIn: n.ExpiresIn, Target: n.Target, Deliver: deliver})
	unsure := errors.Is(err, apikey.ErrUnknown) || errors.Is(err, errTaken) || errors.Is(err, errChanged)
	if err != nil && !unsure && n.state.Step == making {
		_ = n.abandon(context.WithoutCancel(ctx)) // else the state says what may be left
	}
	return err
}

// abandon revokes what was made before anything has changed, and ends the rotation.
func (n *run) abandon(ctx context.Context) error {
	err := n.revoke(ctx, append(slices.Clone(n.state.Abandoned), n.state.New)...)
	if err == nil {
		n.result.Undone = true
		err = n.write(ctx, state{}, nil)
	}
	return err
}

// restarted restarts what reads the Secret, and begins the grace.
func (n *run) restarted(ctx context.Context) error {
	if err := n.restart(ctx); err != nil {
		return err
	}
	if undoing, err := n.confirm(ctx); err != nil || undoing {
		return err
	}
	next := n.state
	next.Step, next.Until = grace, time.Now().Add(n.Grace).UTC()
	return n.write(ctx, next, nil)
}

// graced waits for the end of the grace. From then on there is no way back.
func (n *run) graced(ctx context.Context) error {
	if err := pause(ctx, min(time.Until(n.state.Until), n.Grace)); err != nil {
		return err
	}
	if undoing, err := n.confirm(ctx); err != nil || undoing {
		return err
	}
	next := n.state
	next.Step = revoking
	return n.write(ctx, next, nil)
}

// revoked revokes the old key.
func (n *run) revoked(ctx context.Context) error { return n.end(ctx, n.state.New, n.state.Old) }

// undone restarts what may hold the new key, and revokes that.
func (n *run) undone(ctx context.Context) error {
	if err := n.restart(ctx); err != nil {
		return err
	}
	n.result.Undone = true
	return n.end(ctx, n.state.Old, n.state.New)
}

// end revokes an API key, where Argo CD accepts the one in use still, and ends the rotation.
func (n *run) end(ctx context.Context, used, revoked string) error {
	ok, err := n.accepts(ctx, value(n.secret, n.Target.Key), n.Settle)
	if err == nil && !ok {
		err = refuse(n.why(), "Argo CD does not accept API key %q any more", used)
	}
	if err == nil {
		err = n.revoke(ctx, append(slices.Clone(n.state.Abandoned), revoked)...)
	}
	if err != nil {
		return err
	}
	return n.write(ctx, state{}, nil)
}

// confirm asks Argo CD about the key in the Secret, and puts the old one back where that is
// refused.
func (n *run) confirm(ctx context.Context) (undoing bool, err error) {
	ok, err := n.accepts(ctx, value(n.secret, n.Target.Key), n.Settle)
	if err != nil || ok {
		return false, err
	}
	n.reason = fmt.Sprintf("Argo CD refuses API key %q, so the rotation was undone: ", n.state.New)
	return true, n.putBack(ctx)
}

// putBack puts the old key into the Secret again, if that is any better.
func (n *run) putBack(ctx context.Context) error {
	ok, err := n.accepts(ctx, value(n.secret, n.Target.Key+previous), 0)
	switch {
	case err != nil:
		return err
	case !ok:
		return refuse(n.why(), "Argo CD does not accept API key %q, so it is not put back", n.state.Old)
	}
	next := n.state
	next.Step, next.Restarted = undoing, time.Now().UTC()
	return n.write(ctx, next, func(s *corev1.Secret) {
		s.Data[n.Target.Key] = s.Data[n.Target.Key+previous]
		metav1.SetMetaDataAnnotation(&s.ObjectMeta, "runtime-auth/key-id", next.Old)
	})
}

// undo is what --undo does first.
func (n *run) undo(ctx context.Context) error {
	s := n.stage()
	switch {
	case s.undo != nil:
		n.Say("undo: %s", n.alive())
		if err := s.undo(n, ctx); err != nil {
			return n.stopped(ctx, err)
		}
	case n.state.Step != undoing:
		return refuse("continue with: "+n.Again, "it is too late to undo this: %s", n.alive())
	}
	return nil
}

// revoke revokes API keys of the account that Argo CD has, and remembers the others.
func (n *run) revoke(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	left, err := n.keys().RevokeListed(ctx, n.result.Account, ids...)
	n.result.Left = left
	return err
}

// accepts reports whether Argo CD takes an API key for one of the account. It asks again
// for as long as that may take to become so.
func (n *run) accepts(ctx context.Context, key auth.Secret, settle time.Duration) (bool, error) {
	for end := time.Now().Add(settle); ; {
		who, err := n.Keys.API.Userinfo(ctx, key)
		if err != nil || who.LoggedIn && who.Username == n.result.Account {
			return err == nil, err
		}
		if !time.Now().Before(end) {
			return false, nil
		}
		if err := pause(ctx, n.Poll); err != nil {
			return false, err
		}
	}
}

// pause waits.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// giveUp is the command after which nothing is known of a rotation any more.
func (n *run) giveUp() string {
	return shell.Kubectl(n.Target.Namespace, "annotate", "secret", n.Target.Name, prefix+"step-")
}
