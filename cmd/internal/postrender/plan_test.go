package postrender_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/postrender"
)

// outcome is what a command ends with.
type outcome struct {
	stdout, message, hint, details string
	code                           int
}

func execute(t *testing.T, command func(env postrender.Env) *cobra.Command, stdin string, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := command(postrender.Env{
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
	})
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	o := outcome{}
	if e := exit.As(cmd.ExecuteContext(context.Background())); e != nil {
		o = outcome{message: e.Error(), hint: e.Hint, details: e.Details, code: e.Code}
	}
	o.stdout = out.String()
	return o
}

// TestPlanFailsAsRenderDoes runs both on what render refuses: they say the same and
// end with the same code, and nothing is on stdout in any format.
func TestPlanFailsAsRenderDoes(t *testing.T) {
	whole := manifests(t)
	withoutValues, _, _ := strings.Cut(whole, "---\n# Source: gitops-runtime-example/templates/values-hook.yaml")
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("global: {external-arg-cd: {auth: {type: token, token: s3cr3t}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, stdin string
		args        []string
		code        int
	}{
		{"nothing", "", nil, 3},
		{"no values", withoutValues, nil, 1},
		{"no Runtime", "kind: ConfigMap\n", []string{"--set", "a=b"}, 3},
		{"invalid values", whole, []string{"-f", broken}, 1},
		{"invalid values in the stream", strings.Replace(whole, "type: token", "type: tokn", 1), nil, 1},
		{"other values", whole, []string{"--set", "global.external-argo-cd.auth.passwordSecretKeyRef.name=other"}, 1},
		{"manifests that do not agree", strings.Replace(withoutValues, "value: \"argocd-token\"", "value: \"other\"", 2), []string{"--set", "a=b"}, 1},
		{"a service is missing", strings.Replace(whole, "kind: Deployment\nmetadata:\n  name: argo-gateway", "kind: Gateway\nmetadata:\n  name: argo-gateway", 1), nil, 3},
		{"it ends inside a document", whole + "---\na: \"", nil, 3},
		{"a document is too large", whole, []string{"--max-document", "100"}, 3},
		{"no such file", whole, []string{"-f", "nosuch.yaml"}, 3},
		{"bad usage", whole, []string{"--allow-missing", "nosuch"}, 2},
		{"a report that cannot be written", whole, []string{"--report", "nosuch/report.json"}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			render := func(env postrender.Env) *cobra.Command { return postrender.Command("render", env) }
			want := execute(t, render, test.stdin, test.args...)
			want.stdout = "" // the report is written after the manifests
			if want.code != test.code {
				t.Fatalf("render ends with %d: %s", want.code, want.message)
			}
			for _, format := range [][]string{nil, {"--diff"}, {"--format=json"}, {"--format=mermaid"}} {
				if got := execute(t, postrender.PlanCommand, test.stdin, append(format, test.args...)...); got != want {
					t.Errorf("%v: %+v\nwant %+v", format, got, want)
				}
			}
		})
	}
}

// A link stays one, also one that leads nowhere yet. A file that it leads to is
// replaced as a whole.
func TestReportThroughALink(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "target"), link); err != nil {
		t.Skip(err)
	}
	var old os.FileInfo
	for range 2 {
		if got := execute(t, postrender.PlanCommand, manifests(t), "--report", link); got.code != 0 {
			t.Error(got.message)
		}
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Error("it is no link any more")
		}
		if data, err := os.ReadFile(filepath.Join(dir, "target")); err != nil || !bytes.Contains(data, []byte(`"ok": true`)) {
			t.Errorf("%v: %s", err, data)
		}
		info, err := os.Stat(link)
		if err != nil || old != nil && os.SameFile(old, info) {
			t.Errorf("the file was written into: %v", err)
		}
		old = info
	}
}

// manifests are those of the example chart, with the values in them.
func manifests(t *testing.T) string {
	t.Helper()
	return string(read(t, "../../../examples/manifests/g3.yaml"))
}
