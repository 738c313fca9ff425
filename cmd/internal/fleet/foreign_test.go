package fleet_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// foreign are files such as repositories are full of, with words in them that a Runtime
// has too. Each is in a form of its own.
func foreign() map[string]string {
	const deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: auth, labels: {app.kubernetes.io/part-of: argocd}}\nspec:\n  template:\n    spec:\n      containers:\n" +
		"      - name: auth\n        env:\n        - {name: ARGO_CD_TOKEN, valueFrom: {secretKeyRef: {name: a, key: b}}}\n        args: [--auth, 'token: x']\n"
	return map[string]string{
		"deployment.yaml": deployment,
		"all.yaml":        strings.Repeat("---\n"+deployment, 5) + "---\n# auth:\n",
		"list.json":       `{"apiVersion": "v1", "kind": "List", "items": [{"kind": "Secret", "stringData": {"auth": "token"}}]}`,
		"crd.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  versions:\n  - schema:\n      openAPIV3Schema:\n        properties:\n          auth:\n" +
			"            properties:\n              tokenSecretKeyRef: {type: object}\n              passwordSecretKeyRef: {type: object}\n",
		"argocd-cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm}\ndata:\n  accounts.ci: apiKey\n  dex.config: |\n    connectors:\n    - config: {auth: x}\n",
		"app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    chart: argo-cd\n    helm:\n      valuesObject:\n        global: {domain: x}\n" +
			"        configs: {secret: {argocdServerAdminPassword: x}}\n        server: {auth: {type: basic}}\n",
		"release.yaml":       "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chart: {spec: {chart: postgresql}}\n  values: {auth: {username: a, password: b}}\n",
		"kustomization.yaml": "resources: [auth.yaml]\nhelmCharts:\n- {name: redis, valuesInline: {auth: {password: x}}}\n",
		"helmfile.yaml":      "repositories: [{name: a, url: b}]\nreleases:\n- {name: redis, chart: a/redis, values: [{auth: {enabled: true}}]}\n",
		"fleet.yaml":         "helm: {chart: redis, values: {auth: {password: x}}}\n",
		"redis/values.yaml":  "global:\n  storageClass: x\n  auth: {enabled: true}\nauth:\n  enabled: true\n  existingSecret: a\n  usernameSecretKeyRef: {name: a, key: b}\n  passwordSecretKeyRef: {name: a, key: b}\n",
		"nats/values.yaml":   "auth:\n  token: x\n  enabled: true\n---\nauth: {type: token}\n",
		"argo-cd/values.yaml": "global: {domain: argocd.example.com}\nserver: {ingress: {enabled: true}}\nconfigs:\n  cm: {accounts.ci: apiKey}\nnotifications: {secret: {items: {argocd-token: x}}}\n" +
			"applicationSet: {auth: {}}\n",
		"docker-compose.yml": "services:\n  runtime:\n    environment: {ARGO_CD_TOKEN: x, AUTH: token}\n    labels: ['auth: x']\n",
		".gitlab-ci.yml":     "deploy:\n  script:\n  - helm upgrade --set global.external-argo-cd.auth.type=token x gitops-runtime\n  - 'auth: x'\n",
		"workflow.yml":       "on: [push]\njobs:\n  auth:\n    steps: [{uses: docker/login-action, with: {password: '${{ secrets.TOKEN }}'}}]\n",
		"playbook.yml":       "- hosts: all\n  tasks:\n  - name: \"{{ auth }}\"\n    set_fact: {auth: {type: token, token: '{{ lookup(\"env\", \"T\") }}'}}\n",
		"template.yaml":      "{{- if .Values.auth }}\nauth: {{ .Values.auth.tokenSecretKeyRef }}\n{{- end }}\n",
		"values.yaml.gotmpl": "auth: {{ .Values.auth }}\n",
		"openapi.yaml":       "openapi: 3.0.0\npaths:\n  /auth: {post: {responses: {'200': {description: x}}}}\ncomponents: {securitySchemes: {auth: {type: http}}}\n",
		"package.json":       `{"author": "x", "scripts": {"auth": "token"}, "dependencies": {"external-editor": "1.0.0"}}`,
		"mkdocs.yml":         "nav: [auth.md]\nmarkdown_extensions:\n- x: !!python/name:auth.x\n",
		"tabs.yaml":          "auth:\n\ttoken: x\n",
		"broken.yaml":        "global:\n  auth: {type: token\nargo-cd: [\n",
		"conflict.yaml":      "<<<<<<< HEAD\nauth: a\n=======\nauth: b\n>>>>>>> x\n",
		"latin1.yaml":        "auth: caf\xe9\n",
		"binary.yaml":        "auth:\x00\x01\x02",
		"utf16.yaml":         "\xff\xfea\x00u\x00t\x00h\x00:\x00",
		"scalar.yaml":        "auth: token\n...\nauth: x\n",
		"secret.enc.yaml":    "auth: ENC[AES256_GCM,data:abc,type:str]\nsops: {mac: x}\n",
		"main.tf":            "resource \"helm_release\" \"redis\" {\n  set { name = \"auth.enabled\" }\n}\n",
	}
}

// TestForeignFilesAreSilent finds nothing in files of others: no finding, no Runtime, and
// nothing that is not read.
func TestForeignFilesAreSilent(t *testing.T) {
	for name, text := range foreign() {
		for _, text := range []string{text, strings.ReplaceAll(text, "\n", "\r\n"), "\ufeff" + text} {
			if strings.HasPrefix(text, "\ufeff\xff") {
				continue
			}
			if c := check(t, fleet.File{Found: true}, name, text); !reflect.DeepEqual(c, fleet.Checked{}) {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
}

// TestObjectsAreNotParsed lints a large file of Kubernetes objects, whose bytes tell that
// lint has nothing to say: what is allocated does not grow with it.
func TestObjectsAreNotParsed(t *testing.T) {
	linter := &schema.Linter{}
	data := []byte(strings.Repeat("---\n"+foreign()["deployment.yaml"], 2000))
	allocations := testing.AllocsPerRun(1, func() {
		if _, err := fleet.Check(fleet.File{Name: "x.yaml", Found: true}, reader(data, nil), linter.LintFile, linter, schema.Options{}); err != nil {
			t.Fatal(err)
		}
	})
	if perObject := allocations / 2000; perObject > 50 {
		t.Errorf("%.0f allocations for each object", perObject)
	}
}

// BenchmarkForeign looks at a thousand files of others.
func BenchmarkForeign(b *testing.B) {
	linter := &schema.Linter{}
	var texts [][]byte
	size := 0
	names := slices.Sorted(maps.Keys(foreign()))
	for i := range 1000 {
		texts = append(texts, fmt.Appendf(nil, "# %d\n%s", i, foreign()[names[i%len(names)]]))
		size += len(texts[i])
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for _, data := range texts {
			if _, err := fleet.Check(fleet.File{Name: "x.yaml", Found: true}, reader(data, nil), linter.LintFile, linter, schema.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
