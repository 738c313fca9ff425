package render_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// The corpus is what the real chart rendered, per version and mode of the auth block.
func corpus(t testing.TB) string {
	t.Helper()
	return filepath.Dir(oracle.Files(t, "corpus/WIRING.md")[0])
}

func corpusVersions() []string { return []string{"0.18.0", "0.25.2", "main-2026-08"} }

// corpusModes are the settings that the values of a mode mean by the contract;
// values that the contract refuses are not among them.
func corpusModes() map[string]auth.Settings {
	no := false
	modes := map[string]auth.Settings{
		"default":            {Auth: passwordRef(auth.DefaultPasswordRef(), "admin")},
		"err-password-none":  {Auth: passwordRef(auth.DefaultPasswordRef(), "admin")},
		"password":           {Auth: plainPassword("plaintextpassword", "svc-user")},
		"password-emptyref":  {Auth: plainPassword("plaintextpassword", "svc-user")},
		"password-ref":       {Auth: passwordRef(auth.SecretRef{Name: "my-argocd-password", Key: "my-password"}, "svc-user")},
		"username-ref":       {Auth: passwordRef(auth.SecretRef{Name: "my-argocd-password", Key: "my-password"}, "admin")},
		"token":              {Auth: plainToken("plaintexttoken")},
		"token-ref":          {Auth: tokenRef("my-argocd-token", "my-token", nil)},
		"token-ref-optional": {Auth: tokenRef("my-argocd-token", "my-token", new(true))},
	}
	for name, s := range modes {
		s.BundledArgoCD = &no
		if name == "username-ref" {
			s.Auth.UsernameRef = &auth.SecretRef{Name: "my-argocd-username", Key: "my-username"}
		}
		s.Declared = true
		modes[name] = s
	}
	modes["internal-argocd"] = auth.Settings{Declared: true, Auth: passwordRef(auth.DefaultPasswordRef(), "admin"), BundledArgoCD: new(true)}
	modes["full"] = auth.Settings{Declared: true, Auth: passwordRef(auth.DefaultPasswordRef(), "admin")}
	return modes
}

func plainToken(token string) auth.Auth {
	return auth.Auth{Mode: auth.ModeToken, Plaintext: auth.NewSecret(token)}
}

func tokenRef(name, key string, optional *bool) auth.Auth {
	return auth.Auth{Mode: auth.ModeToken, Ref: auth.SecretRef{Name: name, Key: key, Optional: optional}}
}

func plainPassword(password, user string) auth.Auth {
	return auth.Auth{Mode: auth.ModePassword, Plaintext: auth.NewSecret(password), Username: user}
}

func passwordRef(ref auth.SecretRef, user string) auth.Auth {
	return auth.Auth{Mode: auth.ModePassword, Ref: ref, Username: user}
}

// eachMode runs a test for every file NAME of every version that there is.
func eachMode(t *testing.T, name string, test func(t *testing.T, version, mode string, in []byte)) {
	dir := corpus(t)
	for _, version := range corpusVersions() {
		for mode := range corpusModes() {
			in, err := os.ReadFile(filepath.Join(dir, version, strings.ReplaceAll(name, "MODE", mode)))
			if err != nil {
				continue // not every mode was rendered with every version
			}
			t.Run(version+"/"+mode, func(t *testing.T) { test(t, version, mode, in) })
		}
	}
}

func run(t testing.TB, s *auth.Settings, in []byte, opts render.Options) ([]byte, render.Report) {
	t.Helper()
	var out bytes.Buffer
	report, err := render.Run(context.Background(), s, bytes.NewReader(in), &out, opts)
	if err != nil {
		t.Fatalf("render: %v", err)
	}
	return out.Bytes(), report
}

