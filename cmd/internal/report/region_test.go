package report

import (
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// TestRegion holds odd ranges to the bounds of the standard (3.30), some of which its
// JSON schema cannot express: a region must not end before it begins.
func TestRegion(t *testing.T) {
	for _, test := range []struct {
		start, end diag.Position
		want       sarifRegion
	}{
		{diag.Position{Line: 2, Column: 3, Offset: 9}, diag.Position{Line: 4, Column: 1, Offset: 20}, sarifRegion{2, 3, 4, 1, 9, 11}},
		{diag.Position{Line: 2, Column: 3, Offset: 9}, diag.Position{Line: 2, Column: 3, Offset: 9}, sarifRegion{2, 3, 2, 3, 9, 0}},
		{diag.Position{Line: 2, Column: 3, Offset: 9}, diag.Position{}, sarifRegion{2, 3, 2, 3, 9, 0}},
		{diag.Position{Line: -1, Column: -1, Offset: -1}, diag.Position{Line: -1, Column: -1, Offset: -1}, sarifRegion{1, 1, 1, 1, 0, 0}},
	} {
		if got := region(diag.Range{Start: test.start, End: test.end}); got != test.want {
			t.Errorf("region(%v, %v) = %v, want %v", test.start, test.end, got, test.want)
		}
	}
}
