package krm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// The functionConfig that is this function's own.
const (
	APIVersion = "runtime-auth.dev/v1alpha1"
	Kind       = "RuntimeAuth"
)

// valuesKey is the key of a ConfigMap under which Helm values are looked for.
const valuesKey = "values.yaml"

// config is what a functionConfig says.
type config struct {
	settings auth.Settings
	options  render.Options
	found    []diag.Diagnostic // none of which stops the function
}

// ConfigError says that the functionConfig is not fit to wire anything.
type ConfigError struct {
	Path        string            // the field that is wrong, "" where several are or none is
	Message     string            // lower case, no full stop; never a credential
	Diagnostics []diag.Diagnostic // the findings in the auth block, with paths in the functionConfig
}

// Error returns the message.
func (e *ConfigError) Error() string {
	if e.Path == "" {
		return "functionConfig: " + e.Message
	}
	return "functionConfig: " + e.Path + ": " + e.Message
}

// refuse says that a field is wrong.
func refuse(path, format string, args ...any) error {
	return &ConfigError{Path: path, Message: fmt.Sprintf(format, args...)}
}

// readConfig reads a RuntimeAuth, or a ConfigMap with values. The auth block is
// checked by the linter's rules, whose findings then name fields of node.
func readConfig(node *yaml.Node, now time.Time) (config, error) {
	if node == nil || node.Kind != yaml.MappingNode || len(node.Content) == 0 {
		return config{}, refuse("", "there is none: give a %s of %s, or a ConfigMap with %s", Kind, APIVersion, valuesKey)
	}
	root, opts := yaml.NewRNode(node), schema.Options{Now: now, Rendered: true}
	switch kind, version := root.GetKind(), root.GetApiVersion(); {
	case kind == Kind && version == APIVersion:
		opts.Scopes = [][]string{nil}
		return readRuntimeAuth(node, opts)
	case kind == "ConfigMap" && version == "v1":
		return readConfigMap(node, opts)
	default:
		return config{}, refuse("", "%q of %q is not known, it must be a %s of %s or a ConfigMap of v1",
			kind, version, Kind, APIVersion)
	}
}

// readRuntimeAuth turns the spec into the values that say the same and lints those,
// so that every rule holds here too.
func readRuntimeAuth(node *yaml.Node, opts schema.Options) (c config, err error) {
	spec := fieldOf(node, "spec")
	err = cmp.Or(
		checkFields(spec, "spec", "auth", "allowMissing", "overrideStreamValues", "argoCD", "gitopsOperator"),
		checkSwitch(spec, "argoCD"),
		checkSwitch(spec, "gitopsOperator"))
	if err == nil && fieldOf(spec, "auth") == nil {
		err = refuse("spec.auth", "it is missing; give the block that the values of the chart hold")
	}
	if err = cmp.Or(err, c.read(spec, "spec")); err != nil {
		return c, err
	}
	// What the values are called, and the fields that they are read from, in their order.
	origins := []string{
		auth.OldBlockPath, "spec.auth",
		"argo-cd.enabled", "spec.argoCD.enabled",
		"gitops-operator.enabled", "spec.gitopsOperator.enabled",
	}
	text, err := valuesOf(node, origins)
	if err != nil {
		return c, err
	}
	err = c.lint("functionConfig", text, opts, strings.NewReplacer(origins...))
	if err == nil && !c.settings.Declared {
		err = refuse("spec.auth", "it is empty; give the block that the values of the chart hold")
	}
	return c, err
}

// valuesOf writes the values that say what a RuntimeAuth says.
func valuesOf(node *yaml.Node, origins []string) ([]byte, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	for o := range slices.Chunk(origins, 2) {
		n := node
		for key := range strings.SplitSeq(o[1], ".") {
			n = fieldOf(n, key)
		}
		if n == nil {
			continue
		}
		for _, key := range slices.Backward(strings.Split(o[0], ".")) {
			n = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{yaml.NewStringRNode(key).YNode(), n}}
		}
		root.Content = append(root.Content, n.Content...)
	}
	text, err := yaml.NewRNode(root).String()
	if err != nil {
		return nil, refuse("spec.auth", "it cannot be written as YAML")
	}
	return []byte(text), nil
}

