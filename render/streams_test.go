package render_test

import "strings"

// The documents that synthetic streams are made of. env is the text of the list,
// with its dashes at column 0; it may be empty.

func workloadDoc(kind, name, container, env string, extra ...string) string {
	doc := "---\n# Source: gitops-runtime/templates/" + name + ".yaml\napiVersion: apps/v1\nkind: " + kind + "\nmetadata:\n  name: " + name + "\n" +
		strings.Join(extra, "") + "spec:\n  template:\n    spec:\n      containers:\n      - image: x\n        name: " + container + "\n"
	if env != "" {
		doc += "        env:\n" + indent(env, "        ")
	}
	return doc
}

func indent(text, by string) string {
	lines := strings.SplitAfter(text, "\n")
	return by + strings.TrimSuffix(strings.Join(lines, by), by)
}

func appProxy(env string, extra ...string) string {
	return workloadDoc("Deployment", "cap-app-proxy", "cap-app-proxy", env, extra...)
}

func chartLabel(version string) string {
	return "  labels:\n    helm.sh/chart: gitops-runtime-" + version + "\n"
}

// byName is the env of the services that are told the Secret's name and key.
func byName(name, key string) string {
	return "- name: ARGO_CD_TOKEN_SECRET_KEY\n  value: \"" + key + "\"\n- name: ARGO_CD_TOKEN_SECRET_NAME\n  value: \"" + name + "\"\n"
}

func secretEnv(variable, name, key string) string {
	return "- name: " + variable + "\n  valueFrom:\n    secretKeyRef:\n      key: " + key + "\n      name: " + name + "\n"
}

// gen026 is a stream of a chart of generation 0.26, for a password by default; app
// is its app-proxy, others the env of its other services.
func gen026(app, others string) string {
	return app + workloadDoc("Deployment", "gitops-operator", "manager", others) +
		workloadDoc("Deployment", "argo-gateway", "argo-gateway", others) +
		workloadDoc("Deployment", "runtime-event-reporter", "runtime-event-reporter", others) +
		workloadDoc("Deployment", "cluster-event-reporter", "cluster-event-reporter", others)
}

// gen018 is the same for the generation before.
func gen018(app, others string) string {
	return app + workloadDoc("Deployment", "gitops-operator", "manager", others) +
		workloadDoc("Deployment", "sources-server", "sources-server", others) +
		workloadDoc("StatefulSet", "event-reporter", "event-reporter", others)
}

// passwordEnv is app-proxy's env by default.
func passwordEnv() string {
	return secretEnv("ARGO_CD_PASSWORD", "argocd-initial-admin-secret", "password") + "- name: ARGO_CD_USERNAME\n  value: \"admin\"\n"
}

func secretDoc(name, body string) string {
	return "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: " + name + "\ntype: Opaque\n" + body
}

func configMapDoc(name, data string) string {
	return "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\ndata:\n" + indent(data, "  ")
}

// valuesDoc is the chart's hook ConfigMap with values.
func valuesDoc(values string) string {
	return "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: helm-values-config\n  annotations:\n    helm.sh/hook: pre-install\ndata:\n  values.yaml: |\n" +
		indent(values, "    ")
}
