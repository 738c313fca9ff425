//go:build cluster

package fleet

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	firstPage = 20 // objects, before anything is known of their size
	maxPage   = 1000
	// pageBytes is about what a page may hold: a release can have 1 MiB, and then a
	// page of hundreds would take the memory that paging is to save.
	pageBytes = 8 << 20
	// maxExpiries is how often in a row a list may expire before it gets anywhere.
	maxExpiries = 3
)

// object is a kind of the core API.
type object[T any] interface {
	*T
	GetNamespace() string
	GetName() string
	Size() int
}

// lister asks for one page, and returns the token with which the next is asked for.
type lister[T any] func(ctx context.Context, opts metav1.ListOptions) (items []T, next string, _ error)

// pager reads a list page by page. Objects come in the order of their keys in etcd,
// which is what paging in Kubernetes rests on: a page goes on behind the last key of
// the one before.
type pager[T any, P object[T]] struct {
	list lister[T]
	opts metav1.ListOptions
	// trim takes from an object what nobody will ask for; nil leaves all.
	trim func(P)

	page     []T
	last     key
	begun    bool
	over     bool
	expiries int
	err      error
}

// newPager returns a pager of what the selectors choose; "" chooses all.
func newPager[T any, P object[T]](list lister[T], labels, fields string, trim func(P)) *pager[T, P] {
	return &pager[T, P]{list: list, trim: trim, opts: metav1.ListOptions{LabelSelector: labels, FieldSelector: fields, Limit: firstPage}}
}

// next returns the next object, nil behind the last one. It ends with the first error.
func (p *pager[T, P]) next(ctx context.Context) (P, error) {
	for p.err == nil && (len(p.page) > 0 || !p.over) {
		if len(p.page) == 0 {
			p.err = p.read(ctx)
			continue
		}
		o := P(&p.page[0])
		p.page = p.page[1:]
		at := keyOf(o)
		if p.begun && at.compare(p.last) <= 0 {
			continue // seen before the list expired
		}
		p.begun, p.last, p.expiries = true, at, 0
		return o, nil
	}
	return nil, p.err
}

// read asks for a page. A list that has expired, because the API server has cleaned
// up the state it was of, goes on with the present state.
func (p *pager[T, P]) read(ctx context.Context) error {
	items, next, err := p.list(ctx, p.opts)
	if err != nil && (apierrors.IsResourceExpired(err) || apierrors.IsGone(err)) && p.opts.Continue != "" {
		if p.expiries++; p.expiries > maxExpiries {
			return fmt.Errorf("the list expires faster than it can be read: %w", err)
		}
		p.opts.Continue = resume(err)
		return nil
	}
	if err != nil {
		return err
	}
	p.opts.Continue, p.over = next, next == ""
	size := 0
	for i := range items {
		o := P(&items[i])
		size += o.Size()
		if p.trim != nil {
			p.trim(o)
		}
	}
	if size > 0 {
		p.opts.Limit = min(max(int64(pageBytes/(size/len(items)+1)), 1), maxPage)
	}
	slices.SortFunc(items, func(a, b T) int { return keyOf(P(&a)).compare(keyOf(P(&b))) })
	p.page = items
	return nil
}

// resume returns the token with which the API server lets an expired list go on, ""
// for the beginning.
func resume(expired error) string {
	if status, ok := expired.(apierrors.APIStatus); ok {
		return status.Status().Continue
	}
	return ""
}

// key is where an object stands in the order of a list.
type key struct{ namespace, name string }

func keyOf[T any, P object[T]](o P) key { return key{o.GetNamespace(), o.GetName()} }

// compare orders keys as etcd does, where they are NAMESPACE/NAME.
func (k key) compare(other key) int {
	return cmp.Or(compareNamespaces(k.namespace, other.namespace), strings.Compare(k.name, other.name))
}

// compareNamespaces puts "team-a" before "team": "-" comes before the slash.
func compareNamespaces(a, b string) int { return strings.Compare(a+"/", b+"/") }
