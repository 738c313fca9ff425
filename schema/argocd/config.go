package argocd

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Config is what a file says about the local accounts of Argo CD: the data of
// its ConfigMap argocd-cm, or the values from which the argo-cd chart makes it.
type Config struct {
	file *values.File
	// data is the mapping with the keys accounts.NAME; nil where the file leaves it
	// out, and then Argo CD's own defaults hold.
	data   *values.Value
	anchor values.Span // the key of data, or what stands for it
	path   string      // of data: configs.cm, argo-cd.configs.cm, data, items.0.data
	// manifest is set for a ConfigMap, in which every value must be text. In values
	// it may be anything: the chart's templates turn it into text.
	manifest bool
}

// FileError says that a file does not tell what Argo CD's accounts are.
type FileError struct {
	File   string
	Reason string // lower case, quotes nothing of the file
	Hint   string // what to do
}

// Error returns the reason with the name of the file.
func (e *FileError) Error() string { return e.File + ": " + e.Reason }

// argoCDConfigMap is the name under which Argo CD looks for its ConfigMap (Argo CD
// 3.6 common/common.go).
const argoCDConfigMap = "argocd-cm"

// Parse reads Argo CD's configuration from values of the argo-cd chart
// (configs.cm, also below the key of a subchart) or from manifests among which is
// the ConfigMap argocd-cm, by itself or in a list. name is what findings call the
// file. The error is a *values.SyntaxError or an *FileError.
func Parse(name string, data []byte) (*Config, error) {
	file, err := values.Parse(name, data)
	if err != nil {
		return nil, err
	}
	s := search{file: file}
	s.document(file.Root)
	for _, later := range file.Later {
		s.document(later)
	}
	switch {
	case len(s.found) == 1:
		return s.found[0], nil
	case len(s.found) > 1:
		return nil, &FileError{
			File:   name,
			Reason: fmt.Sprintf("holds Argo CD's configuration more than once, at %s and at %s", s.found[0].place(), s.found[1].place()),
			Hint:   "give a file with the one that the Runtime's Argo CD reads",
		}
	case s.notMade != "":
		return nil, &FileError{
			File:   name,
			Reason: mask.Path(s.notMade) + " is false, so the chart makes no ConfigMap argocd-cm and Argo CD reads another one",
			Hint:   "give that one: kubectl get configmap argocd-cm -o yaml",
		}
	}
	return nil, &FileError{
		File:   name,
		Reason: "no Argo CD configuration in it: neither configs.cm, as in values of the argo-cd chart, nor a ConfigMap argocd-cm",
		Hint:   "give the values file of your argo-cd release, or what kubectl get configmap argocd-cm -o yaml prints",
	}
}

// place names a configuration by its line and path.
func (c *Config) place() string {
	return fmt.Sprintf("line %d (%s)", c.anchor.Range().Start.Line, mask.Path(c.path))
}

// key returns the path of one key of the configuration.
func (c *Config) key(name string) string { return c.path + "." + name }

// search collects the configurations in a file.
type search struct {
	file    *values.File
	found   []*Config
	notMade string // the path of a `create: false`
}

func (s *search) document(root *values.Value) {
	if root == nil || root.Kind != values.Map {
		return
	}
	if root.Field("kind").Str() != "" {
		s.manifest(root, "", false)
		return
	}
	s.chartValues(root, "configs")
	for _, name := range root.Order { // a subchart may go by any name
		s.chartValues(root.Field(name), name+".configs")
	}
}

// manifest looks at one object, or at those of a list. The items of a typed list,
// as the API serves it, have no kind of their own.
func (s *search) manifest(object *values.Value, prefix string, typed bool) {
	kind := object.Field("kind").Str()
	if items := object.Field("items"); strings.HasSuffix(kind, "List") && items != nil {
		for i, item := range items.Items {
			s.manifest(item, fmt.Sprintf("%sitems.%d.", prefix, i), kind == "ConfigMapList")
		}
		return
	}
	name := object.At("metadata", "name")
	if kind != "ConfigMap" && (kind != "" || !typed) || name.Str() != argoCDConfigMap {
		return
	}
	s.add(object.Field("data"), name.Body, prefix+"data", true)
}

// chartValues looks at the values of one chart; path is that of their key configs.
func (s *search) chartValues(chart *values.Value, path string) {
	configs := chart.Field("configs")
	cm := configs.Field("cm")
	if cm == nil {
		return
	}
	path += ".cm"
	if create := cm.Field("create"); create != nil && create.Kind == values.Bool && create.Scalar == false {
		s.notMade = path + ".create"
		return
	}
	s.add(cm, cm.KeySpan(), path, false)
}

func (s *search) add(data *values.Value, instead values.Span, path string, manifest bool) {
	c := &Config{file: s.file, anchor: instead, path: path, manifest: manifest}
	switch {
	case data == nil, data.Kind == values.Null:
	case data.Kind == values.Map:
		c.data, c.anchor = data, data.KeySpan()
	default:
		return // no mapping: neither Helm nor the API server takes it
	}
	s.found = append(s.found, c)
}
