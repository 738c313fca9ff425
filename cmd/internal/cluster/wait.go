//go:build cluster

package cluster

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

// How long --wait pauses between two rounds, the first time and at most.
const (
	firstPause = time.Second
	lastPause  = 10 * time.Second
)

// until makes rounds of checks for as long as something fails that may come right,
// the last one when wait is over. It tells progress what it waits for whenever that
// changes. Interrupted, it returns what it found last: there is a failure in that, so
// the program does not end as if all were well.
func until(ctx context.Context, wait time.Duration, progress io.Writer, round func() (preflight.Report, error)) (preflight.Report, error) {
	deadline := time.Now().Add(wait)
	var last preflight.Report
	said := ""
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		r, err := round()
		if ctx.Err() != nil && len(last.Results) > 0 {
			return last, nil // r is of a round that was broken off
		}
		left := time.Until(deadline)
		failure := pending(r)
		if err != nil || failure == "" || left <= 0 {
			return r, err
		}
		if failure != said {
			fmt.Fprintf(progress, "runtime-auth: waiting: %s\n", printable.Line(failure))
		}
		last, said = r, failure
		select {
		case <-ctx.Done():
			return last, nil
		case <-time.After(min(pause, left)):
		}
	}
}

// pending returns the first failure, "" where nothing failed or something that does not
// come right by itself. The values stay what they are. And a credential that Argo CD has
// not simply accepted is not tried again: after five wrong passwords it locks the account.
func pending(r preflight.Report) string {
	first := ""
	for _, result := range r.Results {
		switch {
		case r.Tried && result.ID == preflight.CheckLiveSession && result.Status != preflight.OK, result.Status == preflight.Failed && (result.ID == preflight.CheckValues || result.ID == preflight.CheckReserved):
			return ""
		case first == "" && result.Status == preflight.Failed:
			first = result.Seen
		}
	}
	return first
}
