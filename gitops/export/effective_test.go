package export_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	k8syaml "sigs.k8s.io/yaml"
)

// objectsOf reads a stream, or lists in it, as the API server reads objects.
func objectsOf(t testing.TB, streamed []byte) []map[string]any {
	t.Helper()
	var found []map[string]any
	for _, doc := range documents(t, streamed) {
		var object map[string]any
		if err := k8syaml.Unmarshal(doc, &object); err != nil {
			t.Fatal(err)
		}
		if items, isList := object["items"].([]any); isList {
			for _, item := range items {
				found = append(found, item.(map[string]any))
			}
			continue
		}
		found = append(found, object)
	}
	return found
}

func at(v any, path ...string) any {
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

// effective says where every variable about the credential comes from, and what the
// chart's Secrets hold: by the path of the object.
func effective(t testing.TB, stream []byte) map[string]string {
	t.Helper()
	objects := objectsOf(t, stream)
	texts := map[string]string{}
	for _, o := range objects {
		data, _ := at(o, "data").(map[string]any)
		for key, text := range data {
			if o["kind"] == "ConfigMap" {
				texts[fmt.Sprint(at(o, "metadata", "name"), "/", key)] = fmt.Sprint(text)
			}
		}
	}
	found := map[string]string{}
	for _, o := range objects {
		id := fmt.Sprint(o["kind"], "/", at(o, "metadata", "name"))
		if o["kind"] == "Secret" && strings.HasPrefix(id, "Secret/gitops-runtime-argo-cd-") {
			found[id] = fmt.Sprint(at(o, "stringData"), at(o, "data"))
		}
		containers, _ := at(o, "spec", "template", "spec", "containers").([]any)
		for _, c := range containers {
			env, _ := at(c, "env").([]any)
			for _, e := range env {
				name := fmt.Sprint(at(e, "name"))
				if strings.HasPrefix(name, "ARGO_CD_") && name != "ARGO_CD_URL" {
					found[id+"/"+fmt.Sprint(at(c, "name"))+"/"+name] = origin(e, texts)
				}
			}
		}
	}
	return found
}

func origin(entry any, texts map[string]string) string {
	if ref, ok := at(entry, "valueFrom", "configMapKeyRef").(map[string]any); ok {
		return texts[fmt.Sprint(ref["name"], "/", ref["key"])]
	}
	if ref, ok := at(entry, "valueFrom", "secretKeyRef").(map[string]any); ok && at(entry, "value") == nil {
		return fmt.Sprint("Secret ", ref)
	}
	if at(entry, "valueFrom") != nil {
		return fmt.Sprint("refused by the API server: ", entry)
	}
	return fmt.Sprint(at(entry, "value"))
}

// wiring returns the documents of a stream that have a part in the wiring: building the
// whole chart some hundred times would only take longer.
func wiring(t testing.TB, streamed []byte) []byte {
	t.Helper()
	var found [][]byte
	for _, doc := range documents(t, streamed) {
		isService := bytes.Contains(doc, []byte("ARGO_CD_")) || bytes.Contains(doc, []byte("\n  name: cap-app-proxy"))
		if isService && !bytes.Contains(doc, []byte("kind: Job\n")) && !bytes.Contains(doc, []byte("\n  name: helm-values-config\n")) {
			found = append(found, doc)
		}
	}
	return bytes.Join(found, []byte("---\n"))
}
