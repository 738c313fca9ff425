package render

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render/scan"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// runtime is one Runtime of the stream. Until all is read there is one for every namespace,
// with what the objects in it tell.
type runtime struct {
	namespace string // of its services, "" for that of the release
	// found are the names of the services, as Services has them.
	found   map[string]bool
	label   string             // the version in the chart's label, known or not
	version *auth.ChartVersion // nil where it is not known
	values  []streamValues
	secrets []chartSecret

	// What was decided about it:
	settings auth.Settings
	auth     auth.Auth // of the settings, for the chart's version
	source   string    // where the settings are from, "" for those that were given
	// handsOff is set where the chart ignores the auth block, and nothing is wired.
	handsOff bool
	// isWitness is set where nobody has declared anything, and the manifests agree.
	isWitness bool
}

func newRuntime(namespace string) *runtime {
	return &runtime{namespace: namespace, found: map[string]bool{}}
}

// names are what may be shown of its manifests. What they say of themselves nobody has
// declared.
func (r *runtime) names() wiring.Names {
	if r.isWitness {
		return wiring.Names{}
	}
	return wiring.Declared(r.auth)
}

// named returns " in namespace X", for messages about one of several.
func (r *runtime) named() string {
	if r.namespace == "" {
		return ""
	}
	return fmt.Sprintf(" in namespace %q", r.namespace)
}

// add takes over what the objects of another namespace tell of the same Runtime.
func (r *runtime) add(o *runtime) {
	maps.Copy(r.found, o.found)
	r.learnVersion(o.label, o.version)
	r.values = append(r.values, o.values...)
	r.secrets = append(r.secrets, o.secrets...)
}

// learnVersion notes a version, unless there is one already that tells as much.
func (r *runtime) learnVersion(label string, version *auth.ChartVersion) {
	if label != "" && (r.label == "" || version != nil && r.version == nil) {
		r.label, r.version = label, version
	}
}

// streamValues are the values that the chart put into the stream.
type streamValues struct {
	name string // ConfigMap/NAME
	text string
	at   string // the document
}

// chartSecret is a Secret that the chart made from a plaintext credential.
type chartSecret struct {
	name, namespace string
	token           string
	known           bool // the token is there and can be read
	where           string
}

// learn takes the facts out of an object.
func (r *runtime) learn(o scan.Object, where string) {
	r.learnVersion(auth.ParseChartLabel(o.Label("helm.sh/chart")))
	switch {
	case o.Kind == "Secret" && !o.IsHook() && (o.Name == auth.TokenSecretName || o.Name == auth.PasswordSecretName):
		r.secrets = append(r.secrets, newChartSecret(o, where))
	case o.IsValuesConfig():
		if text, ok := yamldoc.String(yamldoc.GetPath(o.Node, "data", scan.ValuesKey)); ok {
			r.values = append(r.values, streamValues{name: o.String(), text: text, at: where})
		}
	}
}

// newChartSecret reads the credential as the API server does: stringData beats data.
func newChartSecret(o scan.Object, where string) chartSecret {
	s := chartSecret{name: o.Name, namespace: o.Namespace, where: where}
	if s.token, s.known = yamldoc.Scalar(yamldoc.GetPath(o.Node, "stringData", auth.PlaintextSecretKey)); s.known {
		return s
	}
	if encoded, ok := yamldoc.Scalar(yamldoc.GetPath(o.Node, "data", auth.PlaintextSecretKey)); ok {
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
		s.token, s.known = string(decoded), err == nil
	}
	return s
}

// learnHidden looks for what helm --hide-secret leaves of the template that makes
// the chart's Secrets.
func (w *world) learnHidden(doc stream.Document) {
	if !scan.Has(doc, "# HIDDEN") {
		return
	}
	source := doc.Source()
	base := source[strings.LastIndexByte(source, '/')+1:]
	if containsAny(base, "argocd", "argo-cd") && containsAny(base, "token", "password") {
		w.hidden = true
	}
}

func containsAny(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}
