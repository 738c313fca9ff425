package block

import (
	"math/rand/v2"
	"testing"
)

// TestIsFar changes names a little, and more than that: none may be called far
// that Near calls a slip.
func TestIsFar(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 4))
	slips, far := 0, 0
	for range 50_000 {
		known := []string{"global", ExternalArgoCD}[chance.IntN(2)]
		name := []byte(known)
		for range chance.IntN(6) {
			i := chance.IntN(len(name) + 1)
			name = append(name[:i:i], append([]byte{"-_. aglobexternalargocdXYZ0\xc4"[chance.IntN(27)]}, name[min(i+chance.IntN(3), len(name)):]...)...)
		}
		isFar := isFar(string(name), known)
		if isFar && Near(string(name), known) {
			t.Fatalf("%q is a slip for %q, but far from it", name, known)
		}
		slips, far = slips+btoi(Near(string(name), known)), far+btoi(isFar)
	}
	if slips < 10_000 || far < 1_000 {
		t.Errorf("%d slips and %d far names do not try much", slips, far)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
