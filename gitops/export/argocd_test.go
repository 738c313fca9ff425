package export_test

import (
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/gitops/export"
)

// TestPlugin adds the plugin to a repo-server with the real library: beside its own
// container, with what the sidecar mounts.
func TestPlugin(t *testing.T) {
	made, err := export.Plugin(export.PluginOptions{Image: "example/image:1", Chart: export.Chart{Address: "https://charts.example.com/it's", Version: "0.30.0"}})
	in := map[string][]byte{
		"/app/kustomization.yaml": []byte("namespace: argocd\nresources: [argocd.yaml]\ncomponents: [../plugin]\n"),
		"/app/argocd.yaml": []byte("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: argocd-repo-server}\n" +
			"spec: {template: {spec: {containers: [{name: argocd-repo-server, image: argocd}], volumes: [{name: plugins, emptyDir: {}}, {name: var-files, emptyDir: {}}]}}}\n"),
	}
	for name, data := range files(t, made, err) {
		in["/plugin/"+name] = data
	}
	var script string
	names := map[string][]string{}
	for _, o := range objectsOf(t, kustomized(t, in)) {
		if o["kind"] == "ConfigMap" {
			script, _ = at(o, "data", "plugin.yaml").(string)
			if at(o, "metadata", "name") != "runtime-auth-plugin" {
				t.Errorf("the ConfigMap is called %v", at(o, "metadata", "name"))
			}
			continue
		}
		for _, list := range []string{"containers", "volumes"} {
			items, _ := at(o, "spec", "template", "spec", list).([]any)
			for _, item := range items {
				names[list] = append(names[list], at(item, "name").(string))
				mounts, _ := at(item, "volumeMounts").([]any)
				for _, m := range mounts {
					names["mounts"] = append(names["mounts"], at(m, "name").(string))
				}
			}
		}
	}
	if len(names["containers"]) != 2 || len(names["mounts"]) != 4 {
		t.Errorf("containers and mounts: %v", names)
	}
	for _, mount := range names["mounts"] {
		if !strings.Contains(" "+strings.Join(names["volumes"], " ")+" ", " "+mount+" ") {
			t.Errorf("nothing is there to mount as %s", mount)
		}
	}
	for _, want := range []string{`"$release" 'it'\''s'`, `--repo 'https://charts.example.com'`, "0.30.0", "| runtime-auth", "runtime-auth render"} {
		if has := strings.Contains(script, want); has == (want == "| runtime-auth") {
			t.Errorf("%q in the script: %v\n%s", want, has, script)
		}
	}
}

func TestChart(t *testing.T) {
	for address, ok := range map[string]bool{
		"oci://charts.example.com/a/gitops-runtime": true, "https://charts.example.com/gitops-runtime": true,
		"": false, "gitops-runtime": false, "./chart": false, "oci://": false, "oci://host/": false, "repo/chart": false,
	} {
		if err := (export.Chart{Address: address}).Check(); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
