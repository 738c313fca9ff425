package render

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// Generation tells charts apart that run different services.
type Generation string

// The generations of the gitops-runtime chart.
const (
	Gen018 Generation = "0.18-0.25" // values at global.external-argo-cd
	Gen026 Generation = "0.26+"     // values at global.integrations.argo-cd
)

// parseChartLabel reads the value of the label helm.sh/chart: the chart's name and
// its version. It reports whether the wiring of that version is known: it is not
// for charts before 0.18.0, which know no external Argo CD, nor for the 0.0.0 of a
// chart that was never released. For another chart's label text is "".
func parseChartLabel(label string) (text string, v schema.ChartVersion, known bool) {
	text, found := strings.CutPrefix(label, schema.ChartName+"-")
	if !found {
		return "", v, false
	}
	v, err := schema.ParseChartVersion(text)
	if err != nil {
		return "", v, false
	}
	return text, v, !v.Less(0, 18, 0)
}

// generation returns the chart's generation: by its version, or else by the
// services that only one of them runs. It is "" where neither is there.
func (f *facts) generation() Generation {
	switch {
	case f.versionKnown && f.version.Less(0, 26, 0):
		return Gen018
	case f.versionKnown, f.found["argo-gateway"]:
		return Gen026
	case f.found["sources-server"]:
		return Gen018
	}
	return ""
}

// expected returns the services that the chart runs if nothing is switched off.
func (f *facts) expected() []string {
	switch f.generation() {
	case Gen018:
		return []string{appProxy, "gitops-operator", "sources-server", "event-reporter"}
	case Gen026:
		return []string{appProxy, "gitops-operator", "argo-gateway", "runtime-event-reporter", "cluster-event-reporter"}
	}
	return nil
}

// missing returns the services that the chart runs, that are not switched off by
// the values, and that are not in the stream.
func (f *facts) missing(s schema.Settings) []string {
	return slices.DeleteFunc(f.expected(), func(name string) bool {
		return f.found[name] || f.switchedOff(name, s)
	})
}

func (f *facts) switchedOff(name string, s schema.Settings) bool {
	switch name {
	case "gitops-operator":
		return isTrue(s.GitOpsOperatorDisabled)
	case "event-reporter": // up to 0.19 only beside an Argo CD of the user's own
		return f.versionKnown && f.version.Less(0, 20, 0) && !isFalse(s.BundledArgoCD)
	}
	return false
}

func isFalse(b *bool) bool { return b != nil && !*b }

func isTrue(b *bool) bool { return b != nil && *b }
