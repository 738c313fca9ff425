//go:build cluster

// Package fleet checks all Runtimes of a cluster. It finds them by the records that
// Helm keeps of what it has installed, and reads what the checks need across
// namespaces in pages instead of object by object, so that many Runtimes take few
// requests.
package fleet

import (
	"context"
	"errors"
	"fmt"
	"iter"

	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
)

// Check checks every Runtime of the cluster with the values that Helm has recorded
// for it. driver is that of Releases. Of opts, NoLive, ArgoCD, Lint.Now and Lint.ArgoCD count. A
// release whose record cannot be read has a Report with nothing but that in it. The
// first error is the last.
//
// What is not the Runtime's own is read across namespaces, and held only as long as
// Runtimes of that namespace come. So the right to list is needed for all namespaces;
// checks for which it is missing are skipped.
func Check(ctx context.Context, c corev1client.CoreV1Interface, opts preflight.Options, driver string) iter.Seq2[preflight.Report, error] {
	return func(yield func(preflight.Report, error) bool) {
		shared := newCluster(c)
		for release, err := range Releases(ctx, c, "", driver) {
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
			Advice: "see whether Helm can read it: " + shell.Words("helm", "get", "values", release.Name, "-n", release.Namespace),
		}}}, nil
	}
	if err != nil {
		return preflight.Report{}, err
	}
	opts.Values, opts.Namespace = release.Values, release.Namespace
	opts.Lint.ChartVersion, opts.Lint.Defaults, opts.Lint.Scopes = release.Lint.ChartVersion, release.Lint.Defaults, release.Lint.Scopes
	report, err := preflight.Run(ctx, c, opts)
	if err != nil {
		return preflight.Report{}, fmt.Errorf("cannot check release %q in namespace %q: %w", release.Name, release.Namespace, err)
	}
	report.Release = release.Name
	return report, nil
}
