//go:build cluster

package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/checkreport"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/preflight/fleet"
)

// reports checks what was asked for, and hands over each report as it is done.
func (c *check) reports(ctx context.Context, conn connection, out *checkreport.Printer) error {
	if c.all {
		return c.everywhere(ctx, conn, out)
	}
	opts := c.opts
	release := ""
	if opts.Values == nil {
		recorded, err := c.recorded(ctx, conn)
		if err != nil {
			return err
		}
		release = recorded.Name
		opts.Values = recorded.Values
		if opts.Lint.ChartVersion == nil {
			opts.Lint.ChartVersion = recorded.Lint.ChartVersion
		}
		if opts.Lint.Defaults == nil {
			opts.Lint.Defaults, opts.Lint.Scopes = recorded.Lint.Defaults, recorded.Lint.Scopes
		}
	}
	r, err := c.one(ctx, conn, opts)
	if err != nil {
		return err
	}
	r.Release = release
	return write(out.Report(r))
}

func write(err error) error {
	if err != nil {
		return exit.Failedf("cannot write the report: %w", err)
	}
	return nil
}

func (c *check) everywhere(ctx context.Context, conn connection, out *checkreport.Printer) error {
	core, err := conn.core()
	if err != nil {
		return err
	}
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

// recorded is the release in the namespace whose values are to be checked.
func (c *check) recorded(ctx context.Context, conn connection) (fleet.Release, error) {
	core, err := conn.core()
	if err != nil {
		return fleet.Release{}, err
	}
	var found []fleet.Release
	var names []string
	for r, err := range fleet.Releases(ctx, core, conn.namespace, c.env.Getenv("HELM_DRIVER")) {
		var unreadable *fleet.UnreadableError
		switch {
		case errors.As(err, &unreadable) && c.release != "" && c.release != r.Name:
			continue // somebody else's
		case errors.As(err, &unreadable):
			return fleet.Release{}, &exit.Error{Code: exit.Failed, Err: fmt.Errorf("release %q: %w", r.Name, err), Hint: "say which release is meant with --release, or give the values with -f"}
		case err != nil:
			return fleet.Release{}, err
		}
		if c.release == "" || r.Name == c.release {
			found, names = append(found, r), append(names, fmt.Sprintf("%q", r.Name))
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return fleet.Release{}, &exit.Error{Code: exit.Usage, Err: fmt.Errorf("several Runtimes in namespace %q: %s", conn.namespace, strings.Join(names, ", ")),
			Hint: "say which with --release, or give values with -f"}
	case c.release != "":
		return fleet.Release{}, &exit.Error{Code: exit.Usage, Err: fmt.Errorf("no Runtime is deployed as release %q in namespace %q", c.release, conn.namespace),
			Hint: "helm list shows the releases"}
	}
	return fleet.Release{}, &exit.Error{Code: exit.Usage, Err: fmt.Errorf("no values are given, and no Runtime is deployed in namespace %q", conn.namespace),
		Hint: "give the values with -f or --set, and the namespace with -n"}
}

// hintFor says what to do about an error of the cluster.
func hintFor(err error) string {
	var dial *net.OpError
	var call *url.Error
	var status apierrors.APIStatus
	switch {
	case apierrors.IsUnauthorized(err):
		return "the cluster does not know who you are: sign in anew"
	case apierrors.IsForbidden(err):
		return "ask for this permission, or run as somebody who has it"
	case errors.As(err, &dial):
		return "the cluster cannot be reached: " + hintKubeconfig
	case errors.As(err, &call) && call.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "the cluster does not answer: allow it more time with --timeout, or " + hintKubeconfig
	case errors.As(err, &status):
		return "see whether the API server is well"
	}
	return hintKubeconfig
}
