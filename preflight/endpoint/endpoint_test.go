//go:build cluster

package endpoint_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/preflight/endpoint"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

func of(t *testing.T, text string, version *auth.ChartVersion, defaults string, set ...string) endpoint.Server {
	t.Helper()
	load := func(o values.Options, text string) *values.Values {
		v, err := values.Load(o, func(string) ([]byte, error) { return []byte(text), nil })
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	opts := schema.Options{ChartVersion: version}
	if defaults != "" {
		opts.Defaults = load(values.Options{Files: []string{"chart"}}, defaults)
	}
	o := values.Options{Files: []string{"values.yaml"}, Set: set}
	var linter schema.Linter
	result, err := linter.Lint(load(o, text), opts)
	if err != nil {
		t.Fatal(err)
	}
	return endpoint.Of(result.Runtime, version, opts.Defaults != nil)
}

func TestOf(t *testing.T) {
	const token = "auth: {type: token, tokenSecretKeyRef: {name: a, key: b}}"
	older := func(fields string) string {
		return "global: {external-argo-cd: {server: {" + fields + "}, " + token + "}}"
	}
	newer := func(fields string) string {
		return "global: {integrations: {argo-cd: {server: {" + fields + token + "}}}}"
	}
	v25, v26 := &auth.ChartVersion{Minor: 25}, &auth.ChartVersion{Minor: 26}
	tests := []struct {
		name, values string
		version      *auth.ChartVersion
		set          []string
		url, from    string
	}{
		{"nothing", "{}", nil, nil, "http://argo-cd-server", "http://argo-cd-server.ns.svc"},
		{"nothing, an old chart", "{}", v25, nil, "http://argocd-server", "http://argocd-server.ns.svc"},
		{"the old place", older("svc: a, port: 8080, rootpath: /argocd"), nil, nil, "http://a:8080/argocd", "http://a.ns.svc:8080/argocd"},
		{"port 80 is left out", older("svc: a, port: 80"), nil, nil, "http://a", "http://a.ns.svc"},
		{"a port as text", older(`svc: a, port: "443"`), nil, nil, "http://a:443", "http://a.ns.svc:443"},
		{"the new place", newer("svc: a, rootpath: /x, "), nil, nil, "http://a/x", "http://a.ns.svc/x"},
		{"a new chart does not read the old place", older("svc: a"), v26, nil, "http://argo-cd-server", "http://argo-cd-server.ns.svc"},
		{"without a block", "global: {external-argo-cd: {server: {svc: a}}}", nil, nil, "http://a", "http://a.ns.svc"},
		{"--set", newer(""), v26, []string{"global.integrations.argo-cd.server.svc=b", "global.integrations.argo-cd.server.port=81"}, "http://b:81", "http://b.ns.svc:81"},
		{"qualified", newer("svc: a.other, "), nil, nil, "http://a.other", "http://a.other"},
		{"an umbrella", "platform: {" + newer("svc: a, ") + "}", nil, nil, "http://a", "http://a.ns.svc"},
		{"an umbrella's own global", "platform: {" + newer("svc: a, ") + "}\nglobal: {integrations: {argo-cd: {server: {svc: p}}}}", nil, nil, "http://p", "http://p.ns.svc"},
	}
	for _, tt := range tests {
		s := of(t, tt.values, tt.version, "", tt.set...)
		if s.URL() != tt.url || s.From("ns") != tt.from || len(s.Missing) > 0 {
			t.Errorf("%s: %s, from elsewhere %s, missing %q\nwant %s, %s", tt.name, s.URL(), s.From("ns"), s.Missing, tt.url, tt.from)
		}
	}
	for _, fields := range []string{`svc: "", `, "svc: null, ", "port: null, ", `port: "", `} {
		for _, defaults := range []string{"", newer("svc: argo-cd-server, port: 80, ")} {
			want := strings.Split(fields, ":")[0]
			if s := of(t, newer(fields), v26, defaults); strings.Join(s.Missing, " ") != want {
				t.Errorf("%s over %q: missing %q", fields, defaults, s.Missing)
			}
		}
	}
	if s := of(t, newer(""), v26, newer("svc: chart, port: 80, ")); s.Named || s.URL() != "http://chart" {
		t.Errorf("the chart's own: %+v", s)
	}
}

// TestRendered holds the address to the one that the chart has rendered.
func TestRendered(t *testing.T) {
	url := regexp.MustCompile(`(?m)^  argoCdUrl: "?(http:[^"\n]+)"?$`)
	for _, file := range oracle.Files(t, "corpus/*/token-ref.yaml", "corpus/*/token.yaml") {
		rendered, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".values.yaml")
		if err != nil {
			t.Fatal(err)
		}
		found := url.FindSubmatch(rendered)
		if s := of(t, string(text), nil, ""); found == nil || s.URL() != string(found[1]) {
			t.Errorf("%s: %s, rendered %q", file, s.URL(), found)
		}
	}
}

func TestIsOf(t *testing.T) {
	for address, want := range map[string]bool{
		"https://a": true, "https://a.ns:8443/x": true, "https://a.ns.svc": true, "https://a.ns.svc.cluster.local": true,
		"https://a.other.svc": false, "https://a.example.com": false, "https://b": false, "://": false,
	} {
		if got := endpoint.IsOf(address, "a", "ns"); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
}
