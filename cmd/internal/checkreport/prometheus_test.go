//go:build cluster

package checkreport_test

import (
	"math"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

// TestPrometheus reads the metrics back as Prometheus does.
func TestPrometheus(t *testing.T) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(print(t, "prometheus", false, false, reports())))
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]int{} // the checks of a Runtime, by how many samples are 1
	for _, m := range families["runtime_auth_check_status"].GetMetric() {
		var labels []string
		for _, l := range m.GetLabel() {
			if l.GetName() != "status" {
				labels = append(labels, l.GetValue())
			}
		}
		set[strings.Join(labels, "/")] += int(m.GetGauge().GetValue())
	}
	if len(set) != 7 { // 5 checks of one Runtime, 2 of the other
		t.Errorf("%v", set)
	}
	for check, n := range set {
		if n != 1 {
			t.Errorf("%s has %d statuses", check, n)
		}
	}
	keys := families["runtime_auth_key_expiry_timestamp_seconds"].GetMetric()
	if len(keys) != 2 || keys[0].GetGauge().GetValue() != 1796083200 || !math.IsInf(keys[1].GetGauge().GetValue(), 1) || keys[0].GetLabel()[3].GetValue() != "k\\2\n" {
		t.Errorf("%v", keys)
	}
	twice := []preflight.Report{{Namespace: "a", Results: []preflight.Result{{ID: "secret", Status: preflight.Failed}, {ID: "secret", Status: preflight.OK}}}}
	if text := print(t, "prometheus", false, false, twice); !strings.Contains(text, `status="failed"} 1`) || !strings.Contains(text, `status="ok"} 0`) {
		t.Errorf("the worst does not count:\n%s", text)
	}
}
