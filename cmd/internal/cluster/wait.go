package cluster

import (
	"github.com/helm-runtime-auth/runtime-auth/preflight"
	"time"
)

// How long --wait pauses between two rounds, the first time and at most.
const (
	firstPause = time.Second
	lastPause  = 10 * time.Second
)

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

// firstFailure says what is waited for.
func firstFailure(r preflight.Report) string {
	for _, result := range r.Results {
		if result.Status == preflight.Failed {
			return result.Seen
		}
	}
	return ""
}
