package redact_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/render/redact"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

var path = yamldoc.Path{"data", "values.yaml"}

// shape is a document before and after.
type shape struct{ name, in, want string }

func shapes() []shape {
	lit := func(values string) string {
		return "data:\n  values.yaml: |\n    " + strings.ReplaceAll(values, "\n", "\n    ") + "\n  x: y\n"
	}
	auth := "global:\n  external-argo-cd:\n    auth:\n"
	out := `"[redacted]"`
	return []shape{
		{"token", lit(auth + "      token: t # c\n      type: token"), lit(auth + "      token: " + out + " # c\n      type: token")},
		{"password, single-quoted", lit(auth + "      password: 'it''s'\n\n\n      type: x"), lit(auth + "      password: " + out + "\n\n\n      type: x")},
		{"nothing given", lit(auth + "      password: ''\n      token: null\n      tokenSecretKeyRef: {name: a, key: b}"), "="},
		{"redacted before", lit(auth + "      token: '[redacted]'"), "="},
		{"the newer path", lit("a:\n  global: {integrations: {argo-cd: {server: {auth: {token: t, password: p}}}}}"), lit("a:\n  global: {integrations: {argo-cd: {server: {auth: {token: " + out + ", password: " + out + "}}}}}")},
		{"the same elsewhere", lit("a: long-secret\nb: [long-secret, 'long-secret', secret-long]\n" + auth + "      token: long-secret"), lit("a: " + out + "\nb: [" + out + ", " + out + ", secret-long]\n" + auth + "      token: " + out)},
		{"a short one elsewhere", lit("a: short\n" + auth + "      token: short"), lit("a: short\n" + auth + "      token: " + out)},
		{"known from outside", lit("a: known-secret\nb: known"), lit("a: " + out + "\nb: known")},
		{"not at these paths", lit("auth:\n  token: a\nexternal-argo-cd: {token: b, x: {auth: {token: c}}}\nargo-cd: {server: {auth: {token: d}}}"), "="},
		{"block scalar", lit(auth + "      token: |\n        long-secret\n        more\n      type: token"), lit(auth + "      token: " + out + "\n      type: token")},
		{"duplicate keys", lit(auth + "      token: a\n      token: b"), lit(auth + "      token: " + out + "\n      token: " + out)},
		{"a number", lit(auth + "      token: 12345678\nx: 12345678"), lit(auth + "      token: " + out + "\nx: " + out)},
		{"deeper", lit(auth + "      token: {a: [x, {b: y}]}"), lit(auth + "      token: {a: [" + out + ", {b: " + out + "}]}")},
		{"alias", lit("a: &t short\n" + auth + "      token: *t"), lit("a: &t " + out + "\n" + auth + "      token: *t")},
		{"merge key", lit("a: &t {token: short}\n" + auth + "      <<: *t"), lit("a: &t {token: " + out + "}\n" + auth + "      <<: *t")},
		{"not ASCII", lit("ä: ö\n" + auth + "      {ü: ß, token: ä}"), lit("ä: ö\n" + auth + "      {ü: ß, token: " + out + "}")},
		{"stripped", "data: {}\n---\n", "="},
		{"literal, strip, as Helm 4 writes it", "data:\n  values.yaml: |- # c\n   global:\n     external-argo-cd: {auth: {token: t}}\nkind: x\n", "data:\n  values.yaml: |- # c\n   global:\n     external-argo-cd: {auth: {token: " + out + "}}\nkind: x\n"},
		{"literal, explicit indentation", "data:\n  values.yaml: |1+\n      # c\n   external-argo-cd: {auth: {token: t}}\n\n", "data:\n  values.yaml: |1+\n      # c\n   external-argo-cd: {auth: {token: " + out + "}}\n\n"},
		{"literal, blank lines and CRLF", "data:\r\n  values.yaml: |\r\n\r\n    a: b  \r\n  \r\n      \r\n    external-argo-cd:\r\n      auth: {token: t}\r\n", "data:\r\n  values.yaml: |\r\n\r\n    a: b  \r\n  \r\n      \r\n    external-argo-cd:\r\n      auth: {token: " + out + "}\r\n"},
		{"folded", "data:\n  values.yaml: >\n    x: y\n\n    external-argo-cd: {auth: {token: t}}\n  x: y\n", `data:` + "\n" + `  values.yaml: "x: y\nexternal-argo-cd: {auth: {token: \"[redacted]\"}}\n"` + "\n  x: y\n"},
		{"double-quoted", `{"data": {"values.yaml": "external-argo-cd:\n  auth:\n    token: t\n"}}`, `{"data": {"values.yaml": "external-argo-cd:\n  auth:\n    token: \"[redacted]\"\n"}}`},
		{"single-quoted", "data: {values.yaml: 'external-argo-cd: {auth: {token: ''t''}}'}\n", `data: {values.yaml: "external-argo-cd: {auth: {token: \"[redacted]\"}}"}` + "\n"},
		{"with an anchor", "data:\n  values.yaml: &v |\n    external-argo-cd: {auth: {token: t}}\n  x: *v\n", "data:\n  values.yaml: &v |\n    external-argo-cd: {auth: {token: " + out + "}}\n  x: *v\n"},
		{"no text", "data:\n  values.yaml:\n", "="},
		{"no such key", "data:\n  x: 'external-argo-cd: {auth: {token: t}}'\n", "="},
	}
}

