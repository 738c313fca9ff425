package render_test

import (
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/render"
)

// TestPrefilter writes one service in every way in which its kind and its name can
// stand in a document: it must not be overlooked.
func TestPrefilter(t *testing.T) {
	const spec = "spec: {template: {spec: {containers: [{image: x, name: argo-gateway}]}}}\n"
	const inList = "spec: {template: {spec: {containers: [{image: x, name: argo-gateway}]}}}}"
	rest := without(gen026(appProxy(""), ""), "argo-gateway")
	for name, doc := range map[string]string{
		"plain":                      "kind: Deployment\nmetadata: {name: argo-gateway}\n" + spec,
		"quoted keys":                "\"kind\": Deployment\n'metadata': {\"name\": argo-gateway}\n" + spec,
		"quoted values":              "kind: \"Deployment\"\nmetadata: {name: 'argo-gateway'}\n" + spec,
		"spaces and tabs":            "kind  : \t Deployment \t# of the gateway\nmetadata: {name:   argo-gateway}\n" + spec,
		"on the next line":           "kind:\n  Deployment\nmetadata: {name:\n  argo-gateway}\n" + spec,
		"a tag":                      "kind: !!str Deployment\nmetadata: {name: !!str argo-gateway}\n" + spec,
		"a long tag":                 "kind: !<tag:yaml.org,2002:str> Deployment\nmetadata: {name: argo-gateway}\n" + spec,
		"an anchor":                  "kind: &kind Deployment\nmetadata: {name: argo-gateway}\n" + spec,
		"an anchor and a tag":        "kind: &kind !!str Deployment\nmetadata: {name: argo-gateway}\n" + spec,
		"an alias":                   "x: [&kind Deployment, &name argo-gateway]\nkind: *kind\nmetadata: {name: *name}\n" + spec,
		"an anchor behind a quote":   "x: {\"a\":&kind Deployment, b: !!str &name argo-gateway}\nkind: *kind\nmetadata: {name: *name}\n" + spec,
		"a merge key":                "x: &x {kind: Deployment, metadata: {name: argo-gateway}}\n<<: *x\n" + spec,
		"explicit keys":              "? kind\n: Deployment\n? metadata\n: {name: argo-gateway}\n" + spec,
		"block scalars":              "kind: |-\n  Deployment\nmetadata:\n  name: >-\n    argo-gateway\n" + spec,
		"flow":                       "{kind: Deployment, metadata: {name: argo-gateway}, " + strings.TrimSuffix(spec, "\n") + "}\n",
		"flow, the kind last":        "{metadata: {name: argo-gateway}, " + strings.TrimSuffix(spec, "\n") + ", kind: Deployment}\n",
		"JSON":                       `{"kind":"Deployment","metadata":{"name":"argo-gateway"},"spec":{"template":{"spec":{"containers":[{"image":"x","name":"x"}]}}}}` + "\n",
		"JSON on several lines":      "{\n\t\"kind\" :\n\t\t\"Deployment\",\n\t\"metadata\": {\"name\" : \"argo-gateway\"},\n\t\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"image\":\"x\",\"name\":\"x\"}]}}}\n}\n",
		"a list":                     "kind: List\nitems:\n- {kind: Deployment, metadata: {name: argo-gateway}, " + inList + "\n",
		"a list of its kind":         "kind: DeploymentList\nitems:\n- {kind: Deployment, metadata: {name: argo-gateway}, " + inList + "\n",
		"a list, quoted":             "{\"kind\": \"List\", \"items\": [{\"kind\": \"Deployment\", \"metadata\": {\"name\": \"argo-gateway\"}, " + inList + "]}\n",
		"by its label":               "kind: Deployment\nmetadata: {name: other, labels: {app.kubernetes.io/name: argo-gateway}}\n" + spec,
		"behind a sentence":          "a: this Deployment is no Deployment\nkind: Deployment\nmetadata: {name: argo-gateway}\n" + spec,
		"behind much":                "a: " + strings.Repeat("x", 600<<10) + "\nkind: Deployment\nmetadata: {name: argo-gateway}\n" + spec,
		"separator on the same line": "{kind: Deployment, metadata: {name: argo-gateway}, " + strings.TrimSuffix(spec, "\n") + "}\n",
		"CRLF":                       crlf("kind: Deployment\nmetadata: {name: argo-gateway}\n" + spec),
		"CR":                         strings.ReplaceAll("kind: Deployment\nmetadata: {name: argo-gateway}\n"+spec, "\n", "\r"),
	} {
		t.Run(name, func(t *testing.T) {
			separator := "---\n"
			if name == "separator on the same line" {
				separator = "--- "
			}
			out, report := run(t, tokenSettings(), []byte(rest+separator+doc), render.Options{})
			if len(report.Services) != 5 || strings.Count(string(out), "ARGO_CD_TOKEN_SECRET_NAME") != 4 {
				t.Errorf("%d services", len(report.Services))
			}
		})
	}
}

