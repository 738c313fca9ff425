//go:build cluster

package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/checkreport"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"github.com/helm-runtime-auth/runtime-auth/preflight/fleet"
)

// everywhere checks every Runtime, and hands over each report as it is done.
func (c *check) everywhere(ctx context.Context, core corev1client.CoreV1Interface, out *checkreport.Printer) error {
	for r, err := range fleet.Check(ctx, core, c.opts, c.env.Getenv("HELM_DRIVER")) {
		if err != nil {
			return err
		}
		if err := write(out.Report(r)); err != nil {
			return err
		}
	}
	return nil
}

func write(err error) error {
	if err != nil {
		return exit.Failedf("cannot write the report: %w", err)
	}
	return nil
}

// one checks one Runtime, and waits for it where that was asked for. Without values, it
// is the one that Helm has recorded.
func (c *check) one(ctx context.Context, core corev1client.CoreV1Interface) (preflight.Report, error) {
	opts, release := c.opts, ""
	if opts.Values == nil {
		recorded, err := c.recorded(ctx, core)
		if err != nil {
			return preflight.Report{}, err
		}
		release, opts.Values = recorded.Name, recorded.Values
		if opts.Lint.ChartVersion == nil {
			opts.Lint.ChartVersion = recorded.Lint.ChartVersion
		}
		if opts.Lint.Defaults == nil {
			opts.Lint.Defaults, opts.Lint.Scopes = recorded.Lint.Defaults, recorded.Lint.Scopes
		}
	}
	r, err := until(ctx, c.wait, c.env.Stderr, func() (preflight.Report, error) {
		opts.Lint.Now = time.Now()
		return preflight.Run(ctx, preflight.NewReader(core), opts)
	})
	r.Release = release
	return r, err
}

// recorded is the release in the namespace whose values are to be checked.
func (c *check) recorded(ctx context.Context, core corev1client.CoreV1Interface) (found fleet.Release, _ error) {
	var names []string
	for r, err := range fleet.Releases(ctx, core, c.opts.Namespace, c.env.Getenv("HELM_DRIVER")) {
		_, unreadable := errors.AsType[*fleet.UnreadableError](err)
		switch {
		case err != nil && !unreadable:
			return found, err
		case c.release != "" && c.release != r.Name: // somebody else's
		case unreadable:
			return found, hinted(exit.Failed, "say which release is meant with --release, or give the values with -f", "release %q: %w", r.Name, err)
		default:
			found, names = r, append(names, fmt.Sprintf("%q", r.Name))
		}
	}
	namespace := c.opts.Namespace
	switch {
	case len(names) == 1:
		return found, nil
	case len(names) > 1:
		return found, hinted(exit.Usage, "say which with --release, or give values with -f", "several Runtimes in namespace %q: %s", namespace, strings.Join(names, ", "))
	case c.release != "":
		return found, hinted(exit.Usage, "helm list shows the releases", "no Runtime is deployed as release %q in namespace %q", c.release, namespace)
	}
	return found, hinted(exit.Usage, "give the values with -f or --set, and the namespace with -n", "no values are given, and no Runtime is deployed in namespace %q", namespace)
}
