//go:build cluster

package argocdflag_test

import (
	"testing"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/argocdflag"
)

func TestDays(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{"0": 0, "0d": 0, "90d": 90 * day, "1d12h": 36 * time.Hour, "2160h": 90 * day, "90s": 90 * time.Second, "-1h": -time.Hour, "65535d": 65535 * day} {
		var d, again argocdflag.Days
		if err := d.Set(text); err != nil || time.Duration(d) != want {
			t.Errorf("%q: %v, %v", text, d, err)
		}
		if err := again.Set(d.String()); err != nil || again != d {
			t.Errorf("%q becomes %q", text, d.String())
		}
	}
	for _, text := range []string{"", "d", "90", "1.5d", "-1d", "1d-1h", "90days", "65536d", "99999999999d", "1h1d"} {
		var d argocdflag.Days
		if err := d.Set(text); err == nil {
			t.Errorf("%q is %v", text, d)
		}
	}
}
