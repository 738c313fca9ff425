package render

import (
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/helm-runtime-auth/runtime-auth/render/tree"
)

// service is one service of the Runtime that talks to Argo CD.
type service struct {
	name      string
	kind      string
	object    string            // metadata.name, unless the user overrides it
	labels    map[string]string // metadata.labels that tell it then
	container string
}

// services is the table of services of the charts 0.18.0 to 0.30, read from their
// templates. Which of them a chart runs is in expected.
func services() []service {
	return []service{
		{"app-proxy", deployment, "cap-app-proxy", map[string]string{"app": "cap-app-proxy", partOf: "app-proxy"}, "cap-app-proxy"},
		{"gitops-operator", deployment, "gitops-operator", map[string]string{"app": "gitops-operator", partOf: "gitops-operator"}, "manager"},
		{"sources-server", deployment, "sources-server", map[string]string{appName: "cf-argocd-extras", component: "sources-server"}, "sources-server"},
		{"argo-gateway", deployment, "argo-gateway", map[string]string{appName: "argo-gateway"}, "argo-gateway"},
		{"event-reporter", statefulSet, "event-reporter", map[string]string{appName: "cf-argocd-extras", component: "event-reporter"}, "event-reporter"},
		{"runtime-event-reporter", deployment, "runtime-event-reporter", map[string]string{appName: "runtime-event-reporter"}, "runtime-event-reporter"},
		{"cluster-event-reporter", deployment, "cluster-event-reporter", map[string]string{appName: "cluster-event-reporter"}, "cluster-event-reporter"},
	}
}

const (
	deployment  = "Deployment"
	statefulSet = "StatefulSet"
	daemonSet   = "DaemonSet"
	rollout     = "Rollout" // of Argo Rollouts

	appName   = "app.kubernetes.io/name"
	component = "app.kubernetes.io/component"
	partOf    = "app.kubernetes.io/part-of"
)

// Services returns the names of the services that may be allowed to be missing.
func Services() []string {
	var names []string
	for _, s := range services() {
		names = append(names, s.name)
	}
	return names
}

// is reports whether an object is the service.
func (s service) is(o object) bool {
	return o.kind == s.kind && (o.name == s.object || o.hasLabels(s.labels))
}

// workload is a container that uses the credential.
type workload struct {
	service   string // OtherService for one that the table does not know
	object    object
	container *yaml.Node
	path      tree.Path
}

// workloads returns the containers of an object that use the credential: of a
// service the one that the chart wires, of any other workload those that say by
// ARGO_CD_TOKEN_SECRET_NAME that they read it. Init containers are never looked at.
func workloads(o object) ([]workload, error) {
	containers := tree.GetPath(o.node, "spec", "template", "spec", "containers")
	path := o.path.At("spec", "template", "spec", "containers")
	for _, s := range services() {
		if !s.is(o) {
			continue
		}
		items := tree.Items(containers)
		if len(items) == 0 {
			return nil, streamErrorf("%s has no containers", o)
		}
		index := 0
		for i, c := range items {
			if name, _ := tree.Scalar(tree.Get(c, "name")); name == s.container {
				index = i
			}
		}
		return []workload{{s.name, o, tree.Resolve(items[index]), path.At(index)}}, nil
	}
	var found []workload
	for i, c := range tree.Items(containers) {
		if readsTokenSecret(c) {
			found = append(found, workload{OtherService, o, tree.Resolve(c), path.At(i)})
		}
	}
	return found, nil
}

func readsTokenSecret(container *yaml.Node) bool {
	for _, e := range tree.Items(tree.Get(container, "env")) {
		if name, _ := tree.Text(tree.Get(e, "name")); name == envTokenSecretName {
			return true
		}
	}
	return false
}
