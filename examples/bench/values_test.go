//go:build bench && unix

package bench

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// fileSize is how large a values file is: about what a chart of charts ships.
const fileSize = 50_000

// perFolder is how many files stand in one folder.
const perFolder = 100

// kind says what is wrong with a file.
type kind int

const (
	clean kind = iota
	plaintext
	broken
)

// The sets of files that are linted: nothing wrong, as in most runs of a hook; one in
// ten broken; and a team that has not heard of Secret references yet.
func allClean(int) kind     { return clean }
func allPlaintext(int) kind { return plaintext }

func tenthBroken(i int) kind {
	if i%10 == 3 {
		return broken
	}
	return clean
}

// writeFiles writes values files into folders below dir and returns the folders.
func writeFiles(dir string, n int, kindOf func(int) kind) ([]string, error) {
	var folders []string
	for i := range n {
		if i%perFolder == 0 {
			folder := filepath.Join(dir, fmt.Sprintf("team-%02d", i/perFolder))
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return nil, err
			}
			folders = append(folders, folder)
		}
		name := filepath.Join(folders[len(folders)-1], fmt.Sprintf("values-%04d.yaml", i))
		if err := os.WriteFile(name, valuesFile(i, kindOf(i)), 0o644); err != nil {
			return nil, err
		}
	}
	return folders, nil
}

// author writes one file, always the same for the same number.
type author struct {
	strings.Builder
	*rand.Rand
	anchors bool // whether this one likes YAML's anchors; few who write values do
}

func newAuthor(number uint64) *author { return &author{Rand: rand.New(rand.NewPCG(number, 2))} }

// valuesFile is a values file as large charts have them: a section for each
// component, most of the keys explained, the block somewhere among them.
func valuesFile(number int, k kind) []byte {
	a := newAuthor(uint64(number))
	a.anchors = number%20 == 11
	a.Grow(fileSize + 4096)
	a.line(0, "# Values of environment %d. Every key that is left out keeps the chart's default.", number)
	before := a.IntN(fileSize * 9 / 10)
	for i := 0; a.Len() < before; i++ {
		a.component(i)
	}
	a.global(number, k)
	for i := 100; a.Len() < fileSize; i++ {
		a.component(i)
	}
	return []byte(a.String())
}

func (a *author) line(indent int, format string, args ...any) {
	for range indent {
		a.WriteString("  ")
	}
	fmt.Fprintf(a, format, args...)
	a.WriteByte('\n')
}

func (a *author) pick(words ...string) string { return words[a.IntN(len(words))] }

// global is the section that the auth block stands in, at one of its two places.
func (a *author) global(number int, k kind) {
	a.line(0, "")
	a.line(0, "# -- Shared by all components.")
	a.line(0, "global:")
	a.line(1, "imageRegistry: \"\"")
	a.line(1, "imagePullSecrets: [registry-%d, registry-mirror]", number%7)
	a.line(1, "runtime:")
	a.line(2, "name: runtime-%04d # as it is shown in the list of runtimes", number)
	a.line(2, "cluster: {name: in-cluster, server: \"https://kubernetes.default.svc\"}")
	key := "external-argo-cd"
	if k == broken && number%20 == 3 {
		key = "external-arg-cd"
	}
	indent := 1
	if number%2 == 1 && key == "external-argo-cd" {
		a.line(1, "integrations:")
		a.line(2, "argo-cd:")
		key, indent = "server", 3
	}
	a.line(indent, "%s:", key)
	a.line(indent+1, "svc: argocd-server")
	a.line(indent+1, "# How to sign in.")
	a.line(indent+1, "auth:")
	a.auth(indent+2, number, k)
}

