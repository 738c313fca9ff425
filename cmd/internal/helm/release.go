package helm

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Revision is an entry in a release's history.
type Revision struct {
	Revision int    `json:"revision"`
	Status   string `json:"status"`
}

// History returns the revisions of the release that l names, the newest last; none if
// there is no such release.
func (c Client) History(ctx context.Context, l *Line) ([]Revision, error) {
	out, err := c.release(ctx, l, "history", "--output=json", "--max="+strconv.Itoa(math.MaxInt32))
	if err != nil {
		// With HELM_DEBUG there is more in the lines that follow. It is driver.ErrReleaseNotFound of both Helms.
		if reason, _, _ := strings.Cut(err.Error(), "\n"); reason == "release: not found" {
			return nil, nil
		}
		return nil, err
	}
	var all []Revision
	if err := json.Unmarshal(out, &all); err != nil {
		return nil, fmt.Errorf("cannot read the history that helm prints: %w", err)
	}
	slices.SortFunc(all, func(a, b Revision) int { return a.Revision - b.Revision })
	return all, nil
}

// Current returns the revision whose values helm takes for an upgrade (prepareUpgrade in
// pkg/action/upgrade.go of both Helms), and false where helm will refuse to upgrade.
func Current(history []Revision) (revision int, ok bool) {
	if len(history) == 0 {
		return 0, false
	}
	last := history[len(history)-1]
	if strings.HasPrefix(last.Status, "pending-") {
		return 0, false
	}
	for _, r := range slices.Backward(history) {
		if r.Status == "deployed" {
			return r.Revision, true
		}
	}
	return last.Revision, last.Status == "failed" || last.Status == "superseded"
}

// Uninstalled reports whether `upgrade --install` takes a release for one that is not
// there (isReleaseUninstalled of both Helms). Helm looks at the last record as the
// storage has them, in the order of their names: v9 comes behind v10. An error says that
// this is another record than the newest, and that the two do not agree.
func Uninstalled(history []Revision) (bool, error) {
	if len(history) == 0 {
		return true, nil
	}
	newest := history[len(history)-1]
	last := slices.MaxFunc(history, func(a, b Revision) int {
		return strings.Compare(strconv.Itoa(a.Revision), strconv.Itoa(b.Revision))
	})
	gone := newest.Status == "uninstalled"
	if gone != (last.Status == "uninstalled") {
		return false, fmt.Errorf("revision %d is %s and revision %d is %s, and helm takes one or the other for the newest",
			newest.Revision, newest.Status, last.Revision, last.Status)
	}
	return gone, nil
}

// Values returns the values of a revision as YAML: those that were given for it, or with
// all also the defaults of its chart. Revision 0 is the newest.
func (c Client) Values(ctx context.Context, l *Line, revision int, all bool) ([]byte, error) {
	args := []string{"get", "values", "--output=yaml", "--revision=" + strconv.Itoa(revision)}
	if all {
		args = append(args, "--all")
	}
	return c.release(ctx, l, args...)
}

// release asks helm about the release that l names, in the cluster and the namespace
// that l means.
func (c Client) release(ctx context.Context, l *Line, args ...string) ([]byte, error) {
	where := l.Only("burst-limit", "kube-apiserver", "kube-as-group", "kube-as-user", "kube-ca-file", "kube-context",
		"kube-insecure-skip-tls-verify", "kube-tls-server-name", "kube-token", "kubeconfig", "namespace", "qps")
	out, err := c.output(ctx, slices.Concat(args, where, []string{"--", l.Positional[0]})...)
	if err != nil {
		return nil, c.hide(err, l)
	}
	return out, nil
}

// Reuse is what of the last release's values helm lays beneath the given ones.
type Reuse int

// What helm reuses.
const (
	ReuseNothing Reuse = iota
	ReuseIfEmpty       // the values that were given for it, if none are given now
	ReuseGiven         // the values that were given for it
	ReuseAll           // the values that were given for it, and the defaults of its chart
)

// Reuse tells what `helm upgrade` will do (reuseValues in pkg/action/upgrade.go of both
// Helms), and what helm-diff does: it gives helm the last release's values as a first
// values file (template in cmd/helm3.go of helm-diff 3.9, cmd/helm.go of 3.15).
func (l *Line) Reuse() Reuse {
	isDiff := l.Command == DiffUpgrade
	asksCluster := !isDiff || slices.Contains([]string{"", "false", "server"}, l.Last("dry-run"))
	switch {
	case !isDiff && l.Command != Upgrade || l.Is("reset-values") || !asksCluster:
		return ReuseNothing
	case l.Is("reuse-values"):
		return ReuseAll
	case l.Is("reset-then-reuse-values"):
		return ReuseGiven
	case !isDiff:
		return ReuseIfEmpty
	case l.Values().IsEmpty():
		return ReuseAll
	}
	return ReuseNothing
}

// Coalesce lays user over old as helm does with the values of the last release
// (CoalesceTables in pkg/chartutil of Helm 3.22, pkg/chart/common/util of Helm 4.3): a
// null takes a value of old away, and itself with it, so that the chart's default is
// back. Neither is changed.
func Coalesce(user, old map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, old)
	for key, value := range user {
		if value == nil && old[key] != nil {
			delete(out, key)
			continue
		}
		above, isMap := value.(map[string]any)
		if below, ok := old[key].(map[string]any); ok && isMap {
			value = Coalesce(above, below)
		}
		out[key] = value
	}
	return out
}
