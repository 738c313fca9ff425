package postrender_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

// umbrellas returns what both Helm clients gave a post-renderer for umbrella charts over
// the real chart: NAME.helm3.yaml and NAME.helm4.yaml beside NAME.values.yaml.
func umbrellas(t *testing.T) []string {
	t.Helper()
	streams := oracle.Files(t, "umbrella/*/*.helm[34].yaml")
	return streams
}

// TestUmbrellaIdentity: what the real chart wired right in an umbrella stays as it is, with
// its own values and with values that say nothing.
func TestUmbrellaIdentity(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.yaml")
	if err := os.WriteFile(empty, []byte("replicaCount: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, stream := range umbrellas(t) {
		own := strings.TrimSuffix(strings.TrimSuffix(stream, ".helm3.yaml"), ".helm4.yaml") + ".values.yaml"
		for _, args := range [][]string{{"-f", own}, {"-f", empty}, {"--set", "gitops-runtime.replicas=1"}, {"-f", empty, "-f", own}} {
			t.Run(filepath.Base(filepath.Dir(stream))+"/"+filepath.Base(stream)+" "+filepath.Base(args[1]), func(t *testing.T) {
				in := read(t, stream)
				out, stderr, code := run(t, in, args...)
				if code != 0 || !bytes.Equal(out, in) {
					t.Errorf("exit code %d, changed %v: %s", code, !bytes.Equal(out, in), stderr)
				}
			})
		}
	}
}

// TestUmbrellaOtherValues gives the values of another umbrella of the same version: what
// they declare is wired where helm's own values are not in the stream, and refused where
// those declare something else.
func TestUmbrellaOtherValues(t *testing.T) {
	declares := func(name string) bool { return !strings.HasPrefix(filepath.Base(name), "default.") }
	for _, stream := range umbrellas(t) {
		in := read(t, stream)
		others, _ := filepath.Glob(filepath.Join(filepath.Dir(stream), "*.values.yaml"))
		for _, other := range others {
			t.Run(filepath.Base(filepath.Dir(stream))+"/"+filepath.Base(stream)+" with "+filepath.Base(other), func(t *testing.T) {
				out, stderr, code := run(t, in, "-f", other)
				want := mode{token: "my-argocd-token/my-token", other: "my-argocd-token/my-token"}
				if !declares(other) && !declares(stream) {
					want = modes()["default"]
				}
				if code != 0 {
					t.Fatalf("exit code %d: %s", code, stderr)
				}
				checkWiring(t, out, want)
			})
		}
		// Another Secret than that of the chart's own values, which Helm 4 passes on.
		set := "cfr.global.external-argo-cd.auth={\"type\":\"token\",\"tokenSecretKeyRef\":{\"name\":\"other\",\"key\":\"k\"}}"
		out, stderr, code := run(t, in, "--set-json", set)
		if declares(stream) && strings.HasSuffix(stream, ".helm4.yaml") {
			if code != 1 || len(out) > 0 || !strings.Contains(stderr, "differ about") {
				t.Errorf("%s: exit code %d: %s", stream, code, stderr)
			}
			continue
		}
		if code != 0 {
			t.Fatalf("%s: exit code %d: %s", stream, code, stderr)
		}
		checkWiring(t, out, mode{token: "other/k", other: "other/k"})
	}
}
