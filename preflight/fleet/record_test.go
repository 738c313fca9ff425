//go:build cluster

package fleet

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/release"
)

// large returns a record of the size that those of the Runtime's chart have: its
// templates, some thousand values with those of the subcharts, and the manifests.
func large(tb testing.TB) []byte {
	tb.Helper()
	text := func(size, seed int) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, "  key-%d: value-%x\n", i, (i+seed)*2654435761)
		}
		return b.String()
	}
	defaults := map[string]any{"global": map[string]any{"codefresh": map[string]any{"accountId": "a"}}}
	for i := range 300 {
		below := map[string]any{}
		for j := range 10 {
			below[fmt.Sprintf("field-%d", j)] = fmt.Sprintf("value %d", i*j)
		}
		defaults[fmt.Sprintf("part-%d", i)] = below
	}
	c := &chart.Chart{Metadata: &chart.Metadata{Name: "gitops-runtime", Version: "0.29.0"}, Values: defaults}
	for i := range 60 {
		c.Templates = append(c.Templates, &chart.File{Name: fmt.Sprintf("templates/%d.yaml", i), Data: []byte(text(8<<10, i))})
	}
	data, err := json.Marshal(&release.Release{
		Name: "gitops", Namespace: "a", Version: 1, Chart: c, Info: &release.Info{Status: release.StatusDeployed},
		Config: map[string]any{"global": map[string]any{"codefresh": map[string]any{"accountId": "b"}}}, Manifest: text(800<<10, 7),
	})
	if err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(b.Bytes()))
}

func BenchmarkDecode(b *testing.B) {
	data := large(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := decode(data)
		if _, _, ok := r.runtime(); err != nil || !ok {
			b.Fatal(err)
		}
	}
}

// BenchmarkRead is what a release takes once the values of its chart are known.
func BenchmarkRead(b *testing.B) {
	stored := storedRecord{namespace: "a", name: "gitops", data: large(b)}
	var r releaseReader
	b.ReportAllocs()
	for b.Loop() {
		if _, ok, err := r.read(stored); err != nil || !ok {
			b.Fatal(err)
		}
	}
}

// FuzzDecode holds that no record makes decode fail in another way than it says.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"chart":{"metadata":{"name":"gitops-runtime","version":"0.29.0"},"lock":null,"values":{}},"config":{"a":1}}`))
	f.Add([]byte(`{"config":null,"chart":{"metadata":{"dependencies":[{"name":"x","alias":"x"}]}}}`))
	f.Add([]byte(`{"chart":`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decode([]byte(base64.StdEncoding.EncodeToString(data)))
		var unreadable *UnreadableError
		if err != nil && !errors.As(err, &unreadable) {
			t.Errorf("error %v", err)
		}
		if _, err := parseJSON("values", r.config); err != nil && !errors.As(err, &unreadable) {
			t.Errorf("error of the values %v", err)
		}
		r.runtime()
	})
}
