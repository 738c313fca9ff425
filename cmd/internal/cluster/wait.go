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

// one checks one Runtime, and waits for it where that was asked for.
func (c *check) one(ctx context.Context, conn connection, opts preflight.Options) (preflight.Report, error) {
	core, err := conn.core()
	if err != nil {
		return preflight.Report{}, err
	}
	return until(ctx, c.wait, c.env.Stderr, func() (preflight.Report, error) {
		opts.Lint.Now = time.Now()
		return preflight.Run(ctx, preflight.NewReader(core), opts)
	})
}

// until makes rounds of checks for as long as something fails that may come right,
// the last one when wait is over. It tells progress what it waits for whenever that
// changes. Interrupted, it returns what it found last: there is a failure in that, so
// the program does not end as if all were well.
func until(ctx context.Context, wait time.Duration, progress io.Writer, round func() (preflight.Report, error)) (preflight.Report, error) {
	deadline := time.Now().Add(wait)
	var last preflight.Report
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		r, err := round()
		if ctx.Err() != nil && len(last.Results) > 0 {
			return last, nil // r is of a round that was broken off
		}
		left := time.Until(deadline)
		if err != nil || r.Count(preflight.Failed) == 0 || !mayMend(r) || left <= 0 {
			return r, err
		}
		if what := firstFailure(r); what != firstFailure(last) {
			fmt.Fprintf(progress, "runtime-auth: waiting: %s\n", printable.Line(what))
		}
		last = r
		select {
		case <-ctx.Done():
			return last, nil
		case <-time.After(min(pause, left)):
		}
	}
}

// mayMend reports whether what failed may come right by itself. The values stay what
// they are. And a password that Argo CD refuses is not tried again: after a few of
// them it locks the account.
func mayMend(r preflight.Report) bool {
	for _, result := range r.Results {
		if result.Status != preflight.Failed {
			continue
		}
		switch result.ID {
		case preflight.CheckValues, preflight.CheckReserved, preflight.CheckLiveSession:
			return false
		}
	}
	return true
}

// firstFailure says what is waited for, "" where nothing failed.
func firstFailure(r preflight.Report) string {
	for _, result := range r.Results {
		if result.Status == preflight.Failed {
			return result.Seen
		}
	}
	return ""
}
