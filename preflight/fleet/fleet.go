//go:build cluster

package fleet

import (
	"context"
	"errors"
	"fmt"
	"iter"

	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Release is a Runtime that Helm has deployed.
type Release struct {
	Name, Namespace string
	// Chart is the version of the Runtime's chart; zero where the record does not tell,
	// as of an umbrella chart that asks for a range and has no lock.
	Chart schema.ChartVersion
	// Values are those that were given to Helm, without the chart's defaults; of an
	// umbrella chart those that it hands down to the Runtime.
	Values *values.Values
	// Lint holds what the release says about how its values are to be linted: the
	// version of the chart, and its defaults.
	Lint schema.Options
}

// Option says how Helm is set up.
type Option func(*options)

type options struct{ driver string }

// Driver names Helm's storage as the variable HELM_DRIVER does: secret, which is
// also meant by "", or configmap.
func Driver(name string) Option { return func(o *options) { o.driver = name } }

func newOptions(opts []Option) options {
	var o options
	for _, set := range opts {
		set(&o)
	}
	return o
}

// UnreadableError says that the record of one release cannot be read. The others
// can be all the same.
type UnreadableError struct {
	Reason string // what is wrong with the record; it quotes nothing of it
}

// Error says what is wrong with the record.
func (e *UnreadableError) Error() string { return "the record of Helm cannot be read: " + e.Reason }

// Check checks every Runtime of the cluster with the values that Helm has recorded
// for it. Of opts, Live, Lint.Now and Lint.ArgoCD count. A release whose record cannot
// be read has a Report with nothing but that in it. The first error is the last.
//
// What is not the Runtime's own is read across namespaces, and held only as long as
// Runtimes of that namespace come. So the right to list is needed for all namespaces;
// checks for which it is missing are skipped.
func Check(ctx context.Context, c corev1client.CoreV1Interface, opts preflight.Options, from ...Option) iter.Seq2[preflight.Report, error] {
	return func(yield func(preflight.Report, error) bool) {
		shared := newCluster(c)
		for release, err := range Releases(ctx, c, "", from...) {
			report, err := check(ctx, shared, opts, release, err)
			if !yield(report, err) || err != nil {
				return
			}
		}
	}
}

func check(ctx context.Context, c preflight.Cluster, opts preflight.Options, release Release, err error) (preflight.Report, error) {
	var unreadable *UnreadableError
	if errors.As(err, &unreadable) {
		return preflight.Report{Namespace: release.Namespace, Release: release.Name, Results: []preflight.Result{{
			ID: preflight.CheckValues, Status: preflight.Skipped, Seen: unreadable.Error(),
			Advice: fmt.Sprintf("see whether Helm can read it: helm get values %s -n %s", release.Name, release.Namespace),
		}}}, nil
	}
	if err != nil {
		return preflight.Report{}, err
	}
	opts.Values, opts.Namespace = release.Values, release.Namespace
	opts.Lint.ChartVersion, opts.Lint.Defaults, opts.Lint.Scopes = release.Lint.ChartVersion, release.Lint.Defaults, release.Lint.Scopes
	report, err := preflight.Run(ctx, c, opts)
	report.Release = release.Name
	if err != nil {
		return preflight.Report{}, fmt.Errorf("cannot check release %q in namespace %q: %w", release.Name, release.Namespace, err)
	}
	return report, nil
}
