//go:build cluster

// Package rotate replaces the API key in a Secret by a new one, restarts what reads the
// Secret, and revokes the old key. It can be killed at any moment: what it is about to do is
// written into the annotations of the Secret first, and the next run goes on from there.
//
// At every moment the Secret holds a key that Argo CD accepts, every pod holds the old key or
// the new one while both are good, and the annotations name each key that may be alive.
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
	appsv1client "k8s.io/client-go/kubernetes/typed/apps/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/preflight/consumer"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// Options say what to rotate, and how.
type Options struct {
	// Target is where the key is, and where the new one goes.
	Target apikey.Target
	// ID is that of the new key, which no run has used before.
	ID string
	// By tells this run from others that rotate the same key.
	By string
	// ExpiresIn is how long the new key is good for; zero for ever.
	ExpiresIn time.Duration
	// Grace is how long the old key goes on working after everything has restarted.
	Grace time.Duration
	// Wait is how long the restart may take, and Settle how long Argo CD may take to accept
	// the new key: each of its replicas hears of it from the API server. Poll is the pause
	// between two looks.
	Wait, Settle, Poll time.Duration
	// NoRestart leaves restarting to somebody else, and only waits for it.
	NoRestart bool
	// Undo puts the old key back, where a rotation has begun.
	Undo bool
	// DryRun checks everything and changes nothing.
	DryRun bool
	// Again is the command that goes on, for hints.
	Again string
}

// Rotation is where rotating takes place.
type Rotation struct {
	Keys *apikey.Keys
	// Self signs in with the API key in the Secret in place of the Login of Keys: every
	// account may make and revoke its own keys (recorded on Argo CD 3.5.1).
	Self    bool
	Secrets corev1client.SecretInterface // whose calls have a timeout
	Apps    appsv1client.AppsV1Interface
	Readers consumer.Source
	// Say is given what happens, a line at a time.
	Say func(format string, args ...any)
}

// Result is how a rotation ended.
type Result struct {
	Account  string
	Old, New string // ids of API keys
	Undone   bool   // the Secret holds the old key, and the new one was revoked
	// Left are the other API keys of the account, which go on working.
	Left []argocd.Token
}

// run is one run of a rotation.
type run struct {
	*Rotation
	Options
	secret *corev1.Secret // as it was last seen or written
	state  state
	reason string // why the rotation is being undone, where this run has decided so
	result Result
}

// Run rotates the key, or goes on where an earlier run was ended. The error is an
// *apikey.Error that says which keys are alive.
func (r *Rotation) Run(ctx context.Context, o Options) (Result, error) {
	n := &run{Rotation: r, Options: o}
	err := n.open(ctx)
	if err != nil || o.DryRun {
		return n.result, err
	}
	for n.state.Step != "" {
		s := n.stage()
		n.Say("next: %s", n.text(s.does))
		if err := s.do(n, ctx); err != nil {
			return n.result, n.stopped(ctx, err)
		}
	}
	n.result.Left = slices.DeleteFunc(n.result.Left, func(t argocd.Token) bool { return t.ID == n.result.Old || t.ID == n.result.New })
	if n.result.Undone && !o.Undo {
		return n.result, refuse("", "%sSecret %q holds API key %q as before, and the new one was revoked", n.reason, o.Target.Name, n.result.Old)
	}
	return n.result, nil
}

