package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// world is what the whole stream tells. What concerns one Runtime is kept by the
// namespace of the objects that tell it, for a Runtime is told by that of its services.
type world struct {
	content    bool // there is a document that is not empty
	hidden     bool // helm --hide-secret suppressed the chart's Secrets
	knowsChart bool // a label with a version that tells the chart's generation was seen
	users      users

	namespaces []string // in their order in the stream
	facts      map[string]*facts
	workloads  []*workload
	// wirings are what services were seen to have in the place of a credential.
	wirings map[string]string
}

func newWorld() world {
	return world{
		facts: map[string]*facts{}, wirings: map[string]string{},
		users: users{},
	}
}

// in returns the facts of a namespace.
func (w *world) in(namespace string) *facts {
	f := w.facts[namespace]
	if f == nil {
		f = newFacts()
		w.facts[namespace] = f
		w.namespaces = append(w.namespaces, namespace)
	}
	return f
}

// learn takes the facts out of an object.
func (w *world) learn(o object, where string) {
	f := w.in(o.namespace)
	f.learn(o, where)
	w.knowsChart = w.knowsChart || f.version != nil
}

// take notes a workload. The error says that the stream has the same one twice, with
// different credentials: two Runtimes that nothing tells apart.
func (w *world) take(l *workload) error {
	w.workloads = append(w.workloads, l)
	if l.service == "" {
		return nil
	}
	w.in(l.object.namespace).found[l.service] = true
	name := strings.Join([]string{l.object.kind, l.object.namespace, l.object.name, l.name}, "/")
	is := fmt.Sprintf("%+v", authVars(l.vars))
	if was, twice := w.wirings[name]; twice && was != is {
		return streamErrorf("%s is in the stream twice, with different credentials", l.object).
			hint("several Runtimes in one stream must be told apart by metadata.namespace; wire each by itself")
	}
	w.wirings[name] = is
	return nil
}

// authVars returns those of the variables that the credential decides.
func authVars(vars map[string]envedit.Var) []envedit.Var {
	var all []envedit.Var
	for _, name := range []string{envToken, envTokenSecretKey, envTokenSecretName, envPassword, envUsername} {
		if v, found := vars[name]; found {
			v.Ref.Optional = nil
			all = append(all, v)
		}
	}
	return all
}

// runtimes tells the Runtimes of the stream apart, in their order. Of one whose services
// are in one namespace is what that namespace holds, and what leaves its namespace to
// whoever applies it; so may some of the services.
func (w *world) runtimes() []*runtime {
	var named []string
	for _, name := range w.namespaces {
		if w.hasServices(name) {
			named = append(named, name)
		}
	}
	if len(named) == 2 && slices.Contains(named, "") && !w.overlap(named[0], named[1]) {
		named = slices.DeleteFunc(named, func(name string) bool { return name == "" })
	}
	if len(named) > 1 {
		var all []*runtime
		for _, name := range named {
			all = append(all, &runtime{namespace: name, facts: w.facts[name]})
		}
		return all
	}
	whole := &runtime{facts: newFacts()}
	if len(named) == 1 {
		whole.namespace = named[0]
	}
	for _, name := range w.namespaces {
		if name == "" || len(named) == 0 || name == named[0] {
			whole.facts.add(w.facts[name])
		}
	}
	return []*runtime{whole}
}

func (w *world) hasServices(namespace string) bool {
	return slices.ContainsFunc(Services(), func(name string) bool { return w.facts[namespace].found[name] })
}

func (w *world) overlap(a, b string) bool {
	return slices.ContainsFunc(Services(), func(name string) bool { return w.facts[a].found[name] && w.facts[b].found[name] })
}

// claim lets workloads in a Runtime's own namespace that the table does not know stand for
// services that it lacks, but for those that may be missing.
func (w *world) claim(r *runtime, allowed []string) {
	of := func(namespace string) bool { return namespace == r.namespace || namespace == "" }
	take := func(s service, matches func(*workload) bool) {
		var found []*workload
		for _, p := range w.workloads {
			if (p.service == OtherService || p.service == "") && of(p.object.namespace) && matches(p) {
				found = append(found, p)
			}
		}
		if len(found) != 1 { // of several, nothing tells which is meant
			return
		}
		found[0].service = s.Name
		r.facts.found[s.Name] = true
	}
	for _, s := range services() {
		if !r.facts.found[s.Name] {
			take(s, s.isRenamed)
		}
	}
	expected := r.facts.expected()
	for _, s := range services() {
		if slices.ContainsFunc(expected, func(o auth.Service) bool { return o.Name == s.Name }) && !r.facts.found[s.Name] && !slices.Contains(allowed, s.Name) {
			take(s, s.standsFor)
		}
	}
}

// holdsArgoCD reports whether an object is the API server of an Argo CD.
func holdsArgoCD(o object) bool {
	return o.kind == auth.Deployment && o.hasLabels(map[string]string{"app.kubernetes.io/component": "server", "app.kubernetes.io/part-of": "argocd"})
}

// runtime is one Runtime of the stream.
type runtime struct {
	namespace string // of its services, "" for that of the release
	facts     *facts
	settings  schema.Settings
	auth      schema.Auth // of the settings, for the chart's version
	source    string      // where the settings are from, "" for those that were given
	// handsOff is set where the chart ignores the auth block, and nothing is wired.
	handsOff bool
	// isWitness is set where nobody has declared anything, and the manifests agree.
	isWitness bool
}

// named returns " in namespace X", for messages about one of several.
func (r *runtime) named() string {
	if r.namespace == "" {
		return ""
	}
	return fmt.Sprintf(" in namespace %q", r.namespace)
}

// sharedNamespace returns the namespace that all services of a Runtime say they are in,
// "" where they do not agree.
func (w *world) sharedNamespace(r *runtime) string {
	for _, p := range w.workloads {
		if p.service != "" && p.service != OtherService && p.object.namespace != r.namespace && (r.namespace == "" || p.object.namespace == "") {
			return ""
		}
	}
	return r.namespace
}
