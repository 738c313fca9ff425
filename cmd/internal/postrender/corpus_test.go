package postrender_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/postrender"
	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

// versions returns the folders of the corpus: one for each generation of the chart.
func versions(t *testing.T) []string {
	t.Helper()
	dirs := oracle.Files(t, "corpus/*/default.yaml")
	for i := range dirs {
		dirs[i] = filepath.Dir(dirs[i])
	}
	return dirs
}

// mode is what the contract says about the values of one mode: what app-proxy and
// the other services must read. A mode without a secret is refused.
type mode struct {
	token, password string // Secret/key of app-proxy's variables
	username        string // app-proxy's user name, resolved; secret:name/key if it comes from there
	other           string // Secret/key that the other services read
	// identity lists the versions whose own wiring is what the contract says.
	identity string
}

func modes() map[string]mode {
	const byAppProxy = "argocd-token/token"
	admin := mode{password: "argocd-initial-admin-secret/password", username: "admin", other: byAppProxy, identity: "all"}
	plain := mode{password: "gitops-runtime-argo-cd-password/token", username: "svc-user", other: byAppProxy, identity: "G2 G3"}
	emptyRef := plain
	emptyRef.identity = "all"
	return map[string]mode{
		"default":           admin,
		"err-password-none": admin,
		"password":          plain, // G1 ignores the password as long as the default reference stands
		"password-emptyref": emptyRef,
		"password-ref":      {password: "my-argocd-password/my-password", username: "svc-user", other: byAppProxy, identity: "all"},
		// G2 and G3 ignore usernameSecretKeyRef
		"username-ref":       {password: "my-argocd-password/my-password", username: "secret:my-argocd-username/my-username", other: byAppProxy, identity: "G1"},
		"token":              {token: "gitops-runtime-argo-cd-token/token", other: "gitops-runtime-argo-cd-token/token", identity: "all"},
		"token-ref":          {token: "my-argocd-token/my-token", other: "my-argocd-token/my-token", identity: "all"},
		"token-ref-optional": {token: "my-argocd-token/my-token", other: "my-argocd-token/my-token", identity: "all"},
		"both-token":         {}, "both-password": {}, "err-token-none": {}, "err-token-ref-name-only": {},
		"err-type-invalid": {}, "err-password-emptyref-none": {},
	}
}

func (m mode) isRefused() bool { return m.other == "" }

// isRight reports whether the chart of that folder wires the mode as the contract says.
func (m mode) isRight(version string) bool {
	return m.identity == "all" || strings.Contains(m.identity, generation(version))
}

func generation(version string) string {
	return map[string]string{"0.18.0": "G1", "0.25.2": "G2"}[filepath.Base(version)] + map[bool]string{true: "G3"}[strings.HasPrefix(filepath.Base(version), "main")]
}

// run runs the post-renderer and returns what it printed and its exit code.
func run(t *testing.T, stdin []byte, args ...string) (stdout []byte, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = postrender.Main(args, postrender.Env{
		Stdin: bytes.NewReader(stdin), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
	})
	return out.Bytes(), errs.String(), code
}

