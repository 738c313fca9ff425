package render

import (
	"bytes"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// interest says why a document is worth parsing; zero if it is not. Parsing is
// what takes the time, and most documents of a release concern nothing here.
//
// It is decided by bytes that an object in question must contain: its kind, and a
// part of its name, labels or variables. What it cannot see is a document that
// writes those with escapes (kind: "\x44eployment") or with a line break inside.
// No such document comes from Helm or a chart; what it would hold counts as
// missing, so that the run fails instead of leaving it out.
type interest struct {
	workload bool // a service, or another reader of the token Secret
	secret   bool // a Secret that the chart makes from a plaintext credential
	values   bool // the ConfigMap in which the chart keeps its values
	label    bool // a version of the chart that tells its generation
}

func interestOf(raw []byte) interest {
	var i interest
	if has(raw, deployment, statefulSet, daemonSet, rollout) {
		// event-reporter is part of three names, app-proxy of the label part-of
		i.workload = has(raw, "app-proxy", "gitops-operator", "sources-server", "argo-gateway", "event-reporter", envTokenSecretName)
	}
	i.secret = has(raw, "Secret") && has(raw, schema.TokenSecretName, schema.PasswordSecretName)
	i.values = has(raw, "ConfigMap") && has(raw, valuesConfig, oldValuesConfig)
	i.label = hasKnownVersion(raw)
	return i
}

func (i interest) any() bool { return i != interest{} }

// has reports whether raw contains one of words.
func has(raw []byte, words ...string) bool {
	for _, w := range words {
		if bytes.Contains(raw, []byte(w)) {
			return true
		}
	}
	return false
}

// hasKnownVersion reports whether raw may hold a chart label with a version whose
// generation is known.
func hasKnownVersion(raw []byte) bool {
	const prefix = schema.ChartName + "-"
	for {
		i := bytes.Index(raw, []byte(prefix))
		if i < 0 {
			return false
		}
		label := raw[i:]
		raw = label[len(prefix):]
		if end := bytes.IndexAny(label, " \t\r\n\"',}"); end >= 0 {
			label = label[:end]
		}
		if _, _, known := parseChartLabel(string(label)); known {
			return true
		}
	}
}

// mayHoldUsername reports whether a document may be a ConfigMap that holds the
// username: the chart's own, by its key, or any other by the text itself.
func mayHoldUsername(raw []byte, username string) bool {
	return has(raw, "ConfigMap") && has(raw, "argoCdUsername", username)
}
