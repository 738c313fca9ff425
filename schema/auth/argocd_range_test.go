package auth_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/Masterminds/semver/v3"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// TestArgoCDRange holds the table to the constraints of the hook, as a semver library
// reads them, for every patch version.
func TestArgoCDRange(t *testing.T) {
	for chart, constraint := range map[string]string{
		"0.19.0": ">=2.12 <3.1", "0.24.4": ">=2.12 <3.1", "0.25.2": ">=2.12 <3.1",
		"0.26.0": ">=3 <=3.2", "0.28.9": ">=3 <=3.2", "0.29.0": ">=3 <=3.3", "0.30.5": ">=3 <=3.3",
	} {
		v, err := auth.ParseChartVersion(chart)
		if err != nil {
			t.Fatal(err)
		}
		r, known := v.ArgoCD()
		if !known || r.Unchecked {
			t.Errorf("chart %s: %+v, known %t", chart, r, known)
		}
		wantRange(t, chart, r, constraint)
	}
	for _, v := range []auth.ChartVersion{{Minor: 17}, {Minor: 31}, {Major: 1}} {
		if r, known := v.ArgoCD(); known {
			t.Errorf("chart %s: %+v", v, r)
		}
	}
}

func wantRange(t *testing.T, chart string, r auth.ArgoCDRange, constraint string) {
	t.Helper()
	c, err := semver.NewConstraint(constraint)
	if err != nil {
		t.Fatal(err)
	}
	for major := 1; major <= 4; major++ {
		for minor := range 16 {
			for _, patch := range []string{"0", "9", "1+abc"} {
				text := fmt.Sprintf("v%d.%d.%s", major, minor, patch)
				m, err := auth.ParseMinor(text)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := r.Accepts(m), c.Check(semver.MustParse(text)); got != want {
					t.Errorf("chart %s, Argo CD %s: accepted %t, the hook's %s says %t", chart, text, got, constraint, want)
				}
			}
		}
	}
}

// TestArgoCDRangeRendered holds the table to the Job that the chart renders.
func TestArgoCDRangeRendered(t *testing.T) {
	constraint := regexp.MustCompile(`(?m)^ *- name: REQUIRED_VERSION_CONSTRAINT\n *value: "(.*)"$`)
	for _, chart := range []string{"0.18.0", "0.25.2", "main-2026-08"} {
		for _, file := range oracle.Files(t, "corpus/"+chart+"/token-ref.yaml") {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			v, err := auth.ParseChartVersion(chart)
			if err != nil {
				v = auth.ChartVersion{Minor: 30} // what main was released as
			}
			r, known := v.ArgoCD()
			found := constraint.FindSubmatch(text)
			if !known || r.Unchecked != (found == nil) {
				t.Errorf("%s: %+v, the Job compares with %q", chart, r, found)
			}
			if found != nil {
				wantRange(t, chart, r, string(found[1]))
			}
		}
	}
}

func TestDocuments(t *testing.T) {
	r, _ := auth.ChartVersion{Minor: 29}.ArgoCD()
	for m, want := range map[auth.Minor]bool{{Major: 3}: false, {Major: 3, Minor: 1}: true, {Major: 3, Minor: 3}: true, {Major: 3, Minor: 4}: false} {
		if got := r.Documents(m); got != want {
			t.Errorf("%s is documented: %t", m, got)
		}
	}
}

func TestParseMinor(t *testing.T) {
	for s, want := range map[string]string{"v3.5.1+unknown": "3.5", "3.1": "3.1", "v2.14.2": "2.14", "v3.1.0-rc1": "3.1", "latest": "", "": "", "sha256": ""} {
		if m, err := auth.ParseMinor(s); (err == nil) != (want != "") || err == nil && m.String() != want {
			t.Errorf("%q: %s, %v", s, m, err)
		}
	}
}
