//go:build cluster

package fleet

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
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
	var r record
	switch err := r.read(json.NewDecoder(limited)); {
	case err == nil, errors.As(err, new(enough)):
		return r, nil
	case limited.N <= 0:
		return record{}, &UnreadableError{Reason: fmt.Sprintf("it has more than %d MiB", maxRecord>>20)}
	}
	return record{}, &UnreadableError{Reason: "it is not the JSON of a release"}
}

// enough is the error that ends the reading of a record of which all is known.
type enough struct{}

// Error says that there is enough.
func (enough) Error() string { return "enough" }

// read reads a record in the order in which it is written.
func (r *record) read(d *json.Decoder) error {
	var skipped json.RawMessage
	chart := func(name string) error {
		switch name {
		case "metadata":
			if err := d.Decode(&r.chart); err != nil || r.mayBeRuntime() {
				return err
			}
			return enough{}
		case "lock":
			return d.Decode(&r.lock)
		case "values":
			return d.Decode(&r.values)
		}
		return d.Decode(&skipped)
	}
	return eachField(d, func(name string) error {
		switch name {
		case "chart":
			return eachField(d, chart)
		case "config":
			if err := d.Decode(&r.config); err != nil || r.chart.Name == "" { // the chart is written before it
				return err
			}
			return enough{}
		}
		return d.Decode(&skipped)
	})
}

// eachField hands the name of every field of an object to read, which has to read the value.
func eachField(d *json.Decoder, read func(name string) error) error {
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return cmp.Or(err, errors.New("no object"))
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		if err := read(name); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// mayBeRuntime reports whether the chart can turn out to be a Runtime's once the lock is
// known.
func (r *record) mayBeRuntime() bool {
	_, _, ok := r.runtime()
	return ok || slices.ContainsFunc(r.chart.Dependencies, func(d dependency) bool { return d.Alias != "" })
}

// runtime returns the version of the Runtime's chart, and the name below which an
// umbrella chart has its values, "" for the Runtime's own chart; ok is false if it is
// neither. What is switched off Helm has taken out of the dependencies. Of an umbrella
// chart without a lock only a range of versions is known.
func (r *record) runtime() (below, version string, ok bool) {
	if r.chart.Name == auth.ChartName {
		return "", r.chart.Version, true
	}
	i := slices.IndexFunc(r.chart.Dependencies, r.isRuntime)
	if i < 0 {
		return "", "", false
	}
	for _, d := range slices.Concat(r.chart.Dependencies, r.lock.Dependencies) {
		if d.Name == auth.ChartName {
			version = d.Version
		}
	}
	return r.chart.Dependencies[i].Name, version, true
}

// isRuntime knows a dependency under its alias too: Helm puts that in the place of the
// name, and only the lock still has the name.
func (r *record) isRuntime(d dependency) bool {
	if d.Alias == "" {
		return d.Name == auth.ChartName
	}
	return slices.ContainsFunc(r.lock.Dependencies, func(l dependency) bool {
		return l.Name == auth.ChartName && l.Repository == d.Repository
	})
}
