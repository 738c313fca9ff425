package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render/scan"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
)

// world is what the whole stream tells. What concerns one Runtime is kept by the
// namespace of the objects that tell it, for a Runtime is told by that of its services.
type world struct {
	content    bool // there is a document that is not empty
	hidden     bool // helm --hide-secret suppressed the chart's Secrets
	knowsChart bool // a label with a version that tells the chart's generation was seen
	users      users

	namespaces map[string]*runtime
	inOrder    []*runtime // those, as they come in the stream
	workloads  []*scan.Workload
	// wirings are what services were seen to have in the place of a credential.
	wirings map[string]string
}

func newWorld() world {
	return world{namespaces: map[string]*runtime{}, wirings: map[string]string{}, users: users{}}
}

// in returns what a namespace tells.
func (w *world) in(namespace string) *runtime {
	r := w.namespaces[namespace]
	if r == nil {
		r = newRuntime(namespace)
		w.namespaces[namespace] = r
		w.inOrder = append(w.inOrder, r)
	}
	return r
}

// learn takes the facts out of an object.
func (w *world) learn(o scan.Object, where string) {
	r := w.in(o.Namespace)
	r.learn(o, where)
	w.knowsChart = w.knowsChart || r.version != nil
}

// take notes a workload. The error says that the stream has the same one twice, with
// different credentials: two Runtimes that nothing tells apart.
func (w *world) take(l *scan.Workload) error {
	w.workloads = append(w.workloads, l)
	if l.Service == "" {
		return nil
	}
	if l.Service != OtherService {
		w.in(l.Object.Namespace).found[l.Service] = true
	}
	name := strings.Join([]string{l.Object.Kind, l.Object.Namespace, l.Object.Name, l.Name}, "/")
	is := ""
	for _, name := range []string{wiring.Token, wiring.TokenSecretKey, wiring.TokenSecretName, wiring.Password, wiring.Username} {
		v := l.Vars[name]
		v.Ref.Optional = nil
		is += fmt.Sprintf("%+v", v)
	}
	if was, twice := w.wirings[name]; twice && was != is {
		return streamErrorf("%s is in the stream twice, with different credentials", l.Object).
			hint("several Runtimes in one stream must be told apart by metadata.namespace; wire each by itself")
	}
	w.wirings[name] = is
	return nil
}

// runtimes tells the Runtimes of the stream apart, in their order. Of one whose services
// are in one namespace is what that namespace holds, and what leaves its namespace to
// whoever applies it; so may some of the services.
func (w *world) runtimes() []*runtime {
	var named []*runtime
	for _, r := range w.inOrder {
		if len(r.found) > 0 {
			named = append(named, r)
		}
	}
	if len(named) == 2 && !overlap(named[0], named[1]) {
		named = slices.DeleteFunc(named, func(r *runtime) bool { return r.namespace == "" })
	}
	if len(named) > 1 {
		return named
	}
	whole := newRuntime("")
	if len(named) == 1 {
		whole.namespace = named[0].namespace
	}
	for _, r := range w.inOrder {
		if r.namespace == "" || len(named) == 0 || r == named[0] {
			whole.add(r)
		}
	}
	return []*runtime{whole}
}

// overlap reports whether a service is in both of two namespaces.
func overlap(a, b *runtime) bool {
	for name := range a.found {
		if b.found[name] {
			return true
		}
	}
	return false
}

// claim lets workloads in a Runtime's own namespace that the table does not know stand for
// services that it lacks, but for those that may be missing.
func (w *world) claim(r *runtime, allowed []string) {
	of := func(namespace string) bool { return namespace == r.namespace || namespace == "" }
	take := func(s scan.Service, matches func(*scan.Workload) bool) {
		var found []*scan.Workload
		for _, p := range w.workloads {
			if (p.Service == OtherService || p.Service == "") && of(p.Object.Namespace) && matches(p) {
				found = append(found, p)
			}
		}
		if len(found) != 1 { // of several, nothing tells which is meant
			return
		}
		found[0].Service = s.Name
		r.found[s.Name] = true
	}
	for _, s := range scan.Services() {
		if !r.found[s.Name] {
			take(s, s.IsRenamed)
		}
	}
	for _, expected := range r.expected() {
		if s := scan.Service(expected); !r.found[s.Name] && !slices.Contains(allowed, s.Name) {
			take(s, s.StandsFor)
		}
	}
}

// sharedNamespace returns the namespace that all services of a Runtime say they are in,
// "" where they do not agree.
func (w *world) sharedNamespace(r *runtime) string {
	for _, p := range w.workloads {
		if p.Service != "" && p.Service != OtherService && p.Object.Namespace != r.namespace && (r.namespace == "" || p.Object.Namespace == "") {
			return ""
		}
	}
	return r.namespace
}
