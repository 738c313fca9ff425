package cli

import "runtime"

// inOrder calls work for every item on several goroutines, and done with what it returns
// in the order of the items. It runs only a few items ahead of done, so that results do
// not pile up.
func inOrder[T, R any](items []T, work func(T) R, done func(T, R)) {
	results := make(chan chan R, 2*runtime.GOMAXPROCS(0))
	go func() {
		for _, item := range items {
			result := make(chan R, 1)
			results <- result
			go func() { result <- work(item) }()
		}
	}()
	for _, item := range items {
		done(item, <-<-results)
	}
}
