//go:build cluster

package fleet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// deployed chooses the records of what is in force (pkg/storage/driver of Helm 3.22
// and 4.3).
const deployed = "owner=helm,status=deployed"

// recordKey is the key under which an object holds a record.
const recordKey = "release"

// Releases returns the deployed Runtimes of a namespace, or of all where it is "": the
// releases of the chart gitops-runtime, and of those that depend on it. An *UnreadableError comes with
// the name and namespace of its release, and more may follow; any other error is the
// last.
func Releases(ctx context.Context, c corev1client.CoreV1Interface, namespace string, opts ...Option) iter.Seq2[Release, error] {
	return func(yield func(Release, error) bool) {
		records, err := stored(ctx, c, namespace, newOptions(opts).driver)
		if err != nil {
			yield(Release{}, err)
			return
		}
		var reader releaseReader
		for r, err := range latest(records) {
			if err != nil {
				yield(Release{}, err)
				return
			}
			release, ok, err := reader.read(r)
			if (ok || err != nil) && !yield(release, err) {
				return
			}
		}
	}
}

// storedRecord is a record as Helm's driver has stored it.
type storedRecord struct {
	namespace, name string
	revision        int
	data            []byte
}

// stored returns the records that a driver of Helm keeps. Errors name what could not
// be listed.
func stored(ctx context.Context, c corev1client.CoreV1Interface, namespace, driver string) (iter.Seq2[storedRecord, error], error) {
	switch driver {
	case "", "secret", "secrets":
		p := newPager[corev1.Secret](listSecrets(c, namespace), deployed, "", nil)
		return records(ctx, p, where("secrets", namespace), func(s *corev1.Secret) storedRecord {
			return newStored(s.Namespace, s.Name, s.Labels, s.Data[recordKey])
		}), nil
	case "configmap", "configmaps":
		p := newPager[corev1.ConfigMap](listConfigMaps(c, namespace), deployed, "", nil)
		return records(ctx, p, where("configmaps", namespace), func(m *corev1.ConfigMap) storedRecord {
			return newStored(m.Namespace, m.Name, m.Labels, []byte(m.Data[recordKey]))
		}), nil
	}
	return nil, fmt.Errorf("releases of Helm's storage driver %q cannot be read, only those of secret and configmap", driver)
}

func where(resource, namespace string) string {
	if namespace == "" {
		return resource + " in all namespaces"
	}
	return fmt.Sprintf("%s in namespace %q", resource, namespace)
}

func newStored(namespace, object string, labels map[string]string, data []byte) storedRecord {
	r := storedRecord{namespace: namespace, name: labels["name"], data: data}
	if r.name == "" {
		r.name = object
	}
	r.revision, _ = strconv.Atoi(labels["version"])
	return r
}

func records[T any, P object[T]](ctx context.Context, p *pager[T, P], what string, read func(P) storedRecord) iter.Seq2[storedRecord, error] {
	return func(yield func(storedRecord, error) bool) {
		for {
			o, err := p.next(ctx)
			if err != nil {
				yield(storedRecord{}, fmt.Errorf("cannot list %s, where Helm keeps its releases: %w", what, err))
				return
			}
			if o == nil || !yield(read(o), nil) {
				return
			}
		}
	}
}

// latest leaves out all but the last revision of a release. Two can be marked as
// deployed where two upgrades ran at the same time; they come one after the other.
func latest(all iter.Seq2[storedRecord, error]) iter.Seq2[storedRecord, error] {
	return func(yield func(storedRecord, error) bool) {
		var last storedRecord
		for r, err := range all {
			same := err == nil && r.namespace == last.namespace && r.name == last.name
			switch {
			case same && r.revision < last.revision:
				continue
			case !same && last.name != "" && !yield(last, nil):
				return
			case err != nil:
				yield(storedRecord{}, err)
				return
			}
			last = r
		}
		if last.name != "" {
			yield(last, nil)
		}
	}
}

// releaseReader turns records into Runtimes.
type releaseReader struct {
	defaults defaults
}

// read returns a Runtime; ok is false if the record is of something else.
func (r *releaseReader) read(s storedRecord) (_ Release, ok bool, _ error) {
	release := Release{Name: s.name, Namespace: s.namespace}
	record, err := decode(s.data)
	if err != nil || !record.isRuntime() {
		return release, false, err
	}
	given, err := parseJSON(fmt.Sprintf("release %s (values)", s.name), record.config)
	if err != nil {
		return release, false, err
	}
	defaults, err := r.defaults.parse(record.values)
	if err != nil {
		return release, false, err
	}
	release.Values, release.Lint.Defaults = values.FromFile(given), values.FromFile(defaults)
	release.Lint.Scopes = [][]string{nil}
	if name := record.dependency(); name != "" {
		release.Lint.Scopes = [][]string{{name}}
	}
	if release.Lint.ChartVersion = record.version(); release.Lint.ChartVersion != nil {
		release.Chart = *release.Lint.ChartVersion
	}
	return release, true, nil
}

// maxDefaults is how many charts' values are kept. Fleets have few versions at a time.
const maxDefaults = 8

// defaults parses the values of charts, each chart once: those of a Runtime with its
// subcharts are some thousand, and the same in every release.
type defaults struct {
	recent []*values.File
	sums   [][sha256.Size]byte
}

func (d *defaults) parse(data []byte) (*values.File, error) {
	sum := sha256.Sum256(data)
	for i, s := range d.sums {
		if s == sum {
			return d.recent[i], nil
		}
	}
	f, err := parseJSON("chart defaults", data)
	if err != nil {
		return nil, err
	}
	if len(d.sums) == maxDefaults {
		d.recent, d.sums = d.recent[1:], d.sums[1:]
	}
	d.recent, d.sums = append(d.recent, f), append(d.sums, sum)
	return f, nil
}

// parseJSON reads values as Helm has recorded them; nothing recorded is no values. The
// error is an *UnreadableError.
func parseJSON(name string, data []byte) (*values.File, error) {
	if len(data) == 0 {
		data = []byte("{}")
	}
	f, err := values.Parse(name, escapeControls(data))
	var syntax *values.SyntaxError
	if errors.As(err, &syntax) {
		return nil, &UnreadableError{Reason: fmt.Sprintf("its values cannot be read: %s", syntax.Message)}
	}
	return f, err
}

// escapeControls writes as escapes the characters that JSON has in its strings as
// they are and YAML has not.
func escapeControls(data []byte) []byte {
	isBare := func(r rune) bool { return r >= 0x7f && r <= 0x9f || r == 0xfeff || r == 0xfffe || r == 0xffff }
	if !bytes.ContainsFunc(data, isBare) {
		return data
	}
	var b strings.Builder
	for _, r := range string(data) {
		if isBare(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return []byte(b.String())
}