// TestCorpusParity wires the default rendering of every version to every mode and
// looks at what the services would get.
func TestCorpusParity(t *testing.T) {
	dir := corpus(t)
	for _, version := range corpusVersions() {
		in, err := os.ReadFile(filepath.Join(dir, version, "default.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for mode, settings := range corpusModes() {
			t.Run(version+"/"+mode, func(t *testing.T) {
				// default.yaml holds the values that it was rendered with, which differ where a mode
				// switches the bundled Argo CD on
				opts := render.Options{OverrideStreamValues: true}
				out, _ := run(t, &settings, in, opts)
				if diff := cmp.Diff(contract(version, mode), effective(t, out)); diff != "" {
					t.Errorf("effective env (-contract +rendered):\n%s", diff)
				}
				twice, _ := run(t, &settings, out, opts)
				if !bytes.Equal(out, twice) {
					t.Error("a second run changes the output of the first")
				}
			})
		}
	}
}

// TestCorpusIdentity wires every rendering to its own values. Where the chart
// wired them right nothing may change.
func TestCorpusIdentity(t *testing.T) {
	eachMode(t, "MODE.yaml", func(t *testing.T, version, mode string, in []byte) {
		settings := corpusModes()[mode]
		out, _ := run(t, &settings, in, render.Options{})
		if mode != "full" && mode != "internal-argocd" { // these run other workloads beside
			got := effective(t, out)
			if version == "0.18.0" && strings.HasPrefix(mode, "token") { // the chart repeats the token as a password
				delete(got, "app-proxy/ARGO_CD_PASSWORD")
				delete(got, "app-proxy/ARGO_CD_USERNAME")
			}
			if diff := cmp.Diff(contract(version, mode), got); diff != "" {
				t.Errorf("effective env (-contract +rendered):\n%s", diff)
			}
		}
		if disagrees(version, mode) {
			if bytes.Equal(in, out) {
				t.Error("the chart wires this differently, but nothing changed")
			}
			return
		}
		if !bytes.Equal(in, out) {
			t.Errorf("the rendering changed:\n%s", cmp.Diff(string(in), string(out)))
		}
	})
}

// disagrees tells the modes that the chart wires otherwise than the contract: up
// to 0.24.3 the default reference hides a plaintext password, and later charts
// ignore usernameSecretKeyRef.
func disagrees(version, mode string) bool {
	return version == "0.18.0" && mode == "password" || version != "0.18.0" && mode == "username-ref"
}

// TestCorpusStdin does the same with the bytes that a post-renderer of Helm 3 got.
func TestCorpusStdin(t *testing.T) {
	dir := corpus(t)
	settings := corpusModes()["token"]
	for _, version := range corpusVersions() {
		in, err := os.ReadFile(filepath.Join(dir, version, "token.pr-stdin.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, opts := range []render.Options{{}, {RedactValuesConfig: true}} {
			if out, _ := run(t, &settings, in, opts); !bytes.Equal(in, out) {
				t.Errorf("%s, %+v: the stream changed", version, opts)
			}
		}
	}
}

// TestCorpusHelm4 wires the streams of Helm 4 by the values in them.
func TestCorpusHelm4(t *testing.T) {
	eachMode(t, "MODE.pr-stdin-helm4.yaml", func(t *testing.T, version, mode string, in []byte) {
		out, report := run(t, nil, in, render.Options{})
		if !bytes.Equal(in, out) {
			t.Errorf("the stream changed:\n%s", cmp.Diff(string(in), string(out)))
		}
		if !strings.HasPrefix(report.Values, "ConfigMap/") {
			t.Errorf("values from %q", report.Values)
		}
		redacted, _ := run(t, nil, in, render.Options{RedactValuesConfig: true})
		if mode == "token" && bytes.Count(redacted, []byte("plaintexttoken")) != 1 { // in the Secret
			t.Error("the token is left in the values")
		}
		again, _ := run(t, nil, redacted, render.Options{RedactValuesConfig: true})
		if !bytes.Equal(redacted, again) {
			t.Error("redacting twice changes something")
		}
		checkRedacted(t, in, redacted)
	})
}

// checkRedacted compares line by line: only credentials may have changed.
func checkRedacted(t *testing.T, in, out []byte) {
	t.Helper()
	before, after := strings.Split(string(in), "\n"), strings.Split(string(out), "\n")
	if len(before) != len(after) {
		t.Fatalf("%d lines became %d", len(before), len(after))
	}
	for i := range before {
		if before[i] != after[i] && strings.ReplaceAll(before[i], "plaintexttoken", `"[redacted]"`) != after[i] {
			t.Errorf("line %d: %q became %q", i+1, before[i], after[i])
		}
	}
}

// TestCorpusCRLF shows that the other line end, and a byte order mark, do not matter.
func TestCorpusCRLF(t *testing.T) {
	dir := corpus(t)
	settings := corpusModes()["token"]
	for _, version := range corpusVersions() {
		lf, err := os.ReadFile(filepath.Join(dir, version, "default.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		crlf := func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }
		want, _ := run(t, &settings, lf, render.Options{})
		got, _ := run(t, &settings, crlf(lf), render.Options{})
		if !bytes.Equal(crlf(want), got) {
			t.Errorf("%s: %s", version, cmp.Diff(string(crlf(want)), string(got)))
		}
		marked, _ := run(t, &settings, append([]byte("\ufeff"), lf...), render.Options{})
		if string(marked) != "\ufeff"+string(want) {
			t.Errorf("%s: a byte order mark changes the output", version)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	dir := corpus(b)
	settings := corpusModes()["token"]
	for _, file := range []string{"main-2026-08/default.yaml", "main-2026-08/token.pr-stdin.yaml", "main-2026-08/full.yaml", "0.25.2/full.yaml"} {
		in, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(file, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				run(b, &settings, in, render.Options{})
			}
		})
	}
}

// BenchmarkManyTargets wires one document with many services, which must not take
// longer than its share.
func BenchmarkManyTargets(b *testing.B) {
	item := `{"kind":"Deployment","metadata":{"name":"argo-gateway"},"spec":{"template":{"spec":{"containers":[{"image":"x","name":"x","env":[` +
		strings.TrimSuffix(strings.Repeat(`{"name":"A","value":"x"},`, 20), ",") + `]}]}}}}`
	settings := auth.Settings{Declared: true, Auth: tokenRef("my-token", "k", nil)}
	for _, n := range []int{50, 500} {
		in := `{"kind":"List","items":[` + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]}\n"
		for name, in := range map[string]string{"one-line": in, "many-lines": strings.ReplaceAll(in, ",", ",\n")} {
			b.Run(fmt.Sprintf("%s-%d", name, n), func(b *testing.B) {
				b.SetBytes(int64(len(in)))
				for b.Loop() {
					run(b, &settings, []byte(in), render.Options{AllowMissing: render.Services()})
				}
			})
		}
	}
}
