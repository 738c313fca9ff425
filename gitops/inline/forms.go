package inline

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/gitops/reference"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// form is a way in which a tool writes down one installation of a chart: the names of
// the fields below a mapping, with spaces between them. Each may be a path with dots.
type form struct {
	kind  string // of the object, or what to call it where it has none
	group string // of the object's apiVersion
	at    string // where the mapping is in the object, "" for the object itself
	list  string // or where in that one is a list of such mappings
	only  string // and where the mapping is if there is no list
	// The first that is given counts.
	name, chart, version string
	// values are laid over each other in an order that is the tool's affair: each is a
	// mapping or a string, or a list of mappings and of names of files.
	values string
	// unseen are the fields through which more values come.
	unseen string
	expression
	// source reads what depends on where the chart comes from, nil if nothing does. It
	// reports whether there is a release at all.
	source func(r *Release, in *values.Value) bool
	// order is that of the values and of what the object refers to, nil if it refers to
	// nothing that can be followed.
	order reference.Order
}

// forms are those that are objects with a kind.
func forms() []form {
	substituted := expression{open: "${", shut: "}"} // by a Flux Kustomization
	return []form{
		{ // Its own values are laid over the others (helm-controller, ChartValuesFromReferences).
			kind: "HelmRelease", group: "helm.toolkit.fluxcd.io", at: "spec",
			chart: "chart.spec.chart", version: "chart.spec.version", values: "values", unseen: "valuesFrom chart.spec.valuesFiles",
			expression: substituted, source: (*Release).fluxSource, order: reference.Flux,
		},
		application("Application", "spec", expression{}),
		application("ApplicationSet", "spec.template.spec", expression{open: "{{", shut: "}}", hasLogic: true}),
		{ // k3s and RKE2; docs.k3s.io/add-ons/helm
			kind: "HelmChart", group: "helm.cattle.io", at: "spec", chart: "chart", version: "version",
			values: "valuesContent values", unseen: "set valuesSecrets", order: reference.K3s,
		},
		{
			kind: "HelmChartConfig", group: "helm.cattle.io", at: "spec",
			values: "valuesContent values", unseen: "valuesSecrets",
		},
		{ // github.com/crossplane-contrib/provider-helm
			kind: "Release", group: "helm.crossplane.io", at: "spec.forProvider", chart: "chart.name", version: "chart.version",
			values: "values", unseen: "set valuesFrom",
		},
		inflated("HelmChartInflationGenerator", "builtin", ""),
	}
}

func application(kind, at string, e expression) form {
	return form{
		kind: kind, group: "argoproj.io", at: at, list: "sources", only: "source", chart: "chart", version: "targetRevision",
		unseen: "helm.valueFiles helm.fileParameters", expression: e, source: (*Release).argoSource, order: reference.Argo,
	}
}

// lists are the forms that are entries of a list in a file that may be no object.
func lists() []form {
	return []form{
		inflated("kustomize helmCharts", "", "helmCharts"),
		{ // helmfile.readthedocs.io
			kind: "helmfile release", list: "releases", name: "name", chart: "chart", version: "version",
			values: "values", unseen: "set setString secrets valuesTemplate inherit",
			expression: expression{open: "{{", shut: "}}", hasLogic: true}, order: reference.Helmfile,
		},
	}
}

// inflated is kustomize's description of a chart (HelmChart and the older HelmChartArgs
// in sigs.k8s.io/kustomize/api/types).
func inflated(kind, group, list string) form {
	return form{
		kind: kind, group: group, list: list,
		name: "releaseName name", chart: "name chartName", version: "version chartVersion",
		values: "valuesInline", unseen: "valuesFile additionalValuesFiles values", order: reference.Inflated,
	}
}

// fleetBundle is a fleet.yaml (fleet.rancher.io/ref-fleet-yaml).
func fleetBundle() form {
	return form{
		kind: "Fleet bundle", at: "helm", name: "releaseName", chart: "chart", version: "version",
		values: "values", unseen: "valuesFiles valuesFrom", expression: expression{open: "${", shut: "}"}, order: reference.Fleet,
	}
}

