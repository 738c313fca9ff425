package cli

import (
	"fmt"
	"io"
	"time"
)

// progress is a line that says how far a long run has come. It is only for
// terminals, and stays silent in runs that are over before anybody wonders.
type progress struct {
	w     io.Writer // nil: say nothing
	total int
	done  int
	next  time.Time
	shown bool
}

// patience is how long a run may take without a word, and then between two.
const (
	patience = time.Second
	interval = 100 * time.Millisecond
)

func newProgress(env Env, total int) *progress {
	p := &progress{total: total, next: time.Now().Add(patience)}
	if env.IsTerminal(env.Stderr) {
		p.w = env.Stderr
	}
	return p
}

// step counts one more file as done.
func (p *progress) step() {
	p.done++
	if now := time.Now(); p.w != nil && now.After(p.next) {
		p.next, p.shown = now.Add(interval), true
		fmt.Fprintf(p.w, "\r\x1b[K%d of %d files", p.done, p.total)
	}
}

// clear takes the line away, so that something else can be printed.
func (p *progress) clear() {
	if p.shown {
		p.shown = false
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
