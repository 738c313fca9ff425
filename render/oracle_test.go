package render_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	k8syaml "sigs.k8s.io/yaml"
)

// wired is what the containers of a stream get: service/VARIABLE to where it comes from.
type wired map[string]string

// contract is the table of the contract, written down once more for the test.
func contract(version, mode string) wired {
	w := wired{}
	others := []string{"gitops-operator", "sources-server", "event-reporter"}
	if strings.HasPrefix(version, "main") {
		others = []string{"gitops-operator", "argo-gateway", "runtime-event-reporter", "cluster-event-reporter"}
	}
	name, key := "argocd-token", "token"
	switch mode {
	case "token":
		name = "gitops-runtime-argo-cd-token"
	case "token-ref", "token-ref-optional":
		name, key = "my-argocd-token", "my-token"
	}
	for _, o := range others {
		w[o+"/ARGO_CD_TOKEN_SECRET_NAME"], w[o+"/ARGO_CD_TOKEN_SECRET_KEY"] = name, key
	}
	if strings.HasPrefix(mode, "token") {
		w["app-proxy/ARGO_CD_TOKEN"] = "secret " + name + "/" + key
		if mode == "token-ref-optional" {
			w["app-proxy/ARGO_CD_TOKEN"] += " optional"
		}
		return w
	}
	w["app-proxy/ARGO_CD_PASSWORD"] = "secret argocd-initial-admin-secret/password"
	w["app-proxy/ARGO_CD_USERNAME"] = "admin"
	switch mode {
	case "password", "password-emptyref":
		w["app-proxy/ARGO_CD_PASSWORD"] = "secret gitops-runtime-argo-cd-password/token"
		w["app-proxy/ARGO_CD_USERNAME"] = "svc-user"
	case "password-ref":
		w["app-proxy/ARGO_CD_PASSWORD"] = "secret my-argocd-password/my-password"
		w["app-proxy/ARGO_CD_USERNAME"] = "svc-user"
	case "username-ref":
		w["app-proxy/ARGO_CD_PASSWORD"] = "secret my-argocd-password/my-password"
		w["app-proxy/ARGO_CD_USERNAME"] = "secret my-argocd-username/my-username"
	}
	if version == "0.18.0" {
		w["app-proxy/ARGO_CD_TOKEN"] = "secret argocd-token/token optional"
	}
	return w
}

// separator is how Helm 3 splits manifests (pkg/releaseutil/manifest_sorter.go).
var separator = regexp.MustCompile(`(?:^|\s*\n)---\s*`)

// decodeAll reads a stream as Helm and the API server do.
func decodeAll(t testing.TB, stream []byte) []map[string]any {
	t.Helper()
	var docs []map[string]any
	for _, part := range separator.Split(strings.TrimPrefix(string(stream), "\ufeff"), -1) {
		var doc map[string]any
		if err := k8syaml.Unmarshal([]byte(part), &doc); err != nil {
			t.Fatalf("the API server does not read this: %v\n%s", err, part)
		}
		if doc["kind"] == "List" {
			for _, item := range doc["items"].([]any) {
				docs = append(docs, item.(map[string]any))
			}
		} else if doc != nil {
			docs = append(docs, doc)
		}
	}
	return docs
}

func at(v any, path ...string) any {
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

// effective returns the variables in question of every workload of a stream.
func effective(t testing.TB, stream []byte) wired {
	t.Helper()
	docs := decodeAll(t, stream)
	configMap := func(name, key string) string {
		for _, d := range docs {
			if d["kind"] == "ConfigMap" && at(d, "metadata", "name") == name {
				return fmt.Sprint(at(d, "data", key))
			}
		}
		return "no such configMap"
	}
	w := wired{}
	for _, d := range docs {
		if kind := d["kind"]; kind != "Deployment" && kind != "StatefulSet" {
			continue
		}
		name := strings.TrimPrefix(fmt.Sprint(at(d, "metadata", "name")), "cap-")
		containers, _ := at(d, "spec", "template", "spec", "containers").([]any)
		for _, c := range containers {
			env, _ := at(c, "env").([]any)
			for _, e := range env {
				if variable := fmt.Sprint(at(e, "name")); isAuth(variable) {
					w[name+"/"+variable] = origin(e, configMap)
				}
			}
		}
	}
	return w
}

func isAuth(name string) bool {
	return strings.HasPrefix(name, "ARGO_CD_") && name != "ARGO_CD_URL"
}

func origin(entry any, configMap func(name, key string) string) string {
	if ref, ok := at(entry, "valueFrom", "secretKeyRef").(map[string]any); ok {
		s := fmt.Sprintf("secret %v/%v", ref["name"], ref["key"])
		if ref["optional"] == true {
			s += " optional"
		}
		return s
	}
	if ref, ok := at(entry, "valueFrom", "configMapKeyRef").(map[string]any); ok {
		return configMap(fmt.Sprint(ref["name"]), fmt.Sprint(ref["key"]))
	}
	return fmt.Sprint(at(entry, "value"))
}
