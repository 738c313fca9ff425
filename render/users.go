package render

import (
	"maps"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/render/scan"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// users are the texts in ConfigMaps of the stream, from which app-proxy may take a username.
type users map[configKey]string

// configKey is a key of a ConfigMap.
type configKey struct{ namespace, name, key string }

// learn notes the keys of a ConfigMap. Those that a merge key pulls in are not
// seen: what they hold counts as missing.
func (u users) learn(o scan.Object) {
	data := yamldoc.Get(o.Node, "data")
	if o.Kind != "ConfigMap" || o.IsHook() || data == nil {
		return
	}
	for i := 0; i+1 < len(data.Content); i += 2 {
		key, isKey := yamldoc.String(data.Content[i])
		if !isKey {
			continue
		}
		at := configKey{o.Namespace, o.Name, key}
		delete(u, at) // the last one wins, also if it is no text
		if text, isText := yamldoc.String(data.Content[i+1]); isText {
			u[at] = text
		}
	}
}

// holds reports whether the ConfigMap that a container of the namespace sees holds
// the text. A namespace that is not given is the release's, which may be any.
func (u users) holds(namespace string, ref auth.SecretRef, text string) bool {
	if held, found := u[configKey{namespace, ref.Name, ref.Key}]; found {
		return held == text
	}
	found := false
	for k, held := range u {
		if k.name != ref.Name || k.key != ref.Key || k.namespace != "" && namespace != "" {
			continue
		}
		if held != text {
			return false
		}
		found = true
	}
	return found
}

// learnUsers notes what the ConfigMaps hold that services take their username from.
func (e *engine) learnUsers() {
	names := map[string]bool{}
	for _, w := range e.world.workloads {
		if v := w.Vars[wiring.Username]; v.Origin == envedit.ConfigMapKey {
			names[v.Ref.Name] = true
		}
	}
	if len(names) == 0 {
		return
	}
	wanted := slices.Collect(maps.Keys(names))
	e.look(func(doc stream.Document) bool { return scan.HasScalar(doc, "ConfigMap") && scan.Has(doc, wanted...) }, e.world.users.learn)
}

// holdsArgoCD reports whether the stream holds the API server of an Argo CD in a namespace,
// as far as both are said.
func (e *engine) holdsArgoCD(namespace string) bool {
	found := false
	e.look(func(doc stream.Document) bool { return scan.HasScalar(doc, auth.Deployment) && scan.Has(doc, "argocd") },
		func(o scan.Object) {
			isThere := o.Namespace == "" || namespace == "" || o.Namespace == namespace
			labels := map[string]string{"app.kubernetes.io/component": "server", "app.kubernetes.io/part-of": "argocd"}
			found = found || isThere && o.Kind == auth.Deployment && o.HasLabels(labels)
		})
	return found
}

// look parses the documents that may hold what is looked for, and shows their objects.
// One that does not parse holds nothing that the API server could read.
func (e *engine) look(mayHold func(stream.Document) bool, see func(scan.Object)) {
	for e.in.Rewind(); ; {
		doc, err := e.in.Next()
		if err != nil {
			return
		}
		if !mayHold(doc) {
			continue
		}
		found, _ := (&manifest{doc: doc}).parse()
		for _, o := range found {
			see(o)
		}
	}
}
