//go:build cluster

package cluster

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/preflight/apikey"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// valuesBlock writes the values that let the Runtime sign in with the API key in a
// Secret, at the place where that version of the chart reads them; nil stands for
// the newest, and then a comment names the other place.
func valuesBlock(t apikey.Target, version *schema.ChartVersion) (string, error) {
	type ref struct {
		Name string `yaml:"name"`
		Key  string `yaml:"key"`
	}
	type auth struct {
		Type string `yaml:"type"`
		Ref  ref    `yaml:"tokenSecretKeyRef"`
	}
	path := schema.NewBlockPath
	if version != nil && version.Less(0, 26, 0) {
		path = schema.OldBlockPath
	}
	var block any = auth{Type: string(schema.ModeToken), Ref: ref{t.Name, t.Key}}
	keys := strings.Split(path, ".")
	for i := len(keys) - 1; i >= 0; i-- {
		block = map[string]any{keys[i]: block}
	}
	var b bytes.Buffer
	if version == nil {
		b.WriteString("# for charts from 0.26 on; older ones read the block " + schema.OldBlockPath + "\n")
	}
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(block); err != nil {
		return "", err
	}
	return b.String(), e.Close()
}
