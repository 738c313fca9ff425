//go:build cluster

package fleet

import "context"

// cursor goes through a list along with the Runtimes, namespace by namespace, and
// holds the objects of only one: so what a run takes does not grow with the cluster.
// It never goes back; releases come in the same order.
type cursor[T any, P object[T]] struct {
	pager     *pager[T, P]
	namespace string // where it is; "" before the first
	here      map[string]P
	ahead     P // the first object of a later namespace
}

// find returns an object, nil if there is none.
func (c *cursor[T, P]) find(ctx context.Context, namespace, name string) (P, error) {
	if namespace != c.namespace {
		if err := c.advance(ctx, namespace); err != nil {
			return nil, err
		}
	}
	return c.here[name], nil
}

// advance goes to a namespace. Having failed, it fails again.
func (c *cursor[T, P]) advance(ctx context.Context, namespace string) error {
	here := map[string]P{}
	for {
		o := c.ahead
		if c.ahead = nil; o == nil {
			var err error
			if o, err = c.pager.next(ctx); err != nil {
				return err
			}
		}
		if o == nil {
			break
		}
		order := compareNamespaces(o.GetNamespace(), namespace)
		if order > 0 {
			c.ahead = o
			break
		}
		if order == 0 {
			here[o.GetName()] = o
		}
	}
	c.namespace, c.here = namespace, here
	return nil
}
