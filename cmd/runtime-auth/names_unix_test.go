//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNamesOfFiles has files whose names hold line breaks and what a terminal obeys.
// Whatever is printed of them, in whatever message, is on one line and harmless.
func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	const forged = "runtime-auth: error: forged"
	dir := t.TempDir()
	name := func(s string) string { return filepath.Join(dir, "x\n"+forged+"\n\x1b[31m"+s) }
	broken := "global: {external-arg-cd: {auth: {type: token, tokenSecretKeyRef: {name: a, key: b}}}}\n"
	values, manifest := name("values.yaml"), name("app.yaml")
	files := map[string]string{
		values: broken,
		manifest: "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: \"a\\nb\\e[31m\"}\nspec:\n  source:\n    chart: gitops-runtime\n" +
			"    repoURL: x\n    helm:\n      valueFiles: [a]\n      values: |\n        " + broken,
	}
	folder := name("folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	unreadable := name("nosuch.yaml")
	_, stream := manifests(t)
	for _, args := range [][]string{
		{"lint", values}, {"lint", "--diff", values}, {"lint", "--fix", values}, {"lint", "--format", "github", values}, {"lint", "-f", values},
		{"lint", manifest}, {"lint", "--diff", manifest}, {"lint", "--fix", manifest}, {"lint", dir}, {"lint", unreadable}, {"lint", unreadable, unreadable + "2"},
		{"lint", "-f", unreadable}, {"lint", "--argo-cd", values, values}, {"lint", "--argo-cd", unreadable, values}, {"lint", "--chart", unreadable, values},
		{"lint", "--chart", folder, values},
		{"plan", values}, {"plan", manifest}, {"plan", dir}, {"plan", unreadable}, {"plan", "-f", values}, {"plan", "-f", unreadable}, {"plan", "--report", folder},
		{"render", "-f", values}, {"render", "-f", unreadable}, {"render", "--report", folder}, {"render", "--set", "a=b", "--report", filepath.Join(unreadable, "x")},
		{"export", "kustomize", "-f", values}, {"export", "kustomize", "--output", values}, {"export", "flux", "-f", unreadable},
		{"template", "a", "b", "-f", values}, {"template", "a", "b", "-f", unreadable},
		{"check", "-f", values}, {"check", "-f", unreadable}, {"check", "--ca-file", unreadable}, {"check", "--ca-file", values},
		{"token", "list", "--account", "a", "--argo-cd-url", "https://localhost:1", "--password-file", unreadable},
	} {
		for name, text := range files { // --fix has changed them
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var stdout, stderr bytes.Buffer
		cmd := exec.Command("runtime-auth", args...)
		cmd.Env = append(os.Environ(), "HELM_BIN="+helmStub(t), "KUBECONFIG="+unreadable)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stream), &stdout, &stderr
		_ = cmd.Run() // it may fail
		for _, out := range []string{stdout.String(), stderr.String()} {
			if strings.Contains(out, "\x1b") || strings.HasPrefix(out, forged) || strings.Contains(out, "\n"+forged) {
				t.Errorf("%q prints\n%q", args, out)
			}
		}
		if stdout.Len()+stderr.Len() == 0 {
			t.Errorf("%q prints nothing", args)
		}
	}
}

// helmStub is a helm that does nothing.
func helmStub(t *testing.T) string {
	t.Helper()
	helm := filepath.Join(t.TempDir(), "helm")
	if err := os.WriteFile(helm, []byte("#!/bin/sh\n[ \"$1\" = version ] && echo v3.22.0\nexit 0\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return helm
}
