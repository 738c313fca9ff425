package krm

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema"
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
	settings     schema.Settings
	allowMissing []string
	override     bool              // the values in the items
	found        []diag.Diagnostic // none of which stops the function
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

// readConfig reads a RuntimeAuth, or a ConfigMap with values. The auth block is
// checked by the linter's rules, whose findings then name fields of node.
func readConfig(l *schema.Linter, node *yaml.RNode, now time.Time) (config, error) {
	if node.IsNilOrEmpty() || node.YNode().Kind != yaml.MappingNode {
		return config{}, &ConfigError{Message: fmt.Sprintf("there is none: give a %s of %s, or a ConfigMap with %s", Kind, APIVersion, valuesKey)}
	}
	switch kind, version := node.GetKind(), node.GetApiVersion(); {
	case kind == Kind && version == APIVersion:
		return readRuntimeAuth(l, node, now)
	case kind == "ConfigMap" && version == "v1":
		return readConfigMap(l, node, now)
	default:
		return config{}, &ConfigError{Message: fmt.Sprintf("%q of %q is not known, it must be a %s of %s or a ConfigMap of v1", kind, version, Kind, APIVersion)}
	}
}

// origin leads from a path in Helm values to the field that it was read from.
type origin struct{ values, field string }

// origins of what a RuntimeAuth may say about values, in the order of its fields.
func origins() []origin {
	return []origin{
		{schema.OldBlockPath, "spec.auth"},
		{"argo-cd.enabled", "spec.argoCD.enabled"},
		{"gitops-operator.enabled", "spec.gitopsOperator.enabled"},
	}
}

// readRuntimeAuth turns the spec into the values that say the same and lints those,
// so that every rule holds here too.
func readRuntimeAuth(l *schema.Linter, node *yaml.RNode, now time.Time) (config, error) {
	spec := yaml.NewRNode(fieldOf(node.YNode(), "spec"))
	if err := checkFields(spec.YNode(), "spec", "auth", "allowMissing", "overrideStreamValues", "argoCD", "gitopsOperator"); err != nil {
		return config{}, err
	}
	for _, name := range []string{"argoCD", "gitopsOperator"} {
		if n := fieldOf(spec.YNode(), name); n != nil {
			if err := checkFields(n, "spec."+name, "enabled"); err != nil {
				return config{}, err
			}
		}
	}
	if fieldOf(spec.YNode(), "auth") == nil {
		return config{}, &ConfigError{Path: "spec.auth", Message: "it is missing; give the block that the values of the chart hold"}
	}
	allowed, err := readNames(fieldOf(spec.YNode(), "allowMissing"))
	if err != nil {
		return config{}, err
	}
	override, err := readBool(fieldOf(spec.YNode(), "overrideStreamValues"), "spec.overrideStreamValues")
	if err != nil {
		return config{}, err
	}
	text, err := valuesOf(node)
	if err != nil {
		return config{}, err
	}
	c, err := lint(l, "functionConfig", text, schema.Options{Now: now, Rendered: true, Scopes: [][]string{nil}}, func(s string) string {
		for _, o := range origins() {
			s = strings.ReplaceAll(s, o.values, o.field)
		}
		return s
	})
	if err == nil && !c.settings.Declared {
		err = &ConfigError{Path: "spec.auth", Message: "it is empty; give the block that the values of the chart hold"}
	}
	c.allowMissing, c.override = allowed, override
	return c, err
}

// valuesOf writes the values that say what a RuntimeAuth says.
func valuesOf(node *yaml.RNode) ([]byte, error) {
	root := yaml.NewMapRNode(nil)
	for _, o := range origins() {
		n := node.YNode()
		for _, key := range strings.Split(o.field, ".") {
			n = fieldOf(n, key)
		}
		if n == nil {
			continue
		}
		path := strings.Split(o.values, ".")
		parent, err := root.Pipe(yaml.LookupCreate(yaml.MappingNode, path[:len(path)-1]...))
		if err != nil {
			return nil, fmt.Errorf("read the functionConfig: %w", err)
		}
		// By hand: kyaml leaves out what is null, and null is something else than nothing.
		parent.YNode().Content = append(parent.YNode().Content, yaml.NewStringRNode(path[len(path)-1]).YNode(), n)
	}
	text, err := root.String()
	if err != nil {
		return nil, &ConfigError{Path: "spec.auth", Message: "it cannot be written as YAML"}
	}
	return []byte(text), nil
}

