//go:build cluster

package consumer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// Holder is a key of a Secret that holds an API key of Argo CD, with what reads it.
type Holder struct {
	Ref
	Workloads []Workload `json:"workloads"`
}

// Pods returns how many pods read it.
func (h Holder) Pods() (n int) {
	for _, w := range h.Workloads {
		n += len(w.Pods)
	}
	return n
}

// Holders are those of the API keys of one account.
type Holders struct {
	ByID map[string][]Holder // by the id of the API key
	// Outdated have read a Secret before it got the API key that it holds: they may go on
	// with any older one.
	Outdated []Outdated
	// Unseen is what RBAC did not allow to look at; without Secrets nothing is known.
	Unseen []Unseen
}

// HoldersOf looks in a namespace, or in all where that is "", for who holds the API keys of
// an account. Keys are told by account and id: the same in two Argo CDs look the same. The
// values of Secrets are decoded for that and not kept. The error is any of the API server's but
// that it is forbidden.
func HoldersOf(ctx context.Context, from Source, namespace, account string) (all Holders, _ error) {
	all.ByID = map[string][]Holder{}
	secrets, ids := map[Ref]*corev1.Secret{}, map[Ref]string{}
	var refs []Ref
	for o, err := range from.List(ctx, Secrets, namespace) {
		if apierrors.IsForbidden(err) {
			all.Unseen = []Unseen{{Secrets, namespace}}
			return all, nil
		}
		if err != nil {
			return all, fmt.Errorf("cannot list secrets in the cluster: %w", err)
		}
		s, _ := o.(*corev1.Secret)
		for key, value := range s.Data {
			if k, ok := apiKey(value); ok && k.Account == account {
				ref := Ref{s.Namespace, s.Name, key}
				refs, ids[ref], secrets[ref] = append(refs, ref), k.ID, s
			}
		}
	}
	if len(refs) == 0 {
		return all, nil
	}
	slices.SortFunc(refs, Ref.compare)
	found, err := Find(ctx, from, namespace, refs...)
	all.Unseen = found.Unseen
	for _, ref := range refs {
		h := Holder{Ref: ref}
		for _, w := range found.Workloads {
			if w.Ref == ref {
				h.Workloads = append(h.Workloads, w)
			}
		}
		all.ByID[ids[ref]] = append(all.ByID[ids[ref]], h)
		all.Outdated = append(all.Outdated, OutdatedOf(h.Workloads, secrets[ref])...)
	}
	return all, err
}

// apiKey decodes what a Secret holds.
func apiKey(value []byte) (token.Token, bool) {
	text := strings.TrimSpace(string(value))
	if !token.IsShaped(text) {
		return token.Token{}, false
	}
	k, err := token.Parse(text)
	if err != nil || k.Kind != token.APIKey {
		return token.Token{}, false
	}
	return k, true
}
