package auth

import (
	"fmt"
	"slices"
)

// Minor is a minor version of Argo CD: 3.1 is every 3.1.x.
type Minor struct{ Major, Minor int }

// ParseMinor reads the version of an Argo CD: v3.1.0+abc, 3.1.0-rc1, or the tag v3.1.0.
func ParseMinor(s string) (Minor, error) {
	v, err := ParseChartVersion(s)
	if err != nil {
		return Minor{}, fmt.Errorf("%q is not a version of Argo CD (example: v3.1.0)", s)
	}
	return Minor{v.Major, v.Minor}, nil
}

// ArgoCDRange is the versions of Argo CD that charts accept, as their pre-install hook
// (the Job validate-values, which also runs before an upgrade) compares them. Its
// constraints are held against Argo CD's minor version: its semver library takes 3.3.x
// for <=3.3, and not 3.1.0 for <3.1.
type ArgoCDRange struct {
	From        ChartVersion // the first chart; the next range's is the first that is not in it
	First, Last Minor        // that the hook accepts; zero where that is not known
	// Documented is the first version in the table of the chart's README, which is narrower
	// than the hook from 0.29 on.
	Documented Minor
	// Unchecked is set where the hook does not compare versions.
	Unchecked bool
}

// ArgoCDRanges returns the ranges, the oldest charts first (REQUIRED_VERSION_CONSTRAINT of
// the Job in charts up to 0.30, and their READMEs; in 0.18.0 as rendered there is none).
func ArgoCDRanges() []ArgoCDRange {
	return []ArgoCDRange{
		{ChartVersion{0, 18, 0}, Minor{2, 12}, Minor{3, 0}, Minor{2, 12}, true},
		{ChartVersion{0, 19, 0}, Minor{2, 12}, Minor{3, 0}, Minor{2, 12}, false},
		{ChartVersion{0, 26, 0}, Minor{3, 0}, Minor{3, 2}, Minor{3, 0}, false},
		{ChartVersion{0, 29, 0}, Minor{3, 0}, Minor{3, 3}, Minor{3, 1}, false},
		{From: ChartVersion{0, 31, 0}}, // not looked at yet
	}
}

// ArgoCD returns the versions of Argo CD that charts of the version accept; false for
// charts about which that is not known.
func (v ChartVersion) ArgoCD() (ArgoCDRange, bool) {
	for _, r := range slices.Backward(ArgoCDRanges()) {
		if v.Compare(r.From) >= 0 {
			return r, r.Last != Minor{}
		}
	}
	return ArgoCDRange{}, false
}

// Accepts reports whether the hook lets a version of Argo CD pass.
func (r ArgoCDRange) Accepts(m Minor) bool {
	return m.compare(r.First) >= 0 && m.compare(r.Last) <= 0
}

// Documents reports whether the README names a version that the hook accepts.
func (r ArgoCDRange) Documents(m Minor) bool { return r.Accepts(m) && m.compare(r.Documented) >= 0 }

// String returns the version as major.minor.
func (m Minor) String() string { return fmt.Sprintf("%d.%d", m.Major, m.Minor) }

func (m Minor) compare(o Minor) int {
	return ChartVersion{m.Major, m.Minor, 0}.Compare(ChartVersion{o.Major, o.Minor, 0})
}