// readConfigMap reads whole Helm values, and the names of services that may be missing.
func readConfigMap(l *schema.Linter, node *yaml.RNode, now time.Time) (config, error) {
	data := fieldOf(node.YNode(), "data")
	if err := checkFields(data, "data", valuesKey, "allowMissing", "overrideStreamValues"); err != nil {
		return config{}, err
	}
	given := fieldOf(data, valuesKey)
	if given == nil || given.Kind != yaml.ScalarNode || strings.TrimSpace(given.Value) == "" {
		return config{}, &ConfigError{Path: "data." + valuesKey, Message: "it is missing; give the values that the chart is rendered with"}
	}
	c, err := lint(l, valuesKey, []byte(given.Value), schema.Options{Now: now, Rendered: true}, func(s string) string { return s })
	if err != nil {
		return config{}, err
	}
	if c.override, err = readBool(fieldOf(data, "overrideStreamValues"), "data.overrideStreamValues"); err != nil {
		return c, err
	}
	if names := fieldOf(data, "allowMissing"); names != nil {
		c.allowMissing = strings.FieldsFunc(names.Value, func(r rune) bool { return strings.ContainsRune(", \n", r) })
		err = checkServices("data.allowMissing", c.allowMissing)
	}
	return c, err
}

// lint checks values; inField tells what a text about them says of the functionConfig.
func lint(l *schema.Linter, name string, text []byte, opts schema.Options, inField func(string) string) (config, error) {
	result, err := lintAsGiven(l, name, text, opts)
	if err != nil {
		return config{}, fmt.Errorf("lint the functionConfig: %w", err)
	}
	for i := range result.Diagnostics {
		d := &result.Diagnostics[i]
		d.Path, d.Message, d.Hint = inField(d.Path), inField(d.Message), inField(d.Hint)
	}
	c := config{found: result.Diagnostics}
	if slices.ContainsFunc(c.found, schema.StopsRender) {
		return c, &ConfigError{Message: "it is not fit to wire anything", Diagnostics: c.found}
	}
	settings, unclear := result.Only()
	if unclear != "" {
		return c, &ConfigError{Message: inField(unclear)}
	}
	c.settings = settings
	return c, nil
}

// lintAsGiven lints values as if they were given with -f: unlike a file that merely lies
// in a folder, they must be a mapping.
func lintAsGiven(l *schema.Linter, name string, text []byte, opts schema.Options) (schema.Result, error) {
	v, err := values.Load(values.Options{Files: []string{name}}, func(string) ([]byte, error) { return text, nil })
	var syntax *values.SyntaxError
	var root *values.RootError
	switch {
	case errors.As(err, &syntax):
		return schema.SyntaxResult(syntax), nil
	case errors.As(err, &root):
		return schema.RootResult(root), nil
	case err != nil:
		return schema.Result{}, err
	}
	return l.Lint(v, opts)
}

// fieldOf returns the last value under a key of a mapping, nil where there is none.
// It is not kyaml's, for which null is the same as nothing.
func fieldOf(m *yaml.Node, key string) *yaml.Node {
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	var found *yaml.Node
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			found = m.Content[i+1]
		}
	}
	return found
}

// checkFields refuses a mapping that is none, or that holds other fields.
func checkFields(m *yaml.Node, path string, allowed ...string) error {
	if m == nil || m.Kind != yaml.MappingNode {
		return &ConfigError{Path: path, Message: "it must be a mapping with " + strings.Join(allowed, ", ")}
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		key := m.Content[i].Value
		if !slices.Contains(allowed, key) {
			return &ConfigError{Path: path, Message: fmt.Sprintf("unknown field %q, it must be one of %s", key, strings.Join(allowed, ", "))}
		}
		if seen[key] {
			return &ConfigError{Path: path + "." + key, Message: "it stands there twice"}
		}
		seen[key] = true
	}
	return nil
}

// readBool reads true or false, also as the text that a ConfigMap has; nothing is false.
func readBool(n *yaml.Node, path string) (bool, error) {
	if n == nil {
		return false, nil
	}
	if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
		return false, &ConfigError{Path: path, Message: "it must be true or false"}
	}
	return n.Value == "true", nil
}

func readNames(list *yaml.Node) ([]string, error) {
	const path = "spec.allowMissing"
	if list == nil {
		return nil, nil
	}
	if list.Kind != yaml.SequenceNode {
		return nil, &ConfigError{Path: path, Message: "it must be a list of services"}
	}
	var names []string
	for _, n := range list.Content {
		names = append(names, n.Value)
	}
	return names, checkServices(path, names)
}

func checkServices(path string, names []string) error {
	for _, name := range names {
		if !slices.Contains(render.Services(), name) {
			return &ConfigError{Path: path, Message: fmt.Sprintf("unknown service %q, it must be one of %s", name, strings.Join(render.Services(), ", "))}
		}
	}
	return nil
}
