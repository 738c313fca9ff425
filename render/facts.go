package render

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/render/tree"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// facts is what the stream tells as a whole.
type facts struct {
	content      bool // there is a document that is not empty
	found        map[string]bool
	label        string // the version in the chart's label, known or not
	version      schema.ChartVersion
	versionKnown bool

	values  *streamValues
	secrets []chartSecret
	hidden  bool // helm --hide-secret suppressed the chart's Secrets
	users   users
}

// streamValues are the values that the chart put into the stream.
type streamValues struct {
	name string // ConfigMap/NAME
	text string
}

// The ConfigMaps in which the chart keeps the merged values for its validation
// hook: from 0.20, and before.
const (
	valuesConfig    = "helm-values-config"
	oldValuesConfig = "validate-values-config"
	valuesKey       = "values.yaml"
)

// chartSecret is a Secret that the chart made from a plaintext credential.
type chartSecret struct {
	name  string
	token string
	known bool // the token is there and can be read
	where string
}

// learn takes the facts out of an object.
func (f *facts) learn(o object, where string) {
	if text, v, known := parseChartLabel(o.label("helm.sh/chart")); text != "" && !f.versionKnown {
		if f.label == "" || known {
			f.label = text
		}
		f.version, f.versionKnown = v, known
	}
	switch {
	case o.kind == "Secret" && !o.isHook() && (o.name == schema.TokenSecretName || o.name == schema.PasswordSecretName):
		f.secrets = append(f.secrets, newChartSecret(o, where))
	case isValuesConfig(o):
		if text, ok := tree.Text(tree.GetPath(o.node, "data", valuesKey)); ok {
			f.values = &streamValues{name: o.String(), text: text}
		}
	}
}

func isValuesConfig(o object) bool {
	return o.kind == "ConfigMap" && (o.name == valuesConfig || o.name == oldValuesConfig)
}

// newChartSecret reads the credential as the API server does: stringData beats data.
func newChartSecret(o object, where string) chartSecret {
	s := chartSecret{name: o.name, where: where}
	if s.token, s.known = tree.Scalar(tree.GetPath(o.node, "stringData", schema.PlaintextSecretKey)); s.known {
		return s
	}
	if encoded, ok := tree.Scalar(tree.GetPath(o.node, "data", schema.PlaintextSecretKey)); ok {
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
		s.token, s.known = string(decoded), err == nil
	}
	return s
}

// learnHidden looks for what helm --hide-secret leaves of the template that makes
// the chart's Secrets.
func (f *facts) learnHidden(doc *stream.Document) {
	if !has(doc, "# HIDDEN") {
		return
	}
	source := doc.Source()
	base := source[strings.LastIndexByte(source, '/')+1:]
	if containsAny(base, "argocd", "argo-cd") && containsAny(base, "token", "password") {
		f.hidden = true
	}
}

func containsAny(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}