// releases returns the releases that an object asks for.
func (f form) releases(object *values.Value) (found []*Release) {
	in := descend(object, f.at)
	entries := []*values.Value{descend(in, f.only)}
	if list := in.Field(f.list); !list.IsUnset() {
		entries = list.Items
	}
	for _, entry := range entries {
		if entry != nil && entry.Kind == values.Map {
			found = append(found, f.entry(object, entry)...)
		}
	}
	return found
}

// entry returns one release for each text of values, as every one of them can be wrong by
// itself; the others are among what it does not see.
func (f form) entry(object, in *values.Value) (found []*Release) {
	r := f.release(object, in)
	if f.source != nil && !f.source(&r, in) {
		return nil
	}
	bodies := f.bodies(&r, in)
	if f.order != nil {
		if r.body != nil {
			r.parts = []reference.Part{{Body: r.body}}
		}
		r.parts, r.isFollowed = f.order(object, in, r.parts), true
	}
	if len(bodies) > 1 {
		r.Unseen = append(r.Unseen, "other values of its own")
	}
	if len(bodies) == 0 {
		return []*Release{&r}
	}
	for _, body := range bodies {
		one := r
		one.body = body
		found = append(found, &one)
	}
	return found
}

// release returns the release without its values.
func (f form) release(object, in *values.Value) Release {
	r := Release{Kind: f.kind, Name: nameOf(object), At: in.Body, expression: f.expression}
	if named := cmp.Or(object.Field("kind"), first(in, f.chart), first(in, f.name)); named != nil {
		r.At = named.Body
	}
	if name := first(in, f.name).Str(); r.Name == "" && isName(name) {
		r.Name = name
	}
	r.Chart = lastStep(first(in, f.chart).Str())
	r.Version = exactVersion(first(in, f.version).Str())
	if f.chart == "" {
		r.Unseen = append(r.Unseen, "what it is laid over")
	}
	if !object.At("spec", "templatePatch").IsUnset() { // of an ApplicationSet
		r.Unseen = append(r.Unseen, "templatePatch")
	}
	for path := range strings.FieldsSeq(f.unseen) {
		v := descend(in, path)
		if v.IsUnset() {
			continue
		}
		field := path[strings.LastIndexByte(path, '.')+1:]
		r.Unseen = append(r.Unseen, field)
		if namesFiles(field) {
			r.files = append(r.files, texts(v)...)
		}
	}
	return r
}

// texts returns the texts among values, and in lists among them.
func texts(from ...*values.Value) (all []string) {
	for _, v := range from {
		if v.Kind == values.String {
			all = append(all, v.Str())
		}
		all = append(all, texts(v.Items...)...)
	}
	return all
}

// bodies returns the values, and has the release know them and the files among them.
func (f form) bodies(r *Release, in *values.Value) (bodies []*values.Value) {
	for name := range strings.FieldsSeq(f.values) {
		v := in.Field(name)
		given := []*values.Value{v}
		switch {
		case v.IsUnset():
			continue
		case v.Kind == values.List:
			given = v.Items
		}
		for _, one := range given {
			if one.Kind == values.Map || one.Kind == values.String && one == v {
				bodies, r.parts = append(bodies, one), append(r.parts, reference.Part{Body: one})
				continue
			}
			if !slices.Contains(r.Unseen, "files") {
				r.Unseen = append(r.Unseen, "files")
			}
			r.files, r.parts = append(r.files, texts(one)...), append(r.parts, reference.Files(texts(one)...)...)
		}
	}
	return bodies
}

// fluxSource reads what depends on the kind of the repository. The version in a git
// repository is not the chart's.
func (r *Release) fluxSource(spec *values.Value) bool {
	chart := spec.At("chart", "spec")
	kind := chart.At("sourceRef", "kind").Str()
	if kind == "GitRepository" {
		r.Path = chart.Field("chart").Str()
	}
	if kind != "HelmRepository" {
		r.Version = nil
	}
	return true
}