// open reads the Secret, checks what can be checked, and takes the rotation over.
func (n *run) open(ctx context.Context) error {
	s, err := apikey.Writable(ctx, n.Secrets, n.Target)
	if err != nil {
		return err
	}
	key, err := apikey.Read(s, n.Target)
	if err != nil {
		return err
	}
	seen := read(s)
	n.secret, n.result = s, Result{Account: key.Account, Old: seen.Old, New: seen.New}
	switch {
	case seen.Step == "" && n.Undo:
		return refuse("", "there is nothing to undo: no rotation of Secret %q has begun", n.Target.Name)
	case seen.Step == "":
		return n.begin(ctx, key)
	case seen.Key != n.Target.Key:
		return refuse("finish that one first, with --secret-key "+seen.Key, "a rotation of key %q of Secret %q has begun", seen.Key, n.Target.Name)
	}
	n.state = seen
	if err := n.consistent(s); err != nil {
		return err
	}
	n.Say("a rotation has begun on %s: %s", seen.Started.Format(time.RFC3339), n.alive())
	if n.DryRun {
		return nil
	}
	next := seen
	next.Run = n.By
	if seen.Step == making {
		// The key of the run that was ended may have been made, and nobody has it.
		next.Abandoned, next.New = append(next.Abandoned, seen.New), n.ID
	}
	n.result.New = next.New
	if err := n.write(ctx, next, nil); err != nil {
		return n.stopped(ctx, err)
	}
	if n.Undo {
		return n.undo(ctx)
	}
	return nil
}

// begin checks everything, and notes the id of the new key before there is one.
func (n *run) begin(ctx context.Context, key token.Token) error {
	n.result.Old, n.result.New = key.ID, n.ID
	if key.ID == "" || strings.ContainsAny(key.ID, "/:") {
		return refuse("create a new one: "+n.Keys.Place.Command("token create", "--account", key.Account, "--secret-name", n.Target.Name, "--secret-key", n.Target.Key, "--force"), "API key %q of account %q cannot be revoked through Argo CD's API because of its id", key.ID, key.Account)
	}
	if n.Self {
		if ok, err := n.accepts(ctx, value(n.secret, n.Target.Key), 0); err != nil {
			return err
		} else if !ok {
			return refuse("sign in as somebody else, with --username or --auth-token-file", "Argo CD does not accept API key %q, so nobody can sign in with it to make a new one", key.ID)
		}
	}
	_, err := n.keys().Create(ctx, nil, apikey.Options{Account: key.Account, ID: n.ID, ExpiresIn: n.ExpiresIn, Target: n.Target, DryRun: true})
	if err != nil {
		return err
	}
	if err := n.checkReaders(ctx); err != nil {
		return err
	}
	if err := n.checkOthers(ctx, key); err != nil {
		return err
	}
	first := state{Step: making, Key: n.Target.Key, Old: key.ID, New: n.ID, Run: n.By, Started: time.Now().UTC()}
	n.state = first
	try := func(s *corev1.Secret) { keep(s, n.Target.Key, auth.NewSecret(apikey.NotMade)) }
	if err := n.write(ctx, first, try, metav1.DryRunAll); err != nil {
		return err
	}
	if n.DryRun {
		for _, s := range stages()[:4] {
			n.Say("would be done: %s", n.text(s.does))
		}
		return nil
	}
	if err := n.write(ctx, first, nil); err != nil {
		return n.stopped(ctx, err)
	}
	return nil
}

// keys are those of Argo CD, for whoever signs in.
func (n *run) keys() *apikey.Keys {
	k := *n.Keys
	if n.Self {
		k.Login = apikey.Login{Token: value(n.secret, n.Target.Key)}
	}
	return &k
}

// stopped says which keys are alive where a run ends before the rotation has.
func (n *run) stopped(ctx context.Context, err error) error {
	if errors.Is(err, errTaken) {
		return refuse("leave it to that one", "another run goes on with the rotation of Secret %q: this one has ended", n.Target.Name)
	}
	if errors.Is(err, errChanged) {
		return n.changed("was changed by somebody else meanwhile")
	}
	reason := err.Error()
	if ctx.Err() != nil {
		reason = "interrupted"
	}
	hint := "continue with: " + n.Again
	if known, ok := errors.AsType[*apikey.Error](err); ok && known.Hint != "" {
		hint = known.Hint + "; then " + hint
	}
	if n.state.Step == "" { // nothing has been changed
		return err
	}
	if n.stage().undo != nil {
		hint += ", or put the old key back with --undo"
	}
	return refuse(hint, "%s; %s", reason, n.alive())
}

func refuse(hint, format string, args ...any) error {
	return &apikey.Error{Reason: fmt.Sprintf(format, args...), Hint: hint}
}
