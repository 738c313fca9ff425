package auth_test

import (
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

func TestParseChartVersion(t *testing.T) {
	for s, want := range map[string]auth.ChartVersion{
		"0.26.0":                     {Minor: 26},
		"v0.25":                      {Minor: 25},
		"1.2.3":                      {Major: 1, Minor: 2, Patch: 3},
		"0.26.0-alpha.1":             {Minor: 26},
		"0.24.4+build.5":             {Minor: 24, Patch: 4},
		"gitops-runtime-0.18.0":      {Minor: 18},
		"gitops-runtime-0.18.0_dev1": {Minor: 18},
	} {
		if got, err := auth.ParseChartVersion(s); err != nil || got != want {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "1", "a.b.c", "0.26.x", "0.1.2.3", "-1.2.3", "0.26.", "gitops-runtime-", "99999999999.1.1", "0. 26.0"} {
		if got, err := auth.ParseChartVersion(s); err == nil {
			t.Errorf("%q is taken for %v", s, got)
		}
	}
}

func TestChartVersionCompare(t *testing.T) {
	v := auth.ChartVersion{Minor: 25, Patch: 2}
	for _, test := range []struct {
		major, minor, patch int
		want                bool
	}{{0, 25, 2, false}, {0, 25, 3, true}, {0, 26, 0, true}, {1, 0, 0, true}, {0, 18, 9, false}} {
		if got := v.Compare(auth.ChartVersion{Major: test.major, Minor: test.minor, Patch: test.patch}) < 0; got != test.want {
			t.Errorf("%v before %d.%d.%d is %v", v, test.major, test.minor, test.patch, got)
		}
	}
}