// argoSource reads one source of an Application. Argo CD lays valuesObject over
// valueFiles, or else values, and parameters over both (v3.6, helmTemplate in
// reposerver/repository). A source may be there only for its files.
func (r *Release) argoSource(source *values.Value) bool {
	switch repo := source.Field("repoURL").Str(); {
	case source.Field("chart").Str() != "":
	case strings.HasPrefix(repo, "oci://"):
		r.Chart = lastStep(repo)
	default: // a git repository, whose revision is not the chart's
		r.Path = source.Field("path").Str()
		r.Chart, r.Version = lastStep(r.Path), nil
	}
	helm := source.Field("helm")
	text, object := helm.Field("values"), helm.Field("valuesObject")
	switch {
	case object != nil && object.Kind == values.Map:
		r.body, r.Unused = object, !text.IsUnset()
	case len(r.expression.find([]byte(object.Str()))) > 0:
		r.body = object
	case text.Str() != "":
		r.body = text
	}
	if !r.hasParameters(helm.Field("parameters")) {
		r.Unseen = append(r.Unseen, parameters)
	}
	return source.Field("ref").IsUnset() || !source.Field("chart").IsUnset() || !helm.IsUnset()
}

// first returns the first of several fields that is given, nil if none is.
func first(v *values.Value, paths string) *values.Value {
	for path := range strings.FieldsSeq(paths) {
		if f := descend(v, path); !f.IsUnset() {
			return f
		}
	}
	return nil
}

// descend follows a path with dots.
func descend(v *values.Value, path string) *values.Value {
	if path == "" {
		return v
	}
	return v.At(strings.Split(path, ".")...)
}

// parameters is the field of Unseen for a release with parameters that may set anything.
const parameters = "parameters"

// parameter is one entry of an Application's parameters.
type parameter struct {
	flag     string // as Argo CD gives it to helm
	asString bool
	at       values.Span // of the value, or of the entry where it has none
	unknown  bool        // something in it is replaced before helm sees it
}

// hasParameters reads the entries of parameters, in the order in which helm goes through its
// flags. Of two with one name the later counts, to Argo CD as to helm. It reports whether
// all of them are known by their names.
func (r *Release) hasParameters(list *values.Value) (areKnown bool) {
	var set, asString []parameter
	isUnknown := func(v *values.Value) bool { return len(r.expression.find([]byte(v.Str()))) > 0 }
	areKnown = !isUnknown(list)
	for _, e := range items(list) {
		name, value, force, p := e.Field("name"), "", e.Field("forceString"), parameter{at: e.Body}
		if areKnown = areKnown && !isUnknown(e) && !isUnknown(name); name.Str() == "" || isUnknown(name) {
			continue
		}
		if v := e.Field("value"); v != nil {
			p.at, value = v.Body, v.Str()
			if v.Kind == values.Bool || v.Kind == values.Number {
				value = v.Body.Text()
			}
		}
		value, p.unknown = r.filledIn(value)
		p.unknown = p.unknown || isUnknown(force)
		p.flag = name.Str() + "=" + escaped(value)
		if p.asString = isUnknown(force) || force != nil && force.Scalar == true; p.asString {
			asString = append(asString, p)
		} else {
			set = append(set, p)
		}
	}
	r.parameters = append(set, asString...)
	return areKnown
}

// filledIn returns the value of a parameter with what will be replaced made blank. Argo CD
// replaces $ARGOCD_… and $$ in values, and in names and texts of values nothing (v3.6,
// helmTemplate in reposerver/repository).
func (r *Release) filledIn(value string) (_ string, isUnknown bool) {
	text, found, _ := r.expression.inText().blank([]byte(value))
	isUnknown = len(found) > 0
	return regexp.MustCompile(`\$(\$|ARGOCD_\w*|\{ARGOCD_\w*\})`).ReplaceAllStringFunc(string(text), func(variable string) string {
		if variable == "$$" {
			return "$"
		}
		isUnknown = true
		return Blank
	}), isUnknown
}

// escaped returns the value of a parameter so that commas separate nothing in it, unless
// it is a {list} or they are escaped (v3.6, cleanSetParameters in util/helm).
func escaped(value string) string {
	if strings.HasPrefix(value, "{") && strings.HasSuffix(value, "}") {
		return value
	}
	var b strings.Builder
	for i := range len(value) {
		if value[i] == ',' && (i == 0 || value[i-1] != '\\') {
			b.WriteByte('\\')
		}
		b.WriteByte(value[i])
	}
	return b.String()
}
