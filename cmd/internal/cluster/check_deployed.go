//go:build cluster

package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/dynamic"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/kube"
	"github.com/helm-runtime-auth/runtime-auth/preflight/declared"
	"github.com/helm-runtime-auth/runtime-auth/preflight/fleet"
	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// deployment is where the values of a Runtime were found.
type deployment struct {
	fleet.Release
	release string // of Helm; "" where there is none
	object  string // of a GitOps engine; "" where it is none
}

// deployed is the Runtime in the namespace whose values are to be checked: of the records
// of Helm, or where those have none, of the objects of GitOps engines.
func (c *check) deployed(ctx context.Context, cluster *connection) (deployment, error) {
	recorded, names, err := c.recorded(ctx, cluster)
	unreadable := err
	if err != nil && (!apierrors.IsForbidden(err) || c.release != "") {
		return deployment{}, err
	}
	namespace := c.opts.Namespace
	switch {
	case len(names) == 1:
		return deployment{Release: recorded, release: recorded.Name}, nil
	case len(names) > 1:
		return deployment{}, exit.Hinted(exit.Usage, "choose one with --release, or give values with -f", "several Runtimes in namespace %q: %s", namespace, strings.Join(names, ", "))
	case c.release != "":
		return deployment{}, exit.Hinted(exit.Usage, "list the releases: "+shell.Words("helm", "list", "-n", namespace), "no Runtime is deployed as release %q in namespace %q", c.release, namespace)
	}
	objects, err := dynamic.NewForConfig(cluster.config)
	if err != nil {
		return deployment{}, kube.Unusable(err)
	}
	found, refused, err := declared.Find(ctx, objects, namespace)
	switch {
	case err != nil:
		return deployment{}, err
	case len(found) == 0 && unreadable != nil:
		return deployment{}, unreadable
	case len(found) == 0:
		hint := "give the values with -f or --set, and the namespace with -n"
		if len(refused) > 0 {
			hint += "; there was no permission to " + strings.Join(refused, " and to ")
		}
		return deployment{}, exit.Hinted(exit.Usage, hint, "no values are given, and no Runtime is deployed in namespace %q: Helm has no record, and no Application or HelmRelease installs one there", namespace)
	case len(found) > 1:
		names := []string{}
		for _, r := range found {
			names = append(names, r.Object)
		}
		slices.Sort(names)
		return deployment{}, exit.Hinted(exit.Usage, "give the values of one with -f", "several Runtimes in namespace %q: %s", namespace, strings.Join(names, ", "))
	}
	r := found[0]
	if r.Values == nil {
		return deployment{}, exit.Hinted(exit.Usage, "give the values as Helm gets them with -f", "%s installs the Runtime, but %s", r.Object, r.Why())
	}
	if len(r.Elsewhere) > 0 {
		if err := c.Say("warning: %s takes more values from %s, which were not read", r.Object, strings.Join(r.Elsewhere, " and ")); err != nil {
			return deployment{}, exit.Failedf("%w", err)
		}
	}
	return deployment{object: r.Object, Release: fleet.Release{Namespace: namespace, Values: r.Values, Lint: schema.Options{ChartVersion: r.Version, Scopes: r.Scopes}}}, nil
}

// recorded returns the last Runtime in the namespace that Helm has recorded, or that of
// --release, and the names of all of them in quotes.
func (c *check) recorded(ctx context.Context, cluster *connection) (found fleet.Release, names []string, _ error) {
	for r, err := range fleet.Releases(ctx, cluster.core, c.opts.Namespace, c.Getenv("HELM_DRIVER")) {
		_, unreadable := errors.AsType[*fleet.UnreadableError](err)
		switch {
		case err != nil && !unreadable:
			return found, names, err
		case c.release != "" && c.release != r.Name: // somebody else's
		case unreadable:
			return found, names, exit.Hinted(exit.Failed, "choose a release with --release, or give the values with -f", "release %q: %w", r.Name, err)
		default:
			found, names = r, append(names, fmt.Sprintf("%q", r.Name))
		}
	}
	return found, names, nil
}