func (a *author) auth(indent, number int, k kind) {
	a.line(indent, "type: token")
	switch {
	case k == plaintext:
		part := base64.RawURLEncoding.EncodeToString
		a.line(indent, "token: %s.%s.s3cr3t-signature-s3cr3t-signature-s3cr3t-si", part([]byte(`{"alg":"HS256","typ":"JWT"}`)),
			part(fmt.Appendf(nil, `{"iss":"argocd","sub":"runtime-%d:apiKey","iat":1700000000,"nbf":1700000000,"jti":"%d"}`, number, number)))
	case k == broken:
		a.line(indent, "tokenSecretKeyRef:")
		a.line(indent+1, "name: argocd-api-token-%d", number)
		a.line(indent+1, "kye: token")
	default:
		a.line(indent, "tokenSecretKeyRef:")
		a.line(indent+1, "name: argocd-api-token-%d # one account per environment", number)
		a.line(indent+1, "key: token")
	}
}

// component is a section of one to three kilobytes.
func (a *author) component(i int) {
	name := fmt.Sprintf("%s-%s-%d", a.pick("billing", "catalog", "ledger", "media", "search", "session"), a.pick("api", "cache", "cron", "proxy", "worker"), i)
	a.line(0, "")
	a.line(0, "## %s", strings.Repeat("-", 70))
	a.line(0, "## %s", name)
	a.line(0, "## %s", strings.Repeat("-", 70))
	a.line(0, "%s:", name)
	a.line(1, "# -- Whether this component is installed at all.")
	a.line(1, "enabled: %t", a.IntN(4) > 0)
	a.line(1, "replicaCount: %d", 1+a.IntN(9))
	for _, i := range a.Perm(len(sections()))[:3+a.IntN(4)] {
		sections()[i](a, name)
	}
}

// sections are what a component may have.
func sections() []func(*author, string) {
	return []func(*author, string){image, env, config, resources, ingress, scheduling, probes, script, hosts, dashboard}
}

func image(a *author, name string) {
	a.line(1, "image:")
	a.line(2, "repository: registry.example.com/platform/%s", name)
	a.line(2, "# -- Overrides the tag, which is the chart's appVersion.")
	a.line(2, "tag: \"%d.%d.%d\"", a.IntN(3), a.IntN(30), a.IntN(100))
	a.line(2, "pullPolicy: %s", a.pick("IfNotPresent", "Always"))
}

func env(a *author, name string) {
	a.line(1, "env:")
	for i := range 4 + a.IntN(12) {
		switch a.IntN(3) {
		case 0:
			a.line(2, "- name: %s_%d", a.pick("LOG_LEVEL", "TIMEOUT", "UPSTREAM", "REGION"), i)
			a.line(3, "value: %q", a.pick("info", "30s", "http://ledger:8080", "eu-central-1", "true"))
		case 1:
			a.line(2, "- {name: FEATURE_%d, value: \"%d\"}", a.IntN(1000), a.IntN(2))
		case 2:
			a.line(2, "- name: CREDENTIAL_%d", i)
			a.line(3, "valueFrom:")
			a.line(4, "secretKeyRef: {name: %s, key: '%s'}", name, a.pick("user", "token", "dsn"))
		}
	}
}

func config(a *author, name string) {
	a.line(1, "# -- Written into a ConfigMap as it stands, templates and all.")
	a.line(1, "config:")
	a.line(2, "%s.toml: |", name)
	for i := range 6 + a.IntN(20) {
		switch a.IntN(4) {
		case 0:
			a.line(3, "[section.%d]", i)
		case 1:
			a.line(3, "# keep this below the limit of the upstream")
		default:
			a.line(3, "key_%d = \"{{ .Values.%s }}: %d\"", i, a.pick("global.region", "global.zone"), a.Uint32())
		}
	}
}

func resources(a *author, _ string) {
	a.line(1, "# -- No limits by default: they are for whoever knows the load.")
	a.line(1, "resources:")
	a.line(2, "requests:")
	a.line(3, "cpu: %dm", 50*(1+a.IntN(40)))
	a.line(3, "memory: %dMi", 64*(1+a.IntN(32)))
	a.line(2, "limits: {}")
}

