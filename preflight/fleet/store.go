//go:build cluster

package fleet

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/helm-runtime-auth/runtime-auth/preflight/page"
)

const (
	// maxNames is how many names are asked for in all namespaces at once. An API
	// server before 1.31 goes through all objects for each of these lists.
	maxNames = 12
	// maxGets is how many objects are asked for one by one before it is cheaper to
	// read through all there are.
	maxGets = 64
)

// store answers for single objects of one kind from lists over all namespaces. A
// name that several Runtimes refer to takes one list; if every Runtime has names of
// its own, all objects are read in pages.
type store struct {
	resource string // as in errors: secrets
	list     page.Lister
	get      func(ctx context.Context, namespace, name string) (page.Object, error)

	byName map[string]*cursor
	most   int // how many of these there may be
	gets   int
	sweep  *cursor // through all there are
}

// newStore returns a store that lists the common names in any case. get asks for one
// object, and all is the field selector of what a reading of all has to look at.
func newStore[T page.Object](resource string, list page.Lister, get func(ctx context.Context, namespace, name string) (T, error), all string, common ...string) *store {
	s := &store{
		resource: resource, list: list, byName: map[string]*cursor{}, most: maxNames + len(common), sweep: &cursor{pager: page.New(list, "", all)},
		get: func(ctx context.Context, namespace, name string) (page.Object, error) {
			return get(ctx, namespace, name)
		},
	}
	for _, name := range common {
		s.byName[name] = s.named(name)
	}
	return s
}

func (s *store) named(name string) *cursor {
	return &cursor{pager: page.New(s.list, "", fields.OneTermEqualSelector("metadata.name", name).String())}
}

// find returns an object or the error of the API server, which is NotFound if there
// is none. A list that is refused is so for every object in it.
func (s *store) find(ctx context.Context, namespace, name string) (page.Object, error) {
	c := s.byName[name]
	switch {
	case c != nil:
	case len(s.byName) < s.most:
		c = s.named(name)
		s.byName[name] = c
	case s.gets < maxGets:
		s.gets++
		return s.get(ctx, namespace, name)
	default:
		c = s.sweep
	}
	o, err := c.find(ctx, namespace, name)
	if err == nil && o == nil {
		err = apierrors.NewNotFound(corev1.Resource(s.resource), name)
	}
	return o, err
}

// cursor goes through a list along with the Runtimes, namespace by namespace, and
// holds the objects of only one: so what a run takes does not grow with the cluster.
// It never goes back; releases come in the same order.
type cursor struct {
	pager     *page.Pager
	namespace string // where it is; "" before the first
	here      map[string]page.Object
}

// find returns an object, nil if there is none. Having failed, it fails again.
func (c *cursor) find(ctx context.Context, namespace, name string) (page.Object, error) {
	if err := c.move(ctx, namespace); err != nil {
		return nil, err
	}
	return c.here[name], nil
}

// move goes on to a namespace.
func (c *cursor) move(ctx context.Context, namespace string) error {
	if namespace == c.namespace {
		return nil
	}
	here := map[string]page.Object{}
	for {
		o, err := c.pager.Peek(ctx)
		if err != nil {
			return err
		}
		if o == nil || page.Key(o.GetNamespace(), "") > page.Key(namespace, "") {
			c.namespace, c.here = namespace, here
			return nil
		}
		if o.GetNamespace() == namespace {
			here[o.GetName()] = o
		}
		if _, err := c.pager.Next(ctx); err != nil {
			return err
		}
	}
}

// whole is all of a list, for what is small and needed in any order.
type whole struct {
	pager   *page.Pager
	objects []page.Object
}

// read reads the list, when it is first called.
func (w *whole) read(ctx context.Context) ([]page.Object, error) {
	for {
		o, err := w.pager.Next(ctx)
		if o == nil {
			return w.objects, err
		}
		w.objects = append(w.objects, o)
	}
}
