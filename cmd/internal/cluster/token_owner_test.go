//go:build cluster

package cluster

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
)

// TestTokenOwner: who makes a key hears what may undo it, and in a dry run that this could not be looked at.
func TestTokenOwner(t *testing.T) {
	for _, args := range [][]string{{}, {"--dry-run"}} {
		args = append([]string{"create", "--account", "ci"}, args...)
		b := newBench(t)
		if o := b.token(t, args...).quiet(t).ended(t, exit.OK); strings.Contains(o.stderr, "managed by") || strings.Contains(o.stderr, "not checked") {
			t.Errorf("%v: a warning without a reason:\n%s", args, o.stderr)
		}
		b = newBench(t)
		b.secrets["argocd-secret"] = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
			Name: "argocd-secret", OwnerReferences: []metav1.OwnerReference{{Kind: "SealedSecret", Name: "sealed"}},
		}}
		b.token(t, args...).quiet(t).ended(t, exit.OK, `warning: Secret "argocd-secret" is managed by SealedSecret "sealed": API keys`, "hint: annotate the Secret")

		b = newBench(t)
		b.refuse = []string{"argocd-secret"}
		o := b.token(t, args...).quiet(t).ended(t, exit.OK)
		const unknown = `not checked whether something else manages what Argo CD keeps: no permission to get secrets "argocd-secret" in namespace "argocd"`
		if isDry := len(args) == 4; isDry != strings.Contains(o.stderr, unknown) {
			t.Errorf("%v:\n%s", args, o.stderr)
		}
	}
}