// without takes the document of an object out of a stream.
func without(stream, object string) string {
	var kept []string
	for _, d := range strings.Split(stream, "---\n") {
		if !strings.Contains(d, "\n  name: "+object+"\n") {
			kept = append(kept, d)
		}
	}
	return strings.Join(kept, "---\n")
}

// TestPrefilterAcross puts a service where the pieces in which the stream is read
// meet, at every offset.
func TestPrefilterAcross(t *testing.T) {
	const segment = 256 << 10
	service := workloadDoc("Deployment", "argo-gateway", "argo-gateway", "")
	rest := without(gen026(appProxy(""), ""), "argo-gateway")
	for shift := 0; shift < len(service)+8; shift += 3 {
		fill := segment - len(rest) - len("---\na: \n") - shift
		in := rest + "---\na: " + strings.Repeat("x", fill) + "\n" + service
		out, report := run(t, tokenSettings(), []byte(in), render.Options{})
		if len(report.Services) != 5 || strings.Count(string(out), "ARGO_CD_TOKEN_SECRET_NAME") != 4 {
			t.Fatalf("%d bytes in front of the end of a piece: %d services", shift, len(report.Services))
		}
	}
}

// TestEscapes writes the words as YAML allows, and as a text that only looks so.
func TestEscapes(t *testing.T) {
	rest := without(gen026(appProxy(""), ""), "argo-gateway") + "---\n"
	spec := "spec: {template: {spec: {containers: [{image: x, name: argo-gateway}]}}}\n"
	for name, doc := range map[string]string{
		"an escape in the kind":    "kind: \"\\x44eployment\"\nmetadata: {name: argo-gateway}\n" + spec,
		"an escape in the name":    "kind: Deployment\nmetadata: {name: \"argo\\u002dgateway\"}\nspec: {template: {spec: {containers: [{image: x, name: x}]}}}\n",
		"a line break in the kind": "kind: \"Deploy\\\n  ment\"\nmetadata: {name: argo-gateway}\n" + spec,
		"a line break in the name": "kind: Deployment\nmetadata: {name: \"argo-\\\n  gateway\"}\nspec: {template: {spec: {containers: [{image: x, name: x}]}}}\n",
		"an escaped variable":      "kind: Deployment\nmetadata: {name: argo-gateway}\nspec: {template: {spec: {containers: [{image: x, name: x, env: [{name: \"ARGO_CD_TOKEN\\U0000005fSECRET_NAME\", value: a}]}]}}}\n",
	} {
		_, report := run(t, tokenSettings(), []byte(rest+doc), render.Options{})
		if len(report.Services) != 5 {
			t.Errorf("%s: %d services", name, len(report.Services))
		}
	}
	// A service that nobody can see is missing, so that it is not left out.
	labelled := strings.Replace(rest, "  name: cap-app-proxy\n", "  name: cap-app-proxy\n"+chartLabel("0.26.0"), 1)
	if e := fails(t, tokenSettings(), labelled+"kind: !!binary RGVwbG95bWVudA==\nmetadata: {name: argo-gateway}\n"+spec, render.Options{}, render.StreamError); !strings.Contains(e.Error(), "argo-gateway") {
		t.Errorf("error %q", e)
	}
	// Backslashes outside of quotes are just that, and the text need not be YAML for them.
	whole := gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")), byName("my-token", "k"))
	for _, doc := range []string{"---\nkind: \\x44eployment: argo-gateway: x\n\t\n", "---\nkind: ConfigMap\ndata:\n  a: |\n    kind: Deploy\\\n    ment argo-gateway\n"} {
		if out, _ := run(t, tokenSettings(), []byte(doc+whole), render.Options{}); string(out) != doc+whole {
			t.Errorf("stream changed:\n%s", out)
		}
	}
}
