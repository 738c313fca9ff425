package report

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
)

// shown returns a document as it may be shown; "?" stands for lines that may not.
func shown(raw string) string {
	var b strings.Builder
	doc := newManifest([]byte(raw), wiring.Names{})
	for i := range strings.Count(raw, "\n") {
		pieces, ok := doc.Line("", i+1)
		if !ok {
			b.WriteString("?")
		}
		for _, p := range pieces {
			b.WriteString(p.Text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func base(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestManifest(t *testing.T) {
	known := "argocd.s3cr3t.4711"
	for _, test := range []struct{ name, raw, want string }{
		{"a Secret",
			"kind: Secret\nmetadata: {name: x}\ndata:\n  a: czNjcjN0 # s\n  b: \"s3cr3t\"\nstringData: {c: s3cr3t, d: |-\n}\n",
			"?\n?\n?\n?\n?\n?\n?\n"}, // not YAML
		{"all styles in a Secret",
			"kind: Secret\nmetadata: {name: x}\ndata: &d\n  a: czNjcjN0 # why\n  b: \"s3cr3t\"\nstringData:\n  c: 's3cr3t'\n  d: |-\n    s3cr3t\n\n    s3cr3t\n  e: &e s3cr3t\n  f: *e\n  g: 3\n",
			"kind: Secret\nmetadata: {name: x}\ndata: …\n  a: … # …\n  b: …\nstringData:\n  c: …\n  d: …\n    …\n\n    …\n  e: …\n  f: …\n  g: …\n"},
		{"a Secret in a List, with duplicate keys and merges",
			"x: &x {stringData: {a: s3cr3t}}\nitems:\n- {kind: Secret, data: {a: s3cr3t}, data: {b: s3cr3t}}\n- {<<: *x, kind: Secret}\n",
			"x: … {stringData: {a: …}}\nitems:\n- {kind: Secret, data: {a: …}, data: {b: …}}\n- {<<: …, kind: Secret}\n"},
		{"the chart's values",
			"kind: ConfigMap\ndata:\n  values.yaml: |\n    global:\n      external-argo-cd:\n        auth:\n          type: token\n          token: s3cr3t\n          tokn: s3cr3t\n          username: admin\n          tokenSecretKeyRef: {name: a, key: b}\n",
			"kind: ConfigMap\ndata:\n  values.yaml: …\n    …\n      …\n        …\n          …\n          …\n          …\n          …\n          …\n"},
		{"the chart's values in quotes",
			"data:\n  values.yaml: \"auth:\\n  token: s3cr3t\\n\"\n  other: \"a: b\\n\"\n",
			"data:\n  values.yaml: …\n  other: …\n"},
		{"redacted values stay legible",
			"data:\n  values.yaml: |\n    auth: {token: \"[redacted]\", password: null, useToken: true}\n",
			"data:\n  values.yaml: …\n    …\n"},
		{"environment variables",
			"env:\n- name: ARGO_CD_TOKEN\n  value: s3cr3t\n- {value: s3cr3t, name: DB_PASSWORD}\n- name: ARGO_CD_TOKEN_SECRET_NAME\n  value: argocd-token\n- name: ARGO_CD_TOKEN_SECRET_KEY\n  value: \"token\"\n- name: ARGO_CD_TOKEN_SECRET_NAME\n  value: s3cr3t!\n- name: ARGO_CD_USERNAME\n  value: admin\n- name: T\n  valueFrom: {secretKeyRef: {name: a, key: token}}\n",
			"env:\n- name: ARGO_CD_TOKEN\n  value: …\n- {value: …, name: DB_PASSWORD}\n- name: ARGO_CD_TOKEN_SECRET_NAME\n  value: argocd-token\n- name: ARGO_CD_TOKEN_SECRET_KEY\n  value: \"token\"\n- name: ARGO_CD_TOKEN_SECRET_NAME\n  value: …\n- name: ARGO_CD_USERNAME\n  value: admin\n- name: T\n  valueFrom: {secretKeyRef: {name: a, key: token}}\n"},
		{"a value behind an alias or a merge key",
			"a: &a s3cr3t\nl: &l [s3cr3t]\ntoken: *a\ntokens: *l\nb: &b {value: s3cr3t-1}\nenv:\n- <<: *b\n  name: MY_TOKEN\n",
			"a: …\nl: … […]\ntoken: …\ntokens: …\nb: … {value: …}\nenv:\n- <<: …\n  name: MY_TOKEN\n"},
		{"keys", "apiKey: s3cr3t\nsecretName: shown\nautomountServiceAccountToken: false\nprivate_key: |\n  s3cr3t\npasswords:\n- s3cr3t\n",
			"apiKey: …\nsecretName: …\nautomountServiceAccountToken: false\nprivate_key: …\n  …\npasswords:\n- …\n"},
		{"command lines", "args: [--token=s3cr3t, --password, s3cr3t, -v, x]\ncommand:\n- sh\n- -c\n- PASSWORD=s3cr3t run\n",
			"args: […, …, …, …, …]\ncommand:\n- …\n- …\n- …\n"},
		{"looks", "a: eyJhbGciOiJIUzI1NiJ9.s3cr3t.x\nb: https://user:s3cr3t@host/x\nc: 'Authorization: Bearer s3cr3t'\n",
			"a: …\nb: …\nc: …\n"},
		{"a manifest in an annotation", "annotations:\n  last: '{\"kind\":\"Secret\",\"data\":{\"a\":\"s3cr3t\"}}'\n  other: '{\"kind\":\"Pod\"}'\n",
			"annotations:\n  last: …\n  other: …\n"},
		{"other configuration", "data:\n  a.env: |\n    HOST=x\n    PASSWORD=s3cr3t\n\n    x\n  b.ini: >\n    password = s3cr3t\n",
			"data:\n  a.env: …\n    …\n    …\n\n    …\n  b.ini: …\n    …\n"},
		{"comments", "# Source: chart/templates/token.yaml\n# Source: token=a\n# the token: s3cr3t\na: b # password=s3cr3t\nc: 'a # my token says = x'\nenv: # of the token\n# - name: ARGO_CD_TOKEN\n#   value: s3cr3t\n\n#   value: b\n",
			"# …\n# …\n# …\na: … # …\nc: …\nenv: # …\n# …\n#   …\n\n#   …\n"},
		{"a known credential", "a: x-" + known + "-y # " + known + "\nb: " + base("user:"+known+"~") + "\n\"argocd.s3cr3t\\x2e4711\": c\nd: >\n  x " + known + "\n\n  y\n" + known + ": e\nf: \"argocd.s3cr\\\n  3t.4711\\nz\"\n",
			"a: … # …\nb: …\n…: …\nd: …\n  …\n\n  …\n…: …\nf: …\n  …\n"},
		{"line ends", "\ufefftoken: s3cr3t\r\na: |\r\n  token: s3cr3t\r\n", "token: …\na: …\n  …\n"},
		{"line breaks that only YAML knows", "a: |\n  x\u2028  y\n  token: s3cr3t\n", "a: …\n  …\n  …\n"},
		{"nothing", "# a\n---\n", "# …\n---\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			// Every credential is another one, so that none is hidden for standing twice.
			count := 0
			raw := regexp.MustCompile(`(^|[^.])s3cr3t`).ReplaceAllStringFunc(test.raw, func(s string) string {
				count++
				return fmt.Sprintf("%s-%d", s, count)
			})
			got := shown(raw)
			if diff := cmp.Diff(strings.ReplaceAll(test.want, "\r\n", "\n"), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What is hidden in one version is hidden wherever it stands in the other.
func TestVersions(t *testing.T) {
	before, after := shown("# was s3cr3t-4711\ntoken: s3cr3t-4711\n"), shown("a: x s3cr3t-4711\n")
	if before != "# …\ntoken: …\n" || after != "a: …\n" {
		t.Errorf("%q and %q", before, after)
	}
}

// FuzzManifest: wherever a known credential stands, it is not shown; what is shown is
// what stands there, but for the markers.
func FuzzManifest(f *testing.F) {
	const known = "argocd.s3cr3t.4711"
	f.Add("kind: Secret\ndata: {a: KNOWN}\n")
	f.Add("a: |\n  token: KNOWN\n  b: |\n    {c: KNOWN}\n# KNOWN: token\n")
	f.Add("a: &a [*a, KNOWN]\ntoken: *a\r<<: *a\n")
	f.Add("env:\n- {name: T_TOKEN, value: \"KN\\\nOWN\"}\n- <<: [*b]\n")
	f.Add("x: >\u2028 token: KNOWN\r\n# \u0085 KNOWN")
	f.Fuzz(func(t *testing.T, raw string) {
		raw = strings.ReplaceAll(raw, "KNOWN", known)
		doc := newManifest([]byte(raw), wiring.Names{})
		for i := range strings.Count(raw, "\n") + 1 {
			pieces, ok := doc.Line("", i+1)
			if !ok {
				continue
			}
			whole, at := "", -1
			for _, p := range pieces {
				whole += p.Text
				if p.Start < at || p.End < p.Start || p.End > len(raw) || !p.Hidden && raw[p.Start:p.End] != p.Text {
					t.Fatalf("piece %+v of %q", p, raw)
				}
				at = p.End
			}
			if strings.Contains(whole, known) {
				t.Errorf("%q shows %q", raw, whole)
			}
		}
	})
}