func ingress(a *author, name string) {
	a.line(1, "ingress:")
	a.line(2, "enabled: %t", a.IntN(2) == 0)
	a.line(2, "className: %s", a.pick("nginx", "traefik", `""`))
	a.line(2, "annotations:")
	for i := range 2 + a.IntN(5) {
		a.line(3, "example.com/option-%d: \"%d\"", i, a.IntN(1<<16))
	}
	a.line(2, "hosts:")
	a.line(3, "- host: '%s.example.com'", name)
	a.line(4, "paths: [{path: /, pathType: Prefix}, {path: /healthz, pathType: Exact}]")
	a.line(2, "tls: []")
}

func scheduling(a *author, name string) {
	a.line(1, "# Spread over zones, and off the nodes that come and go.")
	a.line(1, "topologySpreadConstraints:")
	a.line(2, "- maxSkew: 1")
	a.line(3, "topologyKey: topology.kubernetes.io/zone")
	a.line(3, "whenUnsatisfiable: %s", a.pick("DoNotSchedule", "ScheduleAnyway"))
	a.line(3, "labelSelector:")
	a.line(4, "matchLabels: {app.kubernetes.io/name: %s}", name)
	a.line(1, "tolerations:")
	a.line(2, "- key: %q", a.pick("spot", "arm64", "gpu"))
	a.line(3, "operator: Exists")
	a.line(1, "nodeSelector: {}")
	a.line(1, "affinity: {}")
}

func probes(a *author, _ string) {
	for _, probe := range []string{"livenessProbe", "readinessProbe"} {
		a.line(1, "%s:", probe)
		a.line(2, "httpGet: {path: /healthz, port: %d}", 8000+a.IntN(1000))
		a.line(2, "initialDelaySeconds: %d # until the caches are warm", a.IntN(60))
		a.line(2, "periodSeconds: %d", 5+a.IntN(20))
	}
}

func script(a *author, name string) {
	a.line(1, "# -- Runs before the first start.")
	a.line(1, "initScript: |-")
	a.line(2, "#!/bin/sh")
	a.line(2, "set -eu")
	for range 4 + a.IntN(10) {
		a.line(2, "%s", a.pick(
			"until nc -z database 5432; do sleep 1; done",
			`echo "ready: $(hostname)" >&2`,
			"if [ ! -e /data/.done ]; then migrate --to "+fmt.Sprint(a.IntN(500))+"; fi",
			"auth: this is text; type: token",
			"cp -r /defaults/"+name+" /data/ # keeps what is there"))
	}
	a.line(1, "description: >")
	a.line(2, "Takes what comes in, checks it, and hands it on. Where that fails for longer")
	a.line(2, "than %d minutes the entry goes to the queue of those that a person looks at.", a.IntN(60))
}

func hosts(a *author, name string) {
	a.line(1, "allowedHosts:")
	for i := range 5 + a.IntN(20) {
		a.line(2, "- %s-%d.%s.internal", name, i, a.pick("eu", "us", "ap"))
	}
	a.line(1, "ports: [%d, %d, %d]", 1024+a.IntN(9000), 1024+a.IntN(9000), 1024+a.IntN(9000))
}

func dashboard(a *author, name string) {
	a.line(1, "dashboard:")
	anchor := ""
	if a.anchors {
		anchor = " &labels-" + name
	}
	a.line(2, "labels:%s", anchor)
	a.line(3, "grafana_dashboard: \"1\"")
	a.line(2, "panels: [")
	for i := range 3 + a.IntN(8) {
		a.line(3, `{title: "rate %d", unit: reqps, query: 'sum(rate(http_requests_total{job="%s"}[5m]))'},`, i, name)
	}
	a.line(2, "]")
	if a.anchors {
		a.line(2, "podLabels: *labels-%s", name)
	}
}
