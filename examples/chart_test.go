package examples

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChartIsClean(t *testing.T) {
	eachClient(t, func(t *testing.T, h *helm) {
		for _, generation := range generations() {
			h.helm("lint", "--strict", absolute(t, "chart"), "--set", "generation="+generation).ok(t)
		}
		if r := h.template(t, "g4", []string{"template"}).run(t); r.code == 0 {
			t.Error("there is no generation g4, and the chart takes it")
		}
	})
}

// The chart has one mistake on purpose: whatever the values say, it wires the default.
func TestChartIgnoresTheBlock(t *testing.T) {
	eachClient(t, func(t *testing.T, h *helm) {
		for _, generation := range generations() {
			for _, path := range paths() {
				stream := h.template(t, generation, []string{"template"}, "-f", modes()[0].file(t, path)).ok(t)
				checkWiring(t, stream, generation, defaultMode())
			}
		}
	})
}

// examples/manifests is what Helm 3 makes of the chart, for those who have no helm.
// Each generation got values of another kind, and ignores them.
func TestManifestsAreCurrent(t *testing.T) {
	h := bareHelm(t, clients(t)[0])
	given := map[string]string{
		"g1": "external-argo-cd/username-secret-ref",
		"g2": "external-argo-cd/token-plain",
		"g3": "integrations/token-secret-ref",
	}
	for generation, values := range given {
		stream := h.template(t, generation, []string{"template"}, "-f", absolute(t, "values", values+".yaml")).ok(t)
		name := absolute(t, "manifests", generation+".yaml")
		if *update {
			write(t, name, stream)
		}
		if diff := cmp.Diff(read(t, name), stream); diff != "" {
			t.Errorf("%s differs from what helm %s renders (go test ./examples -update):\n%s", name, h.version, diff)
		}
	}
}
