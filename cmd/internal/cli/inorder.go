package cli

import (
	"iter"
	"sync"
)

// inOrder calls work for every name on several goroutines and yields what it
// returns in the order of names. It runs only a few names ahead of its reader, so
// that results do not pile up.
func inOrder[T any](names []string, workers int, work func(name string) T) iter.Seq2[string, T] {
	type job struct {
		name   string
		result chan T
	}
	return func(yield func(string, T) bool) {
		jobs, ordered, stop := make(chan job), make(chan job, 4*workers), make(chan struct{})
		var running sync.WaitGroup
		defer running.Wait()
		defer close(stop)
		running.Go(func() {
			defer close(jobs)
			defer close(ordered)
			for _, name := range names {
				j := job{name, make(chan T, 1)}
				select {
				case ordered <- j:
				case <-stop:
					return
				}
				select {
				case jobs <- j:
				case <-stop:
					return
				}
			}
		})
		for range workers {
			running.Go(func() {
				for j := range jobs {
					j.result <- work(j.name)
				}
			})
		}
		for j := range ordered {
			if !yield(j.name, <-j.result) {
				return
			}
		}
	}
}
