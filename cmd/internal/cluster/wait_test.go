//go:build cluster

package cluster

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

func failing(id, seen string) preflight.Report {
	return preflight.Report{Results: []preflight.Result{
		{ID: preflight.CheckNamespace, Status: preflight.OK, Seen: "there"},
		{ID: id, Status: preflight.Failed, Seen: seen},
	}}
}

// tried is a report of a credential that Argo CD was given, while something else fails.
func tried(s preflight.Status) preflight.Report {
	r := failing(preflight.CheckSecret, "no Secret")
	r.Results = append(r.Results, preflight.Result{ID: preflight.CheckLiveSession, Status: s, Seen: "x"})
	r.Tried = true
	return r
}

// TestUntil gives each round of checks in turn, the last one again and again, and
// holds when they are made, what is said meanwhile and which of them it ends with.
func TestUntil(t *testing.T) {
	fine := preflight.Report{Results: []preflight.Result{{ID: preflight.CheckSecret, Status: preflight.OK, Seen: "there"}}}
	secret, key := failing(preflight.CheckSecret, "no Secret"), failing(preflight.CheckKey, "no\x1b[31m key")
	const saidSecret, saidKey = "runtime-auth: waiting: no Secret\n", "runtime-auth: waiting: no\uFFFD[31m key\n"
	tests := map[string]struct {
		wait   time.Duration
		rounds []preflight.Report
		at     []int // seconds
		said   string
	}{
		"not asked for":         {0, []preflight.Report{secret}, []int{0}, ""},
		"nothing fails":         {time.Minute, []preflight.Report{fine}, []int{0}, ""},
		"comes right":           {time.Minute, []preflight.Report{secret, secret, fine}, []int{0, 1, 3}, saidSecret},
		"something else":        {time.Minute, []preflight.Report{secret, key, key, secret, fine}, []int{0, 1, 3, 7, 15}, saidSecret + saidKey + saidSecret},
		"the time is over":      {5 * time.Second, []preflight.Report{secret}, []int{0, 1, 3, 5}, saidSecret},
		"pauses have a limit":   {time.Minute, []preflight.Report{secret}, []int{0, 1, 3, 7, 15, 25, 35, 45, 55, 60}, saidSecret},
		"the values":            {time.Minute, []preflight.Report{failing(preflight.CheckValues, "x")}, []int{0}, ""},
		"a reserved Secret":     {time.Minute, []preflight.Report{failing(preflight.CheckReserved, "x")}, []int{0}, ""},
		"refused by Argo CD":    {time.Minute, []preflight.Report{tried(preflight.Failed)}, []int{0}, ""},
		"refused only later on": {time.Minute, []preflight.Report{secret, tried(preflight.Failed)}, []int{0, 1}, saidSecret},
		"not judged":            {time.Minute, []preflight.Report{tried(preflight.Warning)}, []int{0}, ""},
		"accepted":              {time.Minute, []preflight.Report{tried(preflight.OK), fine}, []int{0, 1}, saidSecret},
		"required, not tried":   {time.Minute, []preflight.Report{failing(preflight.CheckLiveSession, "no Secret"), fine}, []int{0, 1}, saidSecret},
		"Argo CD is not yet up": {time.Minute, []preflight.Report{failing(preflight.CheckLiveServer, "no Secret"), fine}, []int{0, 1}, saidSecret},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var said bytes.Buffer
				var at []int
				start := time.Now()
				r, err := until(t.Context(), tt.wait, &said, func() (preflight.Report, error) {
					at = append(at, int(time.Since(start)/time.Second))
					return tt.rounds[min(len(at), len(tt.rounds))-1], nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.at, at); diff != "" {
					t.Errorf("rounds at (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.said, said.String()); diff != "" {
					t.Errorf("said (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.rounds[len(tt.rounds)-1], r); diff != "" {
					t.Errorf("ended with (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestUntilError ends with the error of a round, whatever was found before.
func TestUntilError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken, n := errors.New("connection refused"), 0
		_, err := until(t.Context(), time.Minute, &bytes.Buffer{}, func() (preflight.Report, error) {
			if n++; n == 2 {
				return preflight.Report{}, broken
			}
			return failing(preflight.CheckSecret, "no Secret"), nil
		})
		if !errors.Is(err, broken) || n != 2 {
			t.Errorf("%v after %d rounds", err, n)
		}
	})
}

// TestUntilInterrupted ends with the last whole round, whether the interrupt comes
// in a pause or in a round; before there was one, with the error.
func TestUntilInterrupted(t *testing.T) {
	for name, tt := range map[string]struct {
		after  time.Duration
		rounds int
		err    error
	}{
		"in the first round":  {time.Second, 1, context.DeadlineExceeded},
		"in a pause":          {2500 * time.Millisecond, 1, nil},
		"in the second round": {3500 * time.Millisecond, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tt.after)
				defer cancel()
				n := 0
				r, err := until(ctx, time.Minute, &bytes.Buffer{}, func() (preflight.Report, error) {
					n++
					select { // a round takes its time
					case <-ctx.Done():
						return preflight.Report{}, ctx.Err()
					case <-time.After(2 * time.Second):
					}
					return failing(preflight.CheckSecret, "no Secret"), nil
				})
				if n != tt.rounds || !errors.Is(err, tt.err) || (err == nil) != (r.Count(preflight.Failed) == 1) {
					t.Errorf("%d rounds, %v, %+v", n, err, r)
				}
			})
		})
	}
}
