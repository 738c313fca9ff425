//go:build bench && unix

package bench

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

const scripts = "../../scripts/"

// output runs one of the project's scripts and returns the lines it prints.
func output(script string, args ...string) ([]string, error) {
	cmd := exec.Command(scripts+script, args...)
	cmd.Stderr, cmd.Env = os.Stderr, append(os.Environ(), "OPTIMISED=1") // what is measured against is built as its users have it
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", script, err)
	}
	return strings.Fields(string(out)), nil
}

// lint is a call of the linter that must find the given number of errors.
func lint(binary string, wantErrors int, paths ...string) program {
	return program{name: "runtime-auth lint", args: append([]string{binary, "lint"}, paths...), check: func(o outcome) error {
		if n := strings.Count(o.stdout, ": error: "); n != wantErrors || (o.code == 1) != (n > 0) {
			return fmt.Errorf("%d errors found, not %d", n, wantErrors)
		}
		return nil
	}}
}

// helmLint are calls of `helm lint`, by both clients, for a chart that has the schema
// and the values. It is a chart's least: one template and no dependencies.
func helmLint(t *testing.T, schema, values []byte) []program {
	t.Helper()
	clients, err := output("clients.sh")
	if err != nil {
		skipped(t, "helm lint", err)
		return nil
	}
	chart := filepath.Join(t.TempDir(), "chart")
	for name, text := range map[string]string{
		"Chart.yaml":          "apiVersion: v2\nname: bench\nversion: 0.1.0\nicon: https://example.com/icon.svg\n",
		"values.yaml":         string(values),
		"values.schema.json":  string(schema),
		"templates/note.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  runtime: {{ .Values.global.runtime.name | quote }}\n",
	} {
		write(t, filepath.Join(chart, name), text)
	}
	home := t.TempDir()
	env := []string{"HELM_DATA_HOME=" + home, "HELM_CONFIG_HOME=" + home, "HELM_CACHE_HOME=" + home}
	var programs []program
	for i, client := range clients {
		name := fmt.Sprintf("helm %d lint", 3+i)
		refuses(t, name, program{
			args: []string{client, "lint", chart, "--set", "global.external-argo-cd.auth.type=tokn"}, env: env,
			check: func(outcome) error { return nil },
		})
		programs = append(programs, program{name: name, args: []string{client, "lint", chart}, env: env, check: succeeds})
	}
	return programs
}

func succeeds(o outcome) error {
	if o.code != 0 {
		return errors.New("it failed")
	}
	return nil
}

// refuses makes sure that a peer really applies the schema.
func refuses(t *testing.T, name string, p program) {
	t.Helper()
	if o, err := p.run(); err != nil || o.code == 0 {
		t.Fatalf("%s accepts a broken block (%v)", name, err)
	}
}

// ajv is a call of ajv-cli for all files of some folders in one process, or nothing
// where it cannot be installed. It must find so many of them invalid.
func ajv(t *testing.T, schema string, folders []string, files, wantInvalid int) []program {
	t.Helper()
	bin, err := output("npm.sh")
	if err != nil || len(bin) != 1 {
		skipped(t, "ajv", err)
		return nil
	}
	args := []string{filepath.Join(bin[0], "ajv"), "validate", "--spec=draft2020", "--strict=false", "-c", "ajv-formats", "--errors=line", "-s", schema}
	for _, folder := range folders {
		args = append(args, "-d", folder+"/*.yaml")
	}
	return []program{{name: "ajv validate", args: args, check: func(o outcome) error {
		valid, invalid := strings.Count(o.stdout, " valid\n"), strings.Count(o.stderr, " invalid\n")
		if valid != files-wantInvalid || invalid != wantInvalid {
			return fmt.Errorf("%d valid and %d invalid files, not %d and %d", valid, invalid, files-wantInvalid, wantInvalid)
		}
		return nil
	}}}
}

// skipped says that a peer is not measured, or fails where nothing may be left out.
func skipped(t *testing.T, name string, err error) {
	t.Helper()
	if oracle.Required() {
		t.Errorf("%s is not measured: %v", name, err)
	}
	fmt.Printf("skipped: %s is not measured: %v\n", name, err)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
