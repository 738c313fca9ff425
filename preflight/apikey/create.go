//go:build cluster

package apikey

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// NotMade stands in a Secret for the API key that a dry run does not make.
const NotMade = "[made without --dry-run]"

// Rotating is the annotation of a Secret whose API key is being rotated.
const Rotating = "runtime-auth/rotate-step"

// managedBy is what a Secret says of who has made it, beside the account and the id of
// the API key in it.
const (
	managedByLabel = "app.kubernetes.io/managed-by"
	managedBy      = "runtime-auth"
)

// capability is what an account needs to have API keys (Argo CD 3.6
// util/settings/accounts.go).
const capability = "apiKey"

// Target names the key of a Secret.
type Target struct{ Namespace, Name, Key string }

// Options say what key to make, and where to put it.
type Options struct {
	Account string
	// ID is by what Argo CD lists the key; no other key of the account may have it.
	ID string
	// ExpiresIn is how long the key is good for; zero for ever.
	ExpiresIn time.Duration
	// Target is where the key goes, or would go if the Secret is only printed.
	Target Target
	// Force sets the key in a Secret that is there already.
	Force bool
	// DryRun checks everything and makes nothing.
	DryRun bool
	// Deliver is given the key while it can still be taken back, which is done if it
	// fails, but with ErrUnknown; nil for nobody. It is not called in a dry run.
	Deliver func(Result) error
}

// Result is the API key that was made, or after a dry run would be.
type Result struct {
	Options
	Token   auth.Secret // zero after a dry run
	Expires time.Time   // zero: never
	// Updated is set where the Secret was there, and got the key in addition or
	// instead of another one.
	Updated bool
	// Replaced is the API key that stood in the Secret before, and still works; nil
	// where there was none.
	Replaced *token.Token

	// existing is the Secret as it was found, nil where there was none. What is
	// written refers to this version of it, so that nothing in between is lost.
	existing *corev1.Secret
}

// Manifest is the Secret with the API key, as one would give it to kubectl. After a
// dry run, NotMade stands in the place of the key.
func (r Result) Manifest() *corev1.Secret {
	return &corev1.Secret{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: r.Target.Namespace, Name: r.Target.Name,
			Labels:      map[string]string{managedByLabel: managedBy},
			Annotations: map[string]string{"runtime-auth/account": r.Account, "runtime-auth/key-id": r.ID},
		},
		Type:       corev1.SecretTypeOpaque,
		StringData: map[string]string{r.Target.Key: r.value()},
	}
}

func (r Result) value() string {
	if r.Token.IsZero() {
		return NotMade
	}
	return r.Token.Reveal()
}

// Create makes an API key and writes it into a Secret; where secrets is nil it is
// only delivered and returned. Everything that can be refused is looked at before
// the key is made, and if the key does not get to its place after all it is revoked; where
// nobody can say whether it did, it stays, and the error is an ErrUnknown.
// Errors that say what to do are an *Error.
func (k *Keys) Create(ctx context.Context, secrets corev1client.SecretInterface, o Options) (Result, error) {
	r := Result{Options: o}
	if err := reserved(o.Target.Name); err != nil {
		return r, err
	}
	if err := k.API.CheckToken(ctx, o.Account, o.ID, o.ExpiresIn); err != nil {
		return r, k.explain(ctx, err)
	}
	if secrets != nil {
		if err := r.prepare(ctx, secrets, k.Place); err != nil {
			return r, err
		}
	}
	err := k.signedIn(ctx, func(me argocd.Userinfo, session auth.Secret) error {
		if err := k.permitted(ctx, me, session, o.Account); err != nil {
			return err
		}
		if err := k.usable(ctx, session, o); err != nil {
			return err
		}
		if o.DryRun {
			k.warnOfRights(ctx, me, session, o)
			return nil
		}
		made, err := k.create(ctx, session, secrets, r)
		r = made
		if err == nil {
			k.warnOfRights(ctx, argocd.Userinfo{Username: o.Account}, made.Token, o)
		}
		return err
	})
	return r, err
}

// usable looks at the account before a key is made for it.
func (k *Keys) usable(ctx context.Context, session auth.Secret, o Options) error {
	a, err := k.account(ctx, session, o.Account)
	set := func(setting, value string) string {
		return fmt.Sprintf("set %q in the data of ConfigMap argocd-cm", setting+": "+value)
	}
	switch {
	case err != nil:
		return err
	case !a.Enabled:
		setting := "accounts." + o.Account + ".enabled"
		if o.Account == auth.DefaultUsername {
			setting = "admin.enabled"
		}
		return refuse(set(setting, `"true"`), "account %q is disabled, so Argo CD would refuse its API keys", o.Account)
	case !slices.Contains(a.Capabilities, capability):
		all := append([]string{capability}, a.Capabilities...)
		return refuse(set("accounts."+o.Account, strings.Join(all, ", ")), "account %q may not have API keys: it lacks the capability %q", o.Account, capability)
	case slices.ContainsFunc(a.Tokens, func(t argocd.Token) bool { return t.ID == o.ID }):
		return refuse("give another one with --id, or revoke that one first", "account %q has an API key with the id %q already", o.Account, o.ID)
	}
	return nil
}

// create makes the key and brings it home.
func (k *Keys) create(ctx context.Context, session auth.Secret, secrets corev1client.SecretInterface, r Result) (Result, error) {
	key, err := k.API.CreateToken(ctx, session, r.Account, r.ID, r.ExpiresIn)
	if refusedForGood(err) {
		return r, k.explain(ctx, err)
	}
	made := r
	if err != nil { // the answer may have been lost on its way
		err = k.explain(ctx, err)
	} else if read, bad := token.Parse(key.Reveal()); bad != nil || read.Kind != token.APIKey || read.Account != r.Account || read.ID != r.ID {
		err = refuse("see whether the address is that of Argo CD", "what Argo CD returned is not an API key with that account and id")
	} else {
		made.Token, made.Expires = key, read.Expires
	}
	if err == nil && secrets != nil {
		if err = made.write(ctx, secrets); errors.Is(err, ErrUnknown) {
			return r, k.unknown(r.Options)
		}
	}
	if err == nil && r.Deliver != nil {
		err = r.Deliver(made)
	}
	if errors.Is(err, ErrUnknown) { // the key may be in the Secret, so it must stay
		return r, err
	}
	if err != nil {
		return r, k.takeBack(ctx, session, r.Options, err)
	}
	return made, nil
}

// takeBack revokes the key that was made to no avail, and says so beside why.
func (k *Keys) takeBack(ctx context.Context, session auth.Secret, o Options, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	e := &Error{Reason: why.Error(), err: why}
	if known, ok := errors.AsType[*Error](why); ok {
		e.Hint = known.Hint
	}
	err := k.API.DeleteToken(ctx, session, o.Account, o.ID)
	switch {
	case err == nil:
		e.Reason += "; the API key was revoked again"
	case argocd.Status(err) == http.StatusNotFound:
		e.Reason += "; no API key was left behind"
	default:
		e.Reason += fmt.Sprintf("; API key %q of account %q may be left behind: %v", o.ID, o.Account, err)
		e.Hint = "revoke it, signing in as before: " + k.revoking(o)
	}
	return e
}

// revoking is the command that revokes the key.
func (k *Keys) revoking(o Options) string {
	return k.Place.Command("token revoke", "--account", o.Account, "--id", o.ID)
}
