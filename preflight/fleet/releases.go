//go:build cluster

package fleet

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/helm-runtime-auth/runtime-auth/preflight/page"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Release is a Runtime that Helm has deployed.
type Release struct {
	Name, Namespace string
	// Values are those that were given to Helm, without the chart's defaults; of an
	// umbrella chart those that it hands down to the Runtime.
	Values *values.Values
	// Lint holds what the release says about how its values are to be linted: the
	// defaults of its chart, and the version of the Runtime's; that is nil where the record
	// does not tell, as of an umbrella chart that asks for a range and has no lock.
	Lint schema.Options
}

// UnreadableError says that the record of one release cannot be read. The others
// can be all the same.
type UnreadableError struct {
	Reason string // what is wrong with the record; it quotes nothing of it
}

// Error says what is wrong with the record.
func (e *UnreadableError) Error() string { return "the record of Helm cannot be read: " + e.Reason }

// Releases returns the deployed Runtimes of a namespace, or of all where it is "": the
// releases of the chart gitops-runtime, and of those that depend on it. driver names
// Helm's storage as the variable HELM_DRIVER does: secret, which is also meant by "", or
// configmap. An *UnreadableError comes with the name and namespace of its release, and
// more may follow; any other error is the last.
func Releases(ctx context.Context, c corev1client.CoreV1Interface, namespace, driver string) iter.Seq2[Release, error] {
	return func(yield func(Release, error) bool) {
		list, what, err := storage(c, namespace, driver)
		if err != nil {
			yield(Release{}, err)
			return
		}
		var r releaseReader
		for s, err := range latest(ctx, page.New(list, deployed, "")) {
			if err != nil {
				yield(Release{}, fmt.Errorf("cannot list %s, where Helm keeps its releases: %w", what, err))
				return
			}
			release, ok, err := r.read(s)
			if (ok || err != nil) && !yield(release, err) {
				return
			}
		}
	}
}

// deployed chooses the records of what is in force (pkg/storage/driver of Helm 3.22
// and 4.3).
const deployed = "owner=helm,status=deployed"

// storage lists what a driver of Helm keeps, and says what that is.
func storage(c corev1client.CoreV1Interface, namespace, driver string) (_ page.Lister, what string, _ error) {
	where := " in all namespaces"
	if namespace != "" {
		where = fmt.Sprintf(" in namespace %q", namespace)
	}
	switch driver {
	case "", "secret", "secrets":
		return page.Listing(c.Secrets(namespace).List), "secrets" + where, nil
	case "configmap", "configmaps":
		return page.Listing(c.ConfigMaps(namespace).List), "configmaps" + where, nil
	}
	return nil, "", fmt.Errorf("releases of Helm's storage driver %q cannot be read, only those of secret and configmap", driver)
}

// storedRecord is a record as Helm's driver has stored it.
type storedRecord struct {
	namespace, name string
	revision        int
	data            []byte
}

func newStored(o page.Object) storedRecord {
	const key = "release"
	s := storedRecord{namespace: o.GetNamespace(), name: o.GetLabels()["name"]}
	if s.name == "" {
		s.name = o.GetName()
	}
	s.revision, _ = strconv.Atoi(o.GetLabels()["version"])
	switch o := o.(type) {
	case *corev1.Secret:
		s.data = o.Data[key]
	case *corev1.ConfigMap:
		s.data = []byte(o.Data[key])
	}
	return s
}

// latest leaves out all but the last revision of a release. Two can be marked as
// deployed where two upgrades ran at the same time; they come one after the other.
func latest(ctx context.Context, all *page.Pager) iter.Seq2[storedRecord, error] {
	return func(yield func(storedRecord, error) bool) {
		var last storedRecord
		for {
			o, err := all.Next(ctx)
			var s storedRecord
			if o != nil {
				s = newStored(o)
			}
			isSame := s.namespace == last.namespace && s.name == last.name
			if !isSame && last.name != "" && !yield(last, nil) {
				return
			}
			switch {
			case err != nil:
				yield(storedRecord{}, err)
				return
			case o == nil:
				return
			case !isSame || s.revision >= last.revision:
				last = s
			}
		}
	}
}

// releaseReader turns records into Runtimes.
type releaseReader struct {
	// defaults are the values of charts by their sums, each parsed once: those of a Runtime
	// with its subcharts are some thousand, and the same in every release.
	defaults map[[sha256.Size]byte]*values.File
}

// maxDefaults is how many charts' values are kept. Fleets have few versions at a time.
const maxDefaults = 8

// read returns a Runtime; ok is false if the record is of something else.
func (r *releaseReader) read(s storedRecord) (release Release, ok bool, _ error) {
	release.Name, release.Namespace = s.name, s.namespace
	record, err := decode(s.data)
	if err != nil {
		return release, false, err
	}
	below, version, ok := record.runtime()
	if !ok {
		return release, false, nil
	}
	given, err := parseJSON(fmt.Sprintf("release %s (values)", s.name), record.config)
	if err != nil {
		return release, false, err
	}
	defaults, err := r.parse(record.values)
	if err != nil {
		return release, false, err
	}
	release.Values, release.Lint.Defaults = values.FromFile(given), values.FromFile(defaults)
	release.Lint.Scopes = [][]string{nil}
	if below != "" {
		release.Lint.Scopes = [][]string{{below}}
	}
	if v, err := auth.ParseChartVersion(version); err == nil {
		release.Lint.ChartVersion = &v
	}
	return release, true, nil
}

// parse parses the values of a chart.
func (r *releaseReader) parse(data []byte) (*values.File, error) {
	sum := sha256.Sum256(data)
	if f := r.defaults[sum]; f != nil {
		return f, nil
	}
	f, err := parseJSON("chart defaults", data)
	if err != nil {
		return nil, err
	}
	if r.defaults == nil || len(r.defaults) == maxDefaults {
		r.defaults = map[[sha256.Size]byte]*values.File{}
	}
	r.defaults[sum] = f
	return f, nil
}

// parseJSON reads values as Helm has recorded them; nothing recorded is no values. The
// error is an *UnreadableError.
func parseJSON(name string, data []byte) (*values.File, error) {
	if len(data) == 0 {
		data = []byte("{}")
	}
	f, err := values.Parse(name, yamldoc.FromJSON(data))
	var syntax *values.SyntaxError
	if errors.As(err, &syntax) {
		return nil, &UnreadableError{Reason: "its values cannot be read: " + syntax.Message}
	}
	return f, err
}
