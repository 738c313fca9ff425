//go:build cluster

package fleet

import "context"

// index holds all of a list, for what is small and needed in any order.
type index[T any, P object[T]] struct {
	pager *pager[T, P]
	by    func(P) string // what neighbours in the list have in common

	all   []T
	spans map[string]span
}

// span is a part of a slice, end exclusive.
type span struct{ start, end int }

// read reads the list, when it is first called.
func (x *index[T, P]) read(ctx context.Context) ([]T, error) {
	if x.spans != nil {
		return x.all, nil
	}
	spans := map[string]span{}
	for {
		o, err := x.pager.next(ctx)
		if err != nil {
			return nil, err
		}
		if o == nil {
			x.spans = spans
			return x.all, nil
		}
		s, ok := spans[x.by(o)]
		if !ok {
			s.start = len(x.all)
		}
		x.all = append(x.all, *o)
		s.end = len(x.all)
		spans[x.by(o)] = s
	}
}

// find returns the objects that have name in common.
func (x *index[T, P]) find(ctx context.Context, name string) ([]T, error) {
	all, err := x.read(ctx)
	if err != nil {
		return nil, err
	}
	s := x.spans[name]
	return all[s.start:s.end:s.end], nil
}
