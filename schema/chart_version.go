package schema

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
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

// String returns the version as major.minor.patch.
func (v ChartVersion) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Less reports whether v is older than major.minor.patch.
func (v ChartVersion) Less(major, minor, patch int) bool {
	return cmp.Or(cmp.Compare(v.Major, major), cmp.Compare(v.Minor, minor), cmp.Compare(v.Patch, patch)) < 0
}

// chartVersion reports what the given chart does not read.
func (r *run) chartVersion(b block) {
	v := r.opts.ChartVersion
	if v == nil {
		return
	}
	isOld := b.path[1] == externalArgoCD
	at, path := keySpan(b.value), b.where()
	switch {
	case v.Less(0, 18, 0):
		r.add(diag.Error, ruleMovedBlock, at, path,
			fmt.Sprintf("chart %s has no such block: it came with 0.18.0", v), "upgrade the chart")
	case isOld && !v.Less(0, 26, 0):
		r.add(diag.Error, ruleMovedBlock, at, path,
			fmt.Sprintf("chart %s ignores this block: since 0.26.0 it is %s", v, strings.Join(newPath(), ".")),
			"move it there")
	case !isOld && v.Less(0, 26, 0):
		r.add(diag.Error, ruleMovedBlock, at, path,
			fmt.Sprintf("chart %s ignores this block: before 0.26.0 it is %s", v, strings.Join(oldPath(), ".")),
			"move it there")
	}
	if f, ok := b.fields[fieldUsernameRef]; ok && b.isSet(fieldUsernameRef) && !v.Less(0, 24, 4) {
		r.add(diag.Warning, ruleIgnoredField, keySpan(f.value), b.where(f.written),
			fmt.Sprintf("chart %s ignores %q: only charts up to 0.24.3 read it", v, f.written),
			"give \"username\", or install with the post-renderer, which wires it")
	}
}
