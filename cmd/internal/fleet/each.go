package fleet

import "runtime"

// Each calls work for every file on several goroutines, and done with what it returns in
// the order of the files. What cannot be read, or written, does not hide the others: the
// errors are returned at the end.
func Each[R any](files []File, work func(File) (R, error), done func(File, R) error) (failed []error) {
	type outcome struct {
		result R
		err    error
	}
	attempt := func(f File) (o outcome) {
		o.result, o.err = work(f)
		return o
	}
	inOrder(files, attempt, func(f File, o outcome) {
		if o.err == nil {
			o.err = done(f, o.result)
		}
		if o.err != nil {
			failed = append(failed, o.err)
		}
	})
	return failed
}

// inOrder calls work for every item on several goroutines, and done with what it returns
// in the order of the items. It runs only a few items ahead of done, so that results do
// not pile up. (A goroutine for each item would grow a stack of its own for each, which
// takes a quarter more of the processor.)
func inOrder[T, R any](items []T, work func(T) R, done func(T, R)) {
	type job struct {
		item   T
		result chan R
	}
	workers := runtime.GOMAXPROCS(0)
	jobs, ordered := make(chan job), make(chan job, 4*workers)
	go func() {
		defer close(ordered)
		defer close(jobs)
		for _, item := range items {
			j := job{item, make(chan R, 1)}
			ordered <- j
			jobs <- j
		}
	}()
	for range workers {
		go func() {
			for j := range jobs {
				j.result <- work(j.item)
			}
		}()
	}
	for j := range ordered {
		done(j.item, <-j.result)
	}
}
