//go:build cluster

// Package page reads lists of a cluster page by page, within a size in bytes.
package page

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
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

// Object is one of Kubernetes' own APIs.
type Object interface {
	metav1.Object
	Size() int
}

// List is a page of objects.
type List interface {
	runtime.Object
	GetContinue() string
}

// Lister asks for one page.
type Lister func(context.Context, metav1.ListOptions) (List, error)

// Listing makes a Lister of a typed client's List.
func Listing[L List](typed func(context.Context, metav1.ListOptions) (L, error)) Lister {
	return func(ctx context.Context, opts metav1.ListOptions) (List, error) { return typed(ctx, opts) }
}

// Pager reads a list page by page. Objects come in the order of their keys in etcd,
// which is what paging in Kubernetes rests on: a page goes on behind the last key of
// the one before.
type Pager struct {
	list Lister
	opts metav1.ListOptions

	page     []Object
	last     string // key of the object before
	over     bool
	expiries int
	err      error
}

// New returns a Pager of what the selectors choose; "" chooses all.
func New(list Lister, labels, fields string) *Pager {
	return &Pager{list: list, opts: metav1.ListOptions{LabelSelector: labels, FieldSelector: fields, Limit: firstPage}}
}

// All returns what is left. The first error is the last.
func (p *Pager) All(ctx context.Context) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for {
			o, err := p.Next(ctx)
			if o == nil && err == nil || !yield(o, err) || err != nil {
				return
			}
		}
	}
}

// Next returns the next object, nil behind the last one.
func (p *Pager) Next(ctx context.Context) (Object, error) {
	o, err := p.Peek(ctx)
	if o != nil {
		p.page, p.last, p.expiries = p.page[1:], keyOf(o), 0
	}
	return o, err
}

// Peek is Next without going on. The first error is the last: it comes again.
func (p *Pager) Peek(ctx context.Context) (Object, error) {
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
func (p *Pager) read(ctx context.Context) error {
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
		o, ok := item.(Object)
		if !ok {
			return fmt.Errorf("a list has a %T in it", item)
		}
		size, count = size+o.Size(), count+1
		if _, ok := o.(*corev1.Secret); !ok { // of a Secret they tell when it was changed
			o.SetManagedFields(nil) // most of an object, and no check looks at it
		}
		if keyOf(o) > p.last { // else it was seen before the list expired
			p.page = append(p.page, o)
		}
		return nil
	})
	if size > 0 {
		p.opts.Limit = min(max(int64(pageBytes/(size/count+1)), 1), maxPage)
	}
	slices.SortFunc(p.page, func(a, b Object) int { return strings.Compare(keyOf(a), keyOf(b)) })
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

func keyOf(o Object) string { return Key(o.GetNamespace(), o.GetName()) }

// Key is an object's key in etcd, as far as it matters for the order of a list: "team-a"
// comes before "team", because "-" comes before the slash.
func Key(namespace, name string) string { return namespace + "/" + name }
