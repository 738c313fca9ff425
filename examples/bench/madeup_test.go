//go:build bench && unix

package bench

import "fmt"

// madeUpSize is about what the chart renders to with everything switched on.
const madeUpSize = 2_600_000

// madeUp is what a Runtime looks like: its services, among much that does not concern
// them, most of it the long schemas of custom resources. It is always the same.
func madeUp() string {
	a := newAuthor(3)
	for i := 0; a.Len() < madeUpSize*9/10; i++ {
		switch {
		case i%6 == 0:
			a.definition(i)
		case i%6 < 3:
			a.role(i)
		default:
			a.settings(i)
		}
	}
	a.services()
	for i := 1000; a.Len() < madeUpSize; i++ {
		a.settings(i)
	}
	return a.String()
}

// onlyServices is a Runtime of its services alone, as small as one can be.
func onlyServices() string {
	a := newAuthor(3)
	a.services()
	return a.String()
}

// object begins a document.
func (a *author) object(template, apiVersion, kind, name string) {
	a.line(0, "---")
	a.line(0, "# Source: gitops-runtime/templates/%s", template)
	a.line(0, "apiVersion: %s", apiVersion)
	a.line(0, "kind: %s", kind)
	a.line(0, "metadata:")
	a.line(1, "labels:")
	a.line(2, "app.kubernetes.io/managed-by: Helm")
	a.line(1, "name: %s", name)
	a.line(1, "namespace: runtime")
}

func (a *author) services() {
	a.service("app-proxy", "cap-app-proxy", "cap-app-proxy",
		"{name: argocd-initial-admin-secret, key: password}", "{name: argocd-token, key: token, optional: true}")
	for _, name := range []string{"argo-gateway", "runtime-event-reporter", "cluster-event-reporter"} {
		a.service(name, name, name)
	}
	a.service("gitops-operator", "gitops-operator", "manager")
}

// service is a Deployment. One that reads the password and the token itself is given
// the references to both; the others are told the Secret's name.
func (a *author) service(folder, name, container string, refs ...string) {
	a.object(folder+"/deployment.yaml", "apps/v1", "Deployment", name)
	a.line(0, "spec:")
	a.line(1, "selector:")
	a.line(2, "matchLabels: {app: %s}", name)
	a.line(1, "template:")
	a.line(2, "metadata:")
	a.line(3, "labels: {app: %s}", name)
	a.line(2, "spec:")
	a.line(3, "containers:")
	a.line(3, "- name: %s", container)
	a.line(4, "image: registry.example.com/%s:1.2.3", name)
	a.line(4, "env:")
	if len(refs) == 2 {
		a.line(4, "- name: ARGO_CD_PASSWORD")
		a.line(5, "valueFrom:")
		a.line(6, "secretKeyRef: %s", refs[0])
		a.line(4, "- name: ARGO_CD_TOKEN")
		a.line(5, "valueFrom:")
		a.line(6, "secretKeyRef: %s", refs[1])
		a.line(4, "- name: ARGO_CD_USERNAME")
		a.line(5, "value: admin")
	} else {
		a.line(4, "- name: ARGO_CD_TOKEN_SECRET_KEY")
		a.line(5, "value: token")
		a.line(4, "- name: ARGO_CD_TOKEN_SECRET_NAME")
		a.line(5, "value: argocd-token")
	}
	for i := range 20 {
		a.line(4, "- name: SETTING_%02d", i)
		a.line(5, "value: %q", a.pick("info", "30s", "true", "8080"))
	}
}

// definition is a custom resource: some ten kilobytes of fields, each described.
func (a *author) definition(i int) {
	a.object("crds.yaml", "apiextensions.k8s.io/v1", "CustomResourceDefinition", fmt.Sprintf("things%d.example.com", i))
	a.line(0, "spec:")
	a.line(1, "group: example.com")
	a.line(1, "names: {kind: Thing%d, plural: things%d}", i, i)
	a.line(1, "scope: Namespaced")
	a.line(1, "versions:")
	a.line(1, "- name: v1")
	a.line(2, "schema:")
	a.line(3, "openAPIV3Schema:")
	a.line(4, "type: object")
	a.line(4, "properties:")
	for i, end := 0, a.Len()+10_000+a.IntN(120_000); a.Len() < end; i++ {
		a.line(5, "field%d:", i)
		a.line(6, "description: |-")
		for range 1 + a.IntN(4) {
			a.line(7, "%s", a.pick("Selects the Deployment that the controller works on, by its labels.",
				"Name of the Secret in the namespace of the object; a ConfigMap will not do.",
				"Time after which an attempt counts as failed, such as 30s."))
		}
		a.line(6, "type: %s", a.pick("string", "integer", "boolean"))
	}
}

func (a *author) role(i int) {
	a.object("rbac.yaml", "rbac.authorization.k8s.io/v1", "Role", fmt.Sprintf("role-%d", i))
	a.line(0, "rules:")
	for range 2 + a.IntN(10) {
		a.line(0, "- apiGroups: [%q]", a.pick("", "apps", "argoproj.io"))
		a.line(1, "resources: [%s]", a.pick("secrets", "deployments, statefulsets", "configmaps"))
		a.line(1, "verbs: [get, list, watch]")
	}
}

func (a *author) settings(i int) {
	a.object("config.yaml", "v1", "ConfigMap", fmt.Sprintf("settings-%d", i))
	a.line(0, "data:")
	a.line(1, "config.yaml: |")
	for i := range 5 + a.IntN(60) {
		a.line(2, "key%d: %q", i, a.pick("info", "30s", "http://gateway:8080", "# no comment"))
	}
}
