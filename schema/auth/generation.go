package auth

import (
	"cmp"
	"slices"
	"strings"
)

// Generation is a range of chart versions that read the block at one place and run the
// same services. To know a new one takes a row in Generations.
type Generation struct {
	Name      string       // as reports print it
	From      ChartVersion // the first version; the next generation's is the first that is not in it
	BlockPath []string     // of the block, as a values path
	Server    string       // the Service of Argo CD's API where no values name one
	Mark      string       // the service that no other generation runs: it tells one where no version does
	Services  []Service    // in the order in which reports list them
}

// Service is one service of the Runtime that talks to Argo CD, as the chart's templates
// make it.
type Service struct {
	Name      string
	Kind      string
	Object    string            // metadata.name, unless the user overrides it
	Labels    map[string]string // of the object, which tell it then
	Container string            // the one that is wired
	// AlwaysFrom is the version from which the chart runs the service whatever Argo CD there
	// is; charts before it do so only beside one of the user's own.
	AlwaysFrom ChartVersion
}

// AppProxy is the name of the service that gets the credential itself. The others are
// given the name and the key of a Secret.
const AppProxy = "app-proxy"

// The kinds of workload that run services.
const (
	Deployment  = "Deployment"
	StatefulSet = "StatefulSet"
)

// The labels by which services are told.
const (
	LabelName      = "app.kubernetes.io/name"
	labelComponent = "app.kubernetes.io/component"
	labelPartOf    = "app.kubernetes.io/part-of"
)

// Generations returns the generations of the gitops-runtime chart (templates of 0.18.0 to
// 0.30), the oldest first. Charts before the first know no Argo CD of the user's own.
func Generations() []Generation {
	appProxy := Service{
		Name: AppProxy, Kind: Deployment, Object: "cap-app-proxy", Container: "cap-app-proxy",
		Labels: map[string]string{"app": "cap-app-proxy", labelPartOf: AppProxy},
	}
	operator := Service{
		Name: "gitops-operator", Kind: Deployment, Object: "gitops-operator", Container: "manager",
		Labels: map[string]string{"app": "gitops-operator", labelPartOf: "gitops-operator"},
	}
	sources := called("sources-server", map[string]string{LabelName: "cf-argocd-extras", labelComponent: "sources-server"})
	events := called("event-reporter", map[string]string{LabelName: "cf-argocd-extras", labelComponent: "event-reporter"})
	events.Kind, events.AlwaysFrom = StatefulSet, ChartVersion{0, 20, 0}
	gateway := called("argo-gateway", map[string]string{LabelName: "argo-gateway"})
	runtimeEvents := called("runtime-event-reporter", map[string]string{LabelName: "runtime-event-reporter"})
	clusterEvents := called("cluster-event-reporter", map[string]string{LabelName: "cluster-event-reporter"})
	return []Generation{
		{"0.18-0.25", ChartVersion{0, 18, 0}, strings.Split(OldBlockPath, "."), "argocd-server", sources.Name, []Service{appProxy, operator, sources, events}},
		{"0.26+", ChartVersion{0, 26, 0}, strings.Split(NewBlockPath, "."), "argo-cd-server", gateway.Name, []Service{appProxy, operator, gateway, runtimeEvents, clusterEvents}},
	}
}

// called returns a service whose object and container have its name.
func called(name string, labels map[string]string) Service {
	return Service{Name: name, Kind: Deployment, Object: name, Container: name, Labels: labels}
}

// The places of the block, as values paths.
const (
	OldBlockPath = "global.external-argo-cd.auth"            // charts 0.18 to 0.25
	NewBlockPath = "global.integrations.argo-cd.server.auth" // from 0.26 on
)

// BlockPaths returns every place of the block in its steps, that of the oldest charts first.
func BlockPaths() [][]string {
	return [][]string{strings.Split(OldBlockPath, "."), strings.Split(NewBlockPath, ".")}
}

// Generation returns the generation of a version; nil for a version before the first.
func (v ChartVersion) Generation() *Generation {
	for _, g := range slices.Backward(Generations()) {
		if v.Compare(g.From) >= 0 {
			return &g
		}
	}
	return nil
}

// BlockPath returns where charts of the version read the block; versions before the first
// generation count as of it.
func (v ChartVersion) BlockPath() []string {
	return cmp.Or(v.Generation(), &Generations()[0]).BlockPath
}

// Services returns every service of any generation once: the first of each generation, then
// the second, and so on.
func Services() []Service {
	var all []Service
	generations := Generations()
	for i, left := 0, true; left; i++ {
		left = false
		for _, g := range generations {
			if i >= len(g.Services) {
				continue
			}
			left = true
			if s := g.Services[i]; !slices.ContainsFunc(all, func(o Service) bool { return o.Name == s.Name }) {
				all = append(all, s)
			}
		}
	}
	return all
}

// ReadsBlockUsername reports whether charts of the version take the username from the block
// alone, its usernameSecretKeyRef included. From 0.24.4 on they prefer
// app-proxy.config.argoCdUsername and know no reference.
func (v ChartVersion) ReadsBlockUsername() bool { return v.Compare(ChartVersion{0, 24, 4}) < 0 }

// BundledIgnoresBlock reports whether charts of the version ignore the block, or wire it in
// part, where the Argo CD that they bring along is switched on.
func (v ChartVersion) BundledIgnoresBlock() bool { return v.Compare(ChartVersion{0, 26, 0}) < 0 }
