package values_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
	"github.com/helm-runtime-auth/runtime-auth/schema/values/outline"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// bigFile returns a values file of about 50 KB, such as those of charts with many
// subcharts: comments, nested mappings, lists, block scalars, quoted strings.
func bigFile() []byte {
	var b strings.Builder
	b.WriteString("# values of everything that runs beside the Runtime\nglobal:\n  runtime:\n    name: prod\n  external-argo-cd:\n    # see the guide\n    auth:\n      type: token\n      tokenSecretKeyRef: {name: argocd, key: token}\n\nargo-cd:\n  enabled: false\n")
	for i := 0; b.Len() < 50_000; i++ {
		fmt.Fprintf(&b, `
# -- service %[1]d, which the team of the platform looks after
service-%[1]d:
  # how many of them
  replicas: 3
  image:
    repository: quay.io/example/service-%[1]d
    tag: "1.%[1]d.0"   # moved by a bot
    pullPolicy: IfNotPresent
  env:
    - name: LOG_LEVEL
      value: info
    - name: ENDPOINT
      value: "https://service-%[1]d.example.com:8443/api?x=1#top"
  resources:
    limits: {cpu: 500m, memory: 512Mi}
    requests:
      cpu: 100m
      memory: 128Mi
  config: |
    [server]
    listen = 0.0.0.0:80%[1]d

    [log]
    level = "info"
  tolerations: []
  affinity: {}
  args:
  - --port=8080
  - '--name=it''s me'
  description: >-
    A longer text that says what this service
    is for.
`, i)
	}
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	data := bigFile()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := values.Parse("v.yaml", data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParsePart(b *testing.B) {
	data := bigFile()
	for _, bench := range []struct {
		name string
		keep outline.Keep
	}{{"nothing", outline.Skip}, {"global", outline.All}} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				f, err := values.ParsePart("v.yaml", data, func(path []string, _ []byte) outline.Keep {
					if path[0] == "global" {
						return bench.keep
					}
					return outline.Skip
				})
				if err != nil || !f.Partial() {
					b.Fatal("read as a whole", err)
				}
			}
		})
	}
}

func BenchmarkSourceNew(b *testing.B) {
	data := bigFile()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		yamldoc.New(data)
	}
}
