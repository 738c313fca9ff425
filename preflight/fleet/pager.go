//go:build cluster

package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
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

// object is one of the core API.
type object interface {
	metav1.Object
	Size() int
}

// list is a page of objects.
type list interface {
	runtime.Object
	GetContinue() string
}

// lister asks for one page.
type lister func(context.Context, metav1.ListOptions) (list, error)

// listing makes a lister of a typed client's List.
func listing[L list](typed func(context.Context, metav1.ListOptions) (L, error)) lister {
	return func(ctx context.Context, opts metav1.ListOptions) (list, error) { return typed(ctx, opts) }
}

// pager reads a list page by page. Objects come in the order of their keys in etcd,
// which is what paging in Kubernetes rests on: a page goes on behind the last key of
// the one before.
type pager struct {
	list lister
	opts metav1.ListOptions

	page     []object
	last     string // key of the object before
	over     bool
	expiries int
	err      error
}

// newPager returns a pager of what the selectors choose; "" chooses all.
func newPager(list lister, labels, fields string) *pager {
	return &pager{list: list, opts: metav1.ListOptions{LabelSelector: labels, FieldSelector: fields, Limit: firstPage}}
}

// next returns the next object, nil behind the last one.
func (p *pager) next(ctx context.Context) (object, error) {
	o, err := p.peek(ctx)
	if o != nil {
		p.page, p.last, p.expiries = p.page[1:], keyOf(o), 0
	}
	return o, err
}

// peek is next without going on. The first error is the last: it comes again.
func (p *pager) peek(ctx context.Context) (object, error) {
	for p.err == nil && len(p.page) == 0 && !p.over {
		p.err = p.read(ctx)
	}
	if p.err != nil || len(p.page) == 0 {
		return nil, p.err
	}
	return p.page[0], nil
}

// read asks for a page. A list that has expired, because the API server has cleaned
// up the state it was of, goes on with the present state.
func (p *pager) read(ctx context.Context) error {
	l, err := p.list(ctx, p.opts)
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
	p.opts.Continue, p.over = l.GetContinue(), l.GetContinue() == ""
	size, count := 0, 0
	err = meta.EachListItem(l, func(item runtime.Object) error {
		o, ok := item.(object)
		if !ok {
			return fmt.Errorf("a list has a %T in it", item)
		}
		size, count = size+o.Size(), count+1
		o.SetManagedFields(nil) // most of an object, and no check looks at it
		if keyOf(o) > p.last {  // else it was seen before the list expired
			p.page = append(p.page, o)
		}
		return nil
	})
	if size > 0 {
		p.opts.Limit = min(max(int64(pageBytes/(size/count+1)), 1), maxPage)
	}
	slices.SortFunc(p.page, func(a, b object) int { return strings.Compare(keyOf(a), keyOf(b)) })
	return err
}

// resume returns the token with which the API server lets an expired list go on, ""
// for the beginning.
func resume(expired error) string {
	var status apierrors.APIStatus
	if errors.As(expired, &status) {
		return status.Status().Continue
	}
	return ""
}

// keyOf is an object's key in etcd, as far as it matters for the order of a list: "team-a"
// comes before "team", because "-" comes before the slash.
func keyOf(o object) string { return key(o.GetNamespace(), o.GetName()) }

func key(namespace, name string) string { return namespace + "/" + name }
