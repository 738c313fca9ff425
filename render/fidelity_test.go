package render_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/render"
)

// The services before and after a run with tokenSettings.

func servicesBefore() (app, others string) {
	whole := gen026("", byName("argocd-token", "token"))
	return appProxy(passwordEnv()), whole
}

func servicesAfter() (app, others string) {
	whole := gen026("", byName("my-token", "k"))
	return appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")), whole
}

// sameBut runs over a stream, in both modes, and compares what comes out. A second
// run must change nothing.
func sameBut(t *testing.T, in, want string) {
	t.Helper()
	out, report := run(t, tokenSettings(), []byte(in), render.Options{})
	if diff := cmp.Diff(lines(want), lines(string(out))); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if len(report.Services) < 5 {
		t.Errorf("only %d services were found", len(report.Services))
	}
	if again, _ := run(t, tokenSettings(), out, render.Options{}); string(again) != string(out) {
		t.Errorf("a second run changes it:\n%s", cmp.Diff(lines(string(out)), lines(string(again))))
	}
}

func lines(text string) []string { return strings.SplitAfter(text, "\n") }

// TestBeside has every feature in a document of its own between services that get
// wired: it must come out as it came, byte for byte.
func TestBeside(t *testing.T) {
	app, others := servicesBefore()
	appWired, othersWired := servicesAfter()
	for _, f := range features() {
		t.Run(f.name, func(t *testing.T) {
			doc := "---\n" + f.yaml
			sameBut(t, app+doc+others, appWired+doc+othersWired)
			sameBut(t, doc+app+others+doc, doc+appWired+othersWired+doc)
		})
	}
	for _, c := range chunks() {
		t.Run(c.name, func(t *testing.T) {
			sameBut(t, app+c.text+others, appWired+c.text+othersWired)
			if !strings.HasPrefix(c.name, "broken") { // which would be a stream that ends early
				sameBut(t, c.text+app+others+c.text, c.text+appWired+othersWired+c.text)
			}
		})
	}
}

// TestInside has every feature inside of a service that gets wired, in many places
// around its env: nothing but the lines of the edited entries may change.
func TestInside(t *testing.T) {
	_, others := servicesBefore()
	_, othersWired := servicesAfter()
	for _, f := range features() {
		for place, text := range places() {
			t.Run(f.name+", "+place, func(t *testing.T) {
				at := strings.Index(text, "FEATURE")
				column := at - strings.LastIndexByte(text[:at], '\n') - 1
				in := strings.Replace(text, strings.Repeat(" ", column)+"FEATURE\n", shift(f.yaml, column), 1)
				sameBut(t, strings.Replace(in, "ENV\n", indent(envBefore, "        "), 1)+others,
					strings.Replace(in, "ENV\n", indent(envAfter, "        "), 1)+othersWired)
			})
		}
	}
}

// The edited entries, and around them some that stay.
const (
	envBefore = "# first\n- name: ARGO_CD_PASSWORD # goes\n  valueFrom:\n    secretKeyRef: {key: password, name: argocd-initial-admin-secret}\n\n" +
		"- name:   ARGO_CD_URL # stays\n  value: 0644\n  # on its own\n- name: ARGO_CD_USERNAME\n  value: admin\n- {name: ARGO_CD_X, value: \"y\"} # flow\n"
	envAfter = "- name: ARGO_CD_TOKEN\n  valueFrom:\n    secretKeyRef:\n      key: k\n      name: my-token\n" +
		"# first\n\n- name:   ARGO_CD_URL # stays\n  value: 0644\n  # on its own\n- {name: ARGO_CD_X, value: \"y\"} # flow\n"
)

// places are services with a place for a feature, and one for their edited entries.
func places() map[string]string {
	const head = "---\n# Source: x/app-proxy.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cap-app-proxy\n"
	const containers = "spec:\n  template:\n    spec:\n      containers:\n"
	const container = containers + "      - name: cap-app-proxy\n        image: x\n"
	return map[string]string{
		"in front of the service's spec": head + "FEATURE\n" + container + "        env:\nENV\n",
		"behind its spec":                head + container + "        env:\nENV\n" + "FEATURE\n",
		"in front of the containers":     head + "spec:\n  template:\n    spec:\n      FEATURE\n      containers:\n      - name: cap-app-proxy\n        image: x\n        env:\nENV\n",
		"in the container before":        head + containers + "      - name: first\n        FEATURE\n      - name: cap-app-proxy\n        image: x\n        env:\nENV\n",
		"in front of env":                head + container + "        FEATURE\n        env:\nENV\n",
		"behind env":                     head + container + "        env:\nENV\n        FEATURE\n",
		"in an entry of env":             head + container + "        env:\n        - name: AAA\n          FEATURE\nENV\n",
		"in the last entry of env":       head + container + "        env:\nENV\n        - name: ZZZ\n          FEATURE\n        image: x\n",
	}
}

// shift indents a feature. Lines of nothing stay so, and what a quoted or a plain
// scalar goes on with moves along.
func shift(text string, column int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString(strings.Repeat(" ", column))
		}
		b.WriteString(line)
	}
	return b.String()
}

// TestForms has a service in every form that a document can have as a whole.
func TestForms(t *testing.T) {
	app, others := servicesBefore()
	appWired, othersWired := servicesAfter()
	for name, form := range forms() {
		t.Run(name, func(t *testing.T) {
			sameBut(t, form(app, others), form(appWired, othersWired))
		})
	}
}

// TestExplicitKeys: a variable that is written with question marks is written anew, and
// nothing around it.
func TestExplicitKeys(t *testing.T) {
	const before, after = "        ports:\n            -   containerPort: 1 # odd\n\n\n            -   containerPort: 2\n", "        name: argo-gateway\n"
	gateway := func(env string) string {
		return "---\nkind: Deployment\nmetadata: {name: argo-gateway}\nspec:\n  template:\n    spec:\n      containers:\n      - image: x\n" + before + env + after
	}
	in := gateway("        env:\n            - ? name\n              : ARGO_CD_TOKEN_SECRET_NAME\n              valueFrom: {fieldRef: {fieldPath: x}}\n" +
		"            - name: ARGO_CD_TOKEN_SECRET_KEY\n              ? value\n              : old\n")
	out, _ := run(t, tokenSettings(), []byte(without(gen026(appProxy(""), ""), "argo-gateway")+in), render.Options{})
	want := "        env:\n            -   name: ARGO_CD_TOKEN_SECRET_NAME\n                value: \"my-token\"\n            - name: ARGO_CD_TOKEN_SECRET_KEY\n              ? value\n              : k\n"
	if !strings.HasSuffix(string(out), gateway(want)) {
		t.Errorf("%s", out[strings.LastIndex(string(out), "---"):])
	}
}