func read(t *testing.T, elem ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestCorpusParity renders what the chart makes of its defaults with the values of
// every mode: each service must read what the contract says, and a second run must
// change nothing.
func TestCorpusParity(t *testing.T) {
	count := 0
	for _, version := range versions(t) {
		for name, m := range modes() {
			t.Run(filepath.Base(version)+"/"+name, func(t *testing.T) {
				values := filepath.Join(version, name+".values.yaml")
				out, stderr, code := run(t, read(t, version, "default.yaml"), "-f", values)
				if m.isRefused() {
					if code != 1 || len(out) > 0 || stderr == "" {
						t.Errorf("exit code %d with %d bytes on stdout, want a refusal\n%s", code, len(out), stderr)
					}
					return
				}
				if code != 0 {
					t.Fatalf("exit code %d: %s", code, stderr)
				}
				checkWiring(t, out, m)
				again, _, _ := run(t, out, "-f", values)
				if !bytes.Equal(again, out) {
					t.Error("a second run changes the output")
				}
			})
			count++
		}
	}
	t.Logf("%d cases", count)
}

// TestCorpusIdentity renders what the chart wired right itself: not a byte may change.
func TestCorpusIdentity(t *testing.T) {
	count := 0
	for _, version := range versions(t) {
		for name, m := range modes() {
			for _, kind := range []string{".yaml", ".pr-stdin.yaml", ".pr-stdin-helm4.yaml"} {
				stream, err := os.ReadFile(filepath.Join(version, name+kind))
				if err != nil || m.isRefused() || !m.isRight(version) {
					continue
				}
				args := [][]string{{"-f", filepath.Join(version, name+".values.yaml")}}
				if kind != ".pr-stdin.yaml" { // the others hold the chart's hook ConfigMap with the values
					args = append(args, []string{})
				}
				for _, a := range args {
					count++
					t.Run(filepath.Base(version)+"/"+name+kind+" "+strings.Join(a[:min(len(a), 1)], ""), func(t *testing.T) {
						out, stderr, code := run(t, stream, a...)
						if code != 0 {
							t.Fatalf("exit code %d: %s", code, stderr)
						}
						if !bytes.Equal(out, stream) {
							t.Errorf("the output differs: %s", firstDifference(stream, out))
						}
					})
				}
			}
		}
	}
	t.Logf("%d cases", count)
}

func firstDifference(a, b []byte) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return string(a[max(i-80, 0):min(i+80, len(a))]) + "\n-- got --\n" + string(b[max(i-80, 0):min(i+80, len(b))])
		}
	}
	return "one is longer"
}

// TestCorpusHelm4OtherValues gives other values than those in the stream. That is an error
// where both declare a credential, unless it is meant. Values that declare none leave what
// the stream says, and the chart's default in the stream is no declaration.
func TestCorpusHelm4OtherValues(t *testing.T) {
	for _, version := range versions(t) {
		for _, streamMode := range []string{"default", "token-ref", "token"} {
			for _, name := range []string{"password-ref", "token-ref", "token", "default"} {
				t.Run(filepath.Base(version)+"/"+streamMode+" with "+name, func(t *testing.T) {
					stream := read(t, version, streamMode+".pr-stdin-helm4.yaml")
					values := filepath.Join(version, name+".values.yaml")
					out, stderr, code := run(t, stream, "-f", values)
					// the values of 0.18.0 spell the default out
					declares := name != "default" || generation(version) == "G1"
					switch {
					case !declares:
						if code != 0 || !bytes.Equal(out, stream) {
							t.Errorf("exit code %d, or the stream is changed: %s", code, stderr)
						}
						return
					case streamMode != name && streamMode != "default":
						if code != 1 || len(out) > 0 || !strings.Contains(stderr, "differ about") {
							t.Errorf("exit code %d, %d bytes: %s", code, len(out), stderr)
						}
						out, stderr, code = run(t, stream, "-f", values, "--override-stream-values")
					}
					if code != 0 {
						t.Fatalf("exit code %d: %s", code, stderr)
					}
					checkWiring(t, out, modes()[name])
				})
			}
		}
	}
}

// TestCorpusOldKeyOnNewChart wires a chart of 0.26 or newer by the block that it ignores.
func TestCorpusOldKeyOnNewChart(t *testing.T) {
	for _, version := range versions(t) {
		if generation(version) != "G3" {
			continue
		}
		out, stderr, code := run(t, read(t, version, "default.yaml"), "--set-json",
			`global.external-argo-cd.auth={"type":"token","tokenSecretKeyRef":{"name":"my-argocd-token","key":"my-token"}}`)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		checkWiring(t, out, modes()["token-ref"])
	}
}