// readConfigMap reads whole Helm values.
func readConfigMap(node *yaml.Node, opts schema.Options) (c config, err error) {
	data := fieldOf(node, "data")
	if err := checkFields(data, "data", valuesKey, "allowMissing", "overrideStreamValues"); err != nil {
		return c, err
	}
	given := fieldOf(data, valuesKey)
	if given == nil || given.Kind != yaml.ScalarNode || strings.TrimSpace(given.Value) == "" {
		return c, refuse("data."+valuesKey, "it is missing; give the values that the chart is rendered with")
	}
	if err := c.read(data, "data"); err != nil {
		return c, err
	}
	err = c.lint(valuesKey, []byte(given.Value), opts, strings.NewReplacer())
	return c, err
}

// read reads what may stand beside the values: the names of services that may be missing,
// which are a list, or as a ConfigMap cannot have one a text with commas; and true or
// false, also as a text, where nothing is false.
func (c *config) read(m *yaml.Node, path string) error {
	if names := fieldOf(m, "allowMissing"); names != nil {
		switch {
		case path == "data":
			c.options.AllowMissing = strings.FieldsFunc(names.Value, func(r rune) bool { return strings.ContainsRune(", \n", r) })
		case names.Kind != yaml.SequenceNode:
			return refuse(path+".allowMissing", "it must be a list of services")
		}
		for _, n := range names.Content {
			c.options.AllowMissing = append(c.options.AllowMissing, n.Value)
		}
	}
	for _, name := range c.options.AllowMissing {
		if !slices.Contains(render.Services(), name) {
			return refuse(path+".allowMissing", "unknown service %q, it must be one of %s", name, strings.Join(render.Services(), ", "))
		}
	}
	override := fieldOf(m, "overrideStreamValues")
	if override != nil && (override.Kind != yaml.ScalarNode || override.Value != "true" && override.Value != "false") {
		return refuse(path+".overrideStreamValues", "it must be true or false")
	}
	c.options.OverrideStreamValues = override != nil && override.Value == "true"
	return nil
}

// lint checks values; inField makes of a text about them one about the functionConfig.
func (c *config) lint(name string, text []byte, opts schema.Options, inField *strings.Replacer) error {
	result, err := lintAsGiven(name, text, opts)
	if err != nil {
		return fmt.Errorf("lint the functionConfig: %w", err)
	}
	c.found = result.Diagnostics
	for i := range c.found {
		d := &c.found[i]
		d.Path, d.Message, d.Hint = inField.Replace(d.Path), inField.Replace(d.Message), inField.Replace(d.Hint)
	}
	if slices.ContainsFunc(c.found, schema.StopsRender) {
		return &ConfigError{Message: "it is not fit to wire anything", Diagnostics: c.found}
	}
	settings, unclear := result.Only()
	if unclear != "" {
		return &ConfigError{Message: inField.Replace(unclear)}
	}
	c.settings = settings
	return nil
}

// lintAsGiven lints values as if they were given with -f: unlike a file that merely lies
// in a folder, they must be a mapping.
func lintAsGiven(name string, text []byte, opts schema.Options) (schema.Result, error) {
	v, err := values.Load(values.Options{Files: []string{name}}, func(string) ([]byte, error) { return text, nil })
	if err != nil {
		return schema.Unreadable(err)
	}
	return (&schema.Linter{}).Lint(v, opts)
}

// fieldOf returns the last value under a key of a mapping, nil where there is none.
// It is not kyaml's, for which null is the same as nothing.
func fieldOf(m *yaml.Node, key string) (found *yaml.Node) {
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	for pair := range slices.Chunk(m.Content, 2) {
		if pair[0].Value == key {
			found = pair[1]
		}
	}
	return found
}

// checkFields refuses a mapping that is none, or that holds other fields.
func checkFields(m *yaml.Node, path string, allowed ...string) error {
	if m == nil || m.Kind != yaml.MappingNode {
		return refuse(path, "it must be a mapping with %s", strings.Join(allowed, ", "))
	}
	seen := map[string]bool{}
	for pair := range slices.Chunk(m.Content, 2) {
		key := pair[0].Value
		if !slices.Contains(allowed, key) {
			return refuse(path, "unknown field %q, it must be one of %s", key, strings.Join(allowed, ", "))
		}
		if seen[key] {
			return refuse(path+"."+key, "it stands there twice")
		}
		seen[key] = true
	}
	return nil
}

// checkSwitch refuses what may be there and holds anything but enabled.
func checkSwitch(spec *yaml.Node, name string) error {
	if m := fieldOf(spec, name); m != nil {
		return checkFields(m, "spec."+name, "enabled")
	}
	return nil
}
