//go:build cluster

package fleet

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// maxRecord is the most that a record may be unpacked: a Secret holds 1 MiB at most,
// but what is packed into it could be a thousand times that.
const maxRecord = 64 << 20

// record is what Helm keeps of a release (pkg/release of Helm 3.22, pkg/release/v1 of
// 4.3), as far as it says how the chart's values are to be read.
type record struct {
	chart  metadata
	lock   metadata
	values json.RawMessage // the chart's own, with those of its subcharts
	config json.RawMessage // those that were given
}

// metadata is of Chart.yaml or Chart.lock.
type metadata struct {
	Name         string       `json:"name"`
	Version      string       `json:"version"`
	Dependencies []dependency `json:"dependencies"`
}

type dependency struct {
	Name       string `json:"name"` // the alias, once Helm has read it
	Alias      string `json:"alias"`
	Version    string `json:"version"` // in Chart.yaml it may be a range
	Repository string `json:"repository"`
}

// decode reads a record, which is packed as Helm's storage drivers do it (pkg/storage
// /driver/util.go of Helm 3.22 and 4.3). It stops once it has everything: the
// rendered manifests stand behind. Of a chart that is no Runtime it reads no more
// than that. The error is an *UnreadableError, and quotes nothing of the record.
func decode(data []byte) (record, error) {
	packed := bufio.NewReader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(data)))
	var text io.Reader = packed
	if magic, _ := packed.Peek(3); string(magic) == "\x1f\x8b\x08" { // Helm reads others as plain JSON
		unpacked, err := gzip.NewReader(packed)
		if err != nil {
			return record{}, &UnreadableError{Reason: "it is not compressed as Helm does it"}
		}
		text = unpacked
	}
	limited := &io.LimitedReader{R: text, N: maxRecord}
	r := recordReader{json: json.NewDecoder(limited)}
	switch err := r.object(r.release); {
	case err == nil:
		return r.record, nil
	case limited.N <= 0:
		return record{}, &UnreadableError{Reason: fmt.Sprintf("it has more than %d MiB", maxRecord>>20)}
	}
	return record{}, &UnreadableError{Reason: "it is not the JSON of a release"}
}

// recordReader reads a record in the order in which it is written.
type recordReader struct {
	json   *json.Decoder
	record record
	done   bool
}

// object hands every field of an object to field, which has to read the value.
func (r *recordReader) object(field func(name string) error) error {
	if err := r.expect('{'); err != nil {
		return err
	}
	for !r.done && r.json.More() {
		t, err := r.json.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		if err := field(name); err != nil {
			return err
		}
	}
	if r.done {
		return nil
	}
	return r.expect('}')
}

func (r *recordReader) expect(want json.Delim) error {
	t, err := r.json.Token()
	if err == nil && t != want {
		err = fmt.Errorf("no %q", want)
	}
	return err
}

func (r *recordReader) release(name string) error {
	switch name {
	case "chart":
		return r.object(r.chart)
	case "config":
		r.done = r.record.chart.Name != "" // the chart is written before it
		return r.json.Decode(&r.record.config)
	}
	return r.json.Decode(&skipped{})
}

func (r *recordReader) chart(name string) error {
	switch name {
	case "metadata":
		err := r.json.Decode(&r.record.chart)
		r.done = err == nil && !r.record.mayBeRuntime()
		return err
	case "lock":
		return r.json.Decode(&r.record.lock)
	case "values":
		return r.json.Decode(&r.record.values)
	}
	return r.json.Decode(&skipped{})
}

// skipped is a value that is not kept.
type skipped struct{}

// UnmarshalJSON does nothing.
func (*skipped) UnmarshalJSON([]byte) error { return nil }

// mayBeRuntime is isRuntime before the lock is known.
func (r record) mayBeRuntime() bool {
	return r.isRuntime() || slices.ContainsFunc(r.chart.Dependencies, func(d dependency) bool { return d.Alias != "" })
}

// isRuntime reports whether the chart is the Runtime's, or depends on it. What
// is switched off Helm has taken out of the dependencies.
func (r record) isRuntime() bool {
	return r.chart.Name == schema.ChartName || slices.ContainsFunc(r.chart.Dependencies, r.isRuntimeDependency)
}

// dependency returns the name below which an umbrella chart has the values of the
// Runtime, "" for the Runtime's own chart.
func (r record) dependency() string {
	i := slices.IndexFunc(r.chart.Dependencies, r.isRuntimeDependency)
	if r.chart.Name == schema.ChartName || i < 0 {
		return ""
	}
	return r.chart.Dependencies[i].Name
}

// isRuntimeDependency knows a dependency under its alias too: Helm puts that in the
// place of the name, and only the lock still has the name.
func (r record) isRuntimeDependency(d dependency) bool {
	if d.Alias == "" {
		return d.Name == schema.ChartName
	}
	return slices.ContainsFunc(r.lock.Dependencies, func(l dependency) bool {
		return l.Name == schema.ChartName && l.Repository == d.Repository
	})
}

// version returns that of the Runtime's chart, nil where the record does not tell:
// of an umbrella chart without a lock only a range is known.
func (r record) version() *schema.ChartVersion {
	version := r.chart.Version
	if r.chart.Name != schema.ChartName {
		version = ""
		for _, d := range slices.Concat(r.chart.Dependencies, r.lock.Dependencies) {
			if d.Name == schema.ChartName {
				version = d.Version
			}
		}
	}
	v, err := schema.ParseChartVersion(version)
	if err != nil {
		return nil
	}
	return &v
}
