package cli

import (
	"math"
	"runtime/debug"
)

// A run over many files makes little garbage at a time and much in all. Collecting it
// seldom saves a third of the processor time; the limit keeps the memory the same
// however many files there are. (make bench measures both.)
const (
	collectPercent = 400
	memoryLimit    = 28 << 20
	// largeFile is the size of a file with which the limit is lifted: what is needed
	// for it, up to a hundred times as much, must not have the collector run all the time.
	largeFile = 128 << 10
)

// collectSeldom sets the garbage collector for a run, and returns what undoes it.
func collectSeldom() (undo func()) {
	percent, limit := debug.SetGCPercent(collectPercent), debug.SetMemoryLimit(memoryLimit)
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

func liftMemoryLimit() { debug.SetMemoryLimit(math.MaxInt64) }
