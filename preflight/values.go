//go:build cluster

package preflight

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// The rules of lint that have a check of their own here, where more is known than
// the values say.
func isAboutContent(rule string) bool {
	return schema.ClassOf(rule) == schema.Content
}

const (
	reservedRule    = "reserved-secret"
	placeholderRule = "placeholder"
)

// values lints the block, and takes from it what the other checks need.
func (r *run) values() error {
	result, err := r.linter.Lint(r.opts.Values, r.opts.Lint)
	if err != nil {
		return err
	}
	if len(result.Others) > 0 {
		r.unfit = "the values hold several Runtimes"
		r.add(CheckValues, Failed, r.unfit, "give the values of one, or name its chart with --chart")
	}
	if result.Later != "" {
		r.unfit = "the values declare no credential that could be checked"
		r.add(CheckValues, Skipped, fmt.Sprintf("%s is encrypted, or filled in later by another tool", result.Later), "give the values as Helm gets them")
	}
	if !result.Settings.Declared && r.opts.Lint.Defaults == nil {
		r.unfit = "the values declare no credential, and the chart's own are not known"
		r.add(CheckValues, Skipped, r.unfit, "give the values that hold the auth block, and the chart with --chart")
	}
	for _, d := range result.Diagnostics {
		if schema.StopsRender(d) {
			r.unfit = "the values declare no credential that could be checked"
		}
		if d.Severity == diag.Info || isAboutContent(d.Rule) || d.Rule == reservedRule {
			continue
		}
		r.add(CheckValues, statusOf(d.Severity), finding(d), d.Hint)
	}
	r.bundled = isTrue(result.Settings.BundledArgoCD)
	r.server = newServer(result.Runtime, r.opts.Lint.ChartVersion)
	if r.unfit == "" {
		auth := result.Settings.EffectiveAuth(r.opts.Lint.ChartVersion)
		r.auth = &auth
	}
	if len(r.results) == 0 {
		r.add(CheckValues, OK, declared(result), "")
	}
	for _, d := range result.Diagnostics {
		if d.Rule == reservedRule {
			r.reservedBy = append(r.reservedBy, d)
		}
	}
	return nil
}

// declared says in words which credential the values mean.
func declared(result schema.Result) string {
	a := result.Settings.Auth
	what := fmt.Sprintf("type %s", a.Mode)
	switch {
	case !result.Settings.Declared:
		what = "no block, which means the chart's default: " + what
	case a.IsPlaintext():
		return what + ", given in the values"
	}
	return fmt.Sprintf("%s from %s", what, place(a.Credential()))
}

// place names the key of a Secret.
func place(ref schema.SecretRef) string {
	return fmt.Sprintf("key %q of Secret %q", ref.Key, ref.Name)
}

// finding is a diagnostic on one line.
func finding(d diag.Diagnostic) string {
	at := d.File
	if at != "" && d.Range.Start.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", at, d.Range.Start.Line, d.Range.Start.Column)
	}
	if at != "" {
		at += ": "
	}
	return fmt.Sprintf("%s%s [%s]", at, d.Message, d.Rule)
}

func statusOf(s diag.Severity) Status {
	switch s {
	case diag.Error:
		return Failed
	case diag.Warning:
		return Warning
	}
	return OK
}

func isTrue(b *bool) bool { return b != nil && *b }

// server is what the values say of Argo CD's API (gitops-runtime 0.18 and newer:
// the fields beside the block, of which a Runtime uses svc and port).
type server struct {
	path string // of the mapping in the values
	svc  string // the Service, "" where none is named
	port int    // 0 where none is given, noPort where it is no number
}

// noPort stands for a port that is none: a name, a fraction, a list.
const noPort = -1

// newServer reads the settings beside the block; where the values have none, those
// at the place that the chart's version reads.
func newServer(r schema.Runtime, version *schema.ChartVersion) server {
	paths := []string{"global.integrations.argo-cd.server", "global.external-argo-cd.server"}
	if v := version; r.Place == schema.OldBlockPath || v != nil && v.Less(0, 26, 0) {
		paths[0], paths[1] = paths[1], paths[0]
	}
	for _, path := range paths {
		v := r.Values.Root.At(strings.Split(path, ".")...)
		if svc := v.Field("svc").Str(); svc != "" {
			return server{path: path, svc: svc, port: port(v.Field("port"))}
		}
	}
	return server{path: paths[0]}
}

func port(v *values.Value) int {
	if v.IsUnset() {
		return 0
	}
	const most = 1<<16 - 1
	if f, ok := v.Scalar.(float64); ok && f == math.Trunc(f) && f >= 0 && f <= most {
		return int(f)
	}
	if n, err := strconv.Atoi(v.Str()); err == nil && n >= 0 && n <= most {
		return n
	}
	return noPort
}
