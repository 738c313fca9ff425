//go:build unix

package export_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/gitops/export"
)

// ran is what became of a run of the plugin's script.
type ran struct {
	helm, render []string // the arguments that the programs were given
	stdin        string   // of render
	stdout       string
	failed       bool
}

// script returns the script of a plugin as Argo CD runs it.
func script(t *testing.T, o export.PluginOptions) string {
	t.Helper()
	made, err := export.Plugin(o)
	if err != nil {
		t.Fatal(err)
	}
	var plugin struct {
		Spec struct {
			Generate struct{ Command, Args []string }
		}
	}
	i := slices.IndexFunc(made, func(f export.File) bool { return f.Name == "plugin.yaml" })
	if err := yaml.Unmarshal(made[i].Data, &plugin); err != nil || len(plugin.Spec.Generate.Args) != 1 {
		t.Fatal(plugin, err)
	}
	for _, f := range made {
		if f.Credential != "" {
			t.Errorf("%s: %s", f.Name, f.Credential)
		}
	}
	return plugin.Spec.Generate.Args[0]
}

// run runs a script with programs that note their arguments, each ended by a line "--end".
// The folder holds files whose names a shell could make something of.
func run(t *testing.T, text string, env ...string) ran {
	t.Helper()
	bin, dir := t.TempDir(), t.TempDir()
	note := "#!/bin/sh\nfor a in \"$@\"; do printf '%s\\n--end\\n' \"$a\"; done >>\"$NOTES/${0##*/}\"\n"
	for name, more := range map[string]string{
		"helm":         "printf 'the manifests'\ncase \"$*\" in *broken*) exit 1 ;; esac\n",
		"runtime-auth": "cat >\"$NOTES/stdin\"; printf 'wired'\n",
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(note+more), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"values.yaml", "a.yaml", "b.yaml"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tmp := filepath.Join(dir, "tmp")
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("sh", "-c", text)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	cmd.Env = append([]string{"PATH=" + bin + ":" + os.Getenv("PATH"), "NOTES=" + bin + "/notes", "TMPDIR=" + tmp,
		"ARGOCD_APP_NAME=runtime", "ARGOCD_APP_NAMESPACE=argocd", "KUBE_VERSION=1.34.0"}, env...)
	if err := os.Mkdir(filepath.Join(bin, "notes"), 0o700); err != nil {
		t.Fatal(err)
	}
	err := cmd.Run()
	words := func(name string) []string {
		text, _ := os.ReadFile(filepath.Join(bin, "notes", name)) // it may not have run
		words := strings.Split(string(text), "\n--end\n")
		return words[:len(words)-1]
	}
	stdin, _ := os.ReadFile(filepath.Join(bin, "notes", "stdin"))
	if left, _ := os.ReadDir(tmp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != 4 {
		t.Errorf("files were made: %v", names)
	}
	if err == nil && stderr.Len() > 0 {
		t.Errorf("standard error: %s", stderr.String())
	}
	return ran{words("helm"), words("runtime-auth"), string(stdin), stdout.String(), err != nil}
}

// TestPluginScript runs the script with a real shell. What Argo CD and an Application put
// into the environment comes through as it is, whatever it looks like.
func TestPluginScript(t *testing.T) {
	o := export.PluginOptions{Image: "i", Chart: export.Chart{Address: "oci://charts.example.com/it's $(touch x) `touch x` *", Version: "0.30.0-rc.1+b-2"}}
	repo := o
	repo.Chart.Address, repo.Release = "https://charts.example.com/a'b/-x", "fixed"
	chart := []string{"oci://charts.example.com/it's $(touch x) `touch x` *"}
	type want struct {
		files, apis []string
		version     string
		release     string
	}
	for _, test := range []struct {
		name string
		o    export.PluginOptions
		env  []string
		want want
	}{
		{"nothing set", o, nil, want{files: []string{"values.yaml"}}},
		{"an empty list", o, []string{"ARGOCD_ENV_VALUES=", "KUBE_API_VERSIONS=", "ARGOCD_ENV_RELEASE="}, want{files: []string{"values.yaml"}}},
		{"files", o, []string{"ARGOCD_ENV_VALUES= a.yaml  sub/b.yaml\nc.yaml "}, want{files: []string{"a.yaml", "sub/b.yaml", "c.yaml"}}},
		{"odd files", o, []string{`ARGOCD_ENV_VALUES=*.yaml a,b.yaml --set=x -f [ab].yaml ~ $HOME $(touch x) '; \`}, want{files: []string{"*.yaml", "a,b.yaml", "--set=x", "-f", "[ab].yaml", "~", "$HOME", "$(touch", "x)", "';", `\`}}},
		{"an Application elsewhere", o, []string{"ARGOCD_APP_NAME=team-a_runtime"}, want{files: []string{"values.yaml"}}},
		{"API versions", o, []string{"KUBE_API_VERSIONS=v1,apps/v1,*,a b/v1"}, want{files: []string{"values.yaml"}, apis: []string{"v1", "apps/v1", "*", "a b/v1"}}},
		{"another version", o, []string{"ARGOCD_ENV_CHART_VERSION=0.31.0"}, want{files: []string{"values.yaml"}, version: "0.31.0"}},
		{"another release", o, []string{"ARGOCD_ENV_RELEASE=--post-renderer=x y * $(touch x)"}, want{files: []string{"values.yaml"}, release: "--post-renderer=x y * $(touch x)"}},
		{"a release of its own, a repository", repo, nil, want{files: []string{"values.yaml"}, release: "fixed"}},
		{"another one", repo, []string{"ARGOCD_ENV_RELEASE=b"}, want{files: []string{"values.yaml"}, release: "b"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var values, helm []string
			for _, name := range test.want.files {
				values = append(values, "-f", `"`+name+`"`)
			}
			helm = append(append(helm, "template"), values...)
			for _, api := range test.want.apis {
				helm = append(helm, "--api-versions", api)
			}
			version, release := test.want.version, test.want.release
			if version == "" {
				version = "0.30.0-rc.1+b-2"
			}
			if release == "" {
				release = "runtime"
			}
			helm = append(helm, "--version", version)
			named := chart
			if test.o.Release != "" {
				helm, named = append(helm, "--repo", "https://charts.example.com/a'b"), []string{"-x"}
			}
			helm = append(append(helm, "--namespace", "argocd", "--include-crds", "--kube-version", "1.34.0", "--", release), named...)
			got := run(t, script(t, test.o), test.env...)
			expected := ran{helm: helm, render: append([]string{"render"}, values...), stdin: "the manifests", stdout: "wired"}
			if diff := cmp.Diff(expected, got, cmp.AllowUnexported(ran{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What helm must not be given, and what it fails at, ends the script with nothing printed.
func TestPluginScriptFails(t *testing.T) {
	text := script(t, export.PluginOptions{Image: "i", Chart: export.Chart{Address: "oci://h/c", Version: "0.30.0"}})
	for _, env := range []string{
		"ARGOCD_ENV_CHART_VERSION=>=0.30.0", "ARGOCD_ENV_CHART_VERSION=*", "ARGOCD_ENV_CHART_VERSION=0.30", "ARGOCD_ENV_CHART_VERSION=latest",
		"ARGOCD_ENV_CHART_VERSION=0.30.0 || 1.0.0", "ARGOCD_ENV_CHART_VERSION=0.30.x", "ARGOCD_ENV_CHART_VERSION=--debug",
		`ARGOCD_ENV_VALUES=a.yaml b".yaml`, "ARGOCD_ENV_VALUES=broken.yaml",
	} {
		if got := run(t, text, env); !got.failed || got.stdout != "" || len(got.render) > 0 {
			t.Errorf("%s: %+v", env, got)
		}
	}
}

// TestPluginOptions holds what is refused before there is a script, with no credential in
// the reason.
func TestPluginOptions(t *testing.T) {
	right := export.PluginOptions{Image: "images.example.com:5000/a/b:1@sha256:" + strings.Repeat("a1", 32), Release: "a.b-1", Chart: export.Chart{Address: "oci://h/c", Version: "1.2.3"}}
	if err := right.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*export.PluginOptions){
		"no version": func(o *export.PluginOptions) { o.Chart.Version = "" }, "a range": func(o *export.PluginOptions) { o.Chart.Version = ">0" },
		"two numbers": func(o *export.PluginOptions) { o.Chart.Version = "1.2" }, "v": func(o *export.PluginOptions) { o.Chart.Version = "v1.2.3" },
		"zeros": func(o *export.PluginOptions) { o.Chart.Version = "01.2.3" }, "a quote": func(o *export.PluginOptions) { o.Chart.Version = "1.2.3'" },
		"a line": func(o *export.PluginOptions) { o.Chart.Version = "1.2.3\n" }, "no image": func(o *export.PluginOptions) { o.Image = "" },
		"a blank": func(o *export.PluginOptions) { o.Image = "a b" }, "a user": func(o *export.PluginOptions) { o.Image = "me:s3cr3t@h/i" },
		"an underscore": func(o *export.PluginOptions) { o.Release = "ns_name" }, "a long release": func(o *export.PluginOptions) { o.Release = strings.Repeat("a", 54) },
		"no chart": func(o *export.PluginOptions) { o.Chart.Address = "me:s3cr3t@h/c" },
	} {
		o := right
		change(&o)
		if _, err := export.Plugin(o); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