func TestValues(t *testing.T) {
	for _, tt := range shapes() {
		t.Run(tt.name, func(t *testing.T) {
			in, _, _ := strings.Cut(tt.in, "---\n")
			if tt.want == "=" {
				tt.want = in
			}
			got := values(t, in)
			if diff := cmp.Diff(tt.want, string(got.Document)); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
			if (got.Count > 0) != (tt.want != in) || got.Left {
				t.Errorf("%d replaced, some left: %v", got.Count, got.Left)
			}
			if twice := values(t, string(got.Document)); string(twice.Document) != string(got.Document) {
				t.Errorf("a second time it changes:\n%s", twice.Document)
			}
		})
	}
}

func values(t testing.TB, in string) redact.Result {
	t.Helper()
	doc, err := yamldoc.Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	r, err := redact.Values(doc, path, "known-secret", "", "[redacted]")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLeft(t *testing.T) {
	r := values(t, "data:\n  values.yaml: |\n    a: x known-secret\n")
	if r.Count != 0 || !r.Left {
		t.Errorf("%d replaced, some left: %v", r.Count, r.Left)
	}
}

func TestErrors(t *testing.T) {
	doc, err := yamldoc.Parse([]byte("data: {values.yaml: 'a: [known-secret'}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := redact.Values(doc, path); err == nil || strings.Contains(err.Error(), "known") {
		t.Errorf("error %v", err)
	}
}

// FuzzValues redacts values of any layout: no credential of a block may remain, a
// second run changes nothing, and what is no document of values stays.
func FuzzValues(f *testing.F) {
	for _, tt := range shapes() {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		doc, err := yamldoc.Parse([]byte(in))
		if err != nil {
			return
		}
		r, err := redact.Values(doc, path, "known-secret")
		if err != nil {
			return
		}
		if yamldoc.EndsLine([]byte(in)) && !yamldoc.EndsLine(r.Document) {
			t.Fatalf("%q lost its last line end: %q", in, r.Document)
		}
		if r.Count == 0 && string(r.Document) != in {
			t.Fatalf("%q changed without a reason:\n%q", in, r.Document)
		}
		again, err := yamldoc.Parse(r.Document)
		if err != nil {
			t.Fatalf("%q became %q: %v", in, r.Document, err)
		}
		twice, err := redact.Values(again, path, "known-secret")
		if err != nil || twice.Count != 0 {
			t.Fatalf("%q became %q, and again %q, %v", in, r.Document, twice.Document, err)
		}
	})
}

// TestNamesStay gives a password that is also the key of the chart's default Secret:
// the reference must go on saying what it says.
func TestNamesStay(t *testing.T) {
	in := "data:\n  values.yaml: |\n    external-argo-cd:\n      auth:\n        type: password\n        password: password\n" +
		"        passwordSecretKeyRef: {key: password, name: password}\n"
	want := strings.Replace(in, "password: password\n", "password: \"[redacted]\"\n", 1)
	if diff := cmp.Diff(want, string(values(t, in).Document)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
