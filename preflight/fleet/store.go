//go:build cluster

package fleet

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"
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
type store[T any, P object[T]] struct {
	resource string // as in errors: secrets
	list     lister[T]
	get      func(ctx context.Context, namespace, name string) (P, error)
	trim     func(P)
	common   []string // names that are always worth a list
	all      string   // field selector of what a reading of all has to look at

	lists map[string]*cursor[T, P]
	rare  int // how many of lists are not common
	gets  int
	sweep *cursor[T, P]
}

// find returns an object or the error of the API server, which is NotFound if there
// is none. A list that is refused is so for every object in it.
func (s *store[T, P]) find(ctx context.Context, namespace, name string) (P, error) {
	c := s.cursor(name)
	if c == nil {
		s.gets++
		return s.get(ctx, namespace, name)
	}
	o, err := c.find(ctx, namespace, name)
	if err == nil && o == nil {
		err = apierrors.NewNotFound(corev1.Resource(s.resource), name)
	}
	return o, err
}

// cursor returns the list in which to look for a name, nil for none.
func (s *store[T, P]) cursor(name string) *cursor[T, P] {
	if c := s.lists[name]; c != nil {
		return c
	}
	common := slices.Contains(s.common, name)
	switch {
	case common || s.rare < maxNames:
		if !common {
			s.rare++
		}
		if s.lists == nil {
			s.lists = map[string]*cursor[T, P]{}
		}
		c := s.open(fields.OneTermEqualSelector("metadata.name", name).String())
		s.lists[name] = c
		return c
	case s.gets < maxGets:
		return nil
	case s.sweep == nil:
		s.sweep = s.open(s.all)
	}
	return s.sweep
}

func (s *store[T, P]) open(selector string) *cursor[T, P] {
	return &cursor[T, P]{pager: newPager(s.list, "", selector, s.trim)}
}