// TestCorpusBundledArgoCD shows that a Runtime with its own Argo CD comes to no harm.
func TestCorpusBundledArgoCD(t *testing.T) {
	for _, version := range versions(t) {
		for _, values := range []string{"internal-argocd", "full"} {
			stream, err := os.ReadFile(filepath.Join(version, values+".yaml"))
			if err != nil {
				continue
			}
			out, stderr, code := run(t, stream, "-f", filepath.Join(version, values+".values.yaml"))
			if code != 0 || !bytes.Equal(out, stream) || !strings.Contains(stderr, "bundled-argo-cd") {
				t.Errorf("%s %s: exit code %d, changed %v\n%s", version, values, code, !bytes.Equal(out, stream), stderr)
			}
		}
	}
}

type envVar struct {
	Name      string
	Value     string
	ValueFrom struct {
		Secret    struct{ Name, Key string } `yaml:"secretKeyRef"`
		ConfigMap struct{ Name, Key string } `yaml:"configMapKeyRef"`
	} `yaml:"valueFrom"`
}

type object struct {
	Kind     string
	Metadata struct{ Name string }
	Data     map[string]any
	Spec     struct {
		Template struct {
			Spec struct {
				Containers []struct {
					Name string
					Env  []envVar
				}
			}
		}
	}
}

// checkWiring compares what every service reads with what the contract says.
func checkWiring(t *testing.T, stream []byte, m mode) {
	t.Helper()
	configMaps := map[string]map[string]any{}
	got, want := map[string]string{}, map[string]string{}
	var objects []object
	for d := yaml.NewDecoder(bytes.NewReader(stream)); ; {
		var o object
		err := d.Decode(&o)
		if errors.Is(err, io.EOF) {
			break
		}
		var wrongType *yaml.TypeError // other kinds use the same names for other things
		if err != nil && !errors.As(err, &wrongType) {
			t.Fatal(err)
		}
		if o.Kind == "ConfigMap" {
			configMaps[o.Metadata.Name] = o.Data
		}
		objects = append(objects, o)
	}
	services := 0
	for _, o := range objects {
		for _, c := range o.Spec.Template.Spec.Containers {
			env := map[string]string{}
			for _, e := range c.Env {
				env[e.Name] = resolve(e, configMaps)
			}
			switch {
			case o.Metadata.Name == "cap-app-proxy":
				services++
				for variable, value := range map[string]string{"TOKEN": m.token, "PASSWORD": m.password, "USERNAME": m.username} {
					if value != "" {
						want["app-proxy "+variable] = value
						got["app-proxy "+variable] = env["ARGO_CD_"+variable]
					}
				}
				if m.token != "" && env["ARGO_CD_PASSWORD"] != "" && env["ARGO_CD_PASSWORD"] != m.token {
					t.Errorf("app-proxy keeps a password from %s beside the token", env["ARGO_CD_PASSWORD"])
				}
				if m.password != "" && env["ARGO_CD_TOKEN"] != "" && env["ARGO_CD_TOKEN"] != "argocd-token/token" {
					t.Errorf("app-proxy keeps a token from %s beside the password", env["ARGO_CD_TOKEN"])
				}
			case env["ARGO_CD_TOKEN_SECRET_NAME"] != "":
				services++
				want[o.Metadata.Name] = m.other
				got[o.Metadata.Name] = env["ARGO_CD_TOKEN_SECRET_NAME"] + "/" + env["ARGO_CD_TOKEN_SECRET_KEY"]
			}
		}
	}
	if services < 4 {
		t.Errorf("only %d services", services)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func resolve(e envVar, configMaps map[string]map[string]any) string {
	switch s, c := e.ValueFrom.Secret, e.ValueFrom.ConfigMap; {
	case s.Name != "" && e.Name == "ARGO_CD_USERNAME":
		return "secret:" + s.Name + "/" + s.Key
	case s.Name != "":
		return s.Name + "/" + s.Key
	case c.Name != "":
		value, _ := configMaps[c.Name][c.Key].(string)
		return value
	}
	return e.Value
}
