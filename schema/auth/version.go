package auth

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// ChartVersion is a version of the gitops-runtime chart. Pre-releases count as the
// version they lead to: the values layout changes with them.
type ChartVersion struct{ Major, Minor, Patch int }

// ChartName is the name of the Runtime's chart.
const ChartName = "gitops-runtime"

// ParseChartVersion reads versions such as 0.26.0, v0.26, 0.26.0-alpha.1 and
// gitops-runtime-0.26.0, which is how the label helm.sh/chart has them.
func ParseChartVersion(s string) (ChartVersion, error) {
	number := strings.TrimPrefix(strings.TrimPrefix(s, ChartName+"-"), "v")
	if i := strings.IndexAny(number, "-+_"); i >= 0 { // Helm writes _ for + in a label
		number = number[:i]
	}
	parts := strings.Split(number, ".")
	var v ChartVersion
	for i, into := range []*int{&v.Major, &v.Minor, &v.Patch} {
		if i == 2 && len(parts) == 2 {
			break
		}
		n, err := strconv.ParseUint(at(parts, i), 10, 31)
		if err != nil || len(parts) > 3 {
			return ChartVersion{}, fmt.Errorf("%q is no chart version, such as 0.26.0", s)
		}
		*into = int(n)
	}
	return v, nil
}

func at(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return ""
}

// ParseChartLabel reads the value of the label helm.sh/chart: the chart's name and its
// version. The version is nil where it is not known how it is wired: of charts before the
// first generation, and of the 0.0.0 of a chart that was never released. For another
// chart's label text is "".
func ParseChartLabel(label string) (text string, version *ChartVersion) {
	text, found := strings.CutPrefix(label, ChartName+"-")
	if !found {
		return "", nil
	}
	v, err := ParseChartVersion(text)
	switch {
	case err != nil:
		return "", nil
	case v.Generation() == nil:
		return text, nil
	}
	return text, &v
}

// String returns the version as major.minor.patch.
func (v ChartVersion) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Compare returns -1, 0 or 1: whether v is older than o, the same, or newer.
func (v ChartVersion) Compare(o ChartVersion) int {
	return cmp.Or(cmp.Compare(v.Major, o.Major), cmp.Compare(v.Minor, o.Minor), cmp.Compare(v.Patch, o.Patch))
}
