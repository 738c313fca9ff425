//go:build bench && unix

package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// workload is the part of an object in which services are wired.
type workload struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Metadata   metadata `yaml:"metadata"`
	Spec       struct {
		Template struct {
			Spec struct {
				Containers []container `yaml:"containers"`
			} `yaml:"spec"`
		} `yaml:"template"`
	} `yaml:"spec"`
}

type metadata struct {
	Name      string `yaml:"name" json:"name"`
	Namespace string `yaml:"namespace" json:"namespace,omitempty"`
}

type container struct {
	Name string           `yaml:"name"`
	Env  []map[string]any `yaml:"env"`
}

func parse(document string) (workload, error) {
	var w workload
	err := yaml.Unmarshal([]byte(document), &w)
	return w, err
}

// variables are the entries of a container's env by their names, as its process sees
// them: their order does not matter.
func (w workload) variables(container string) map[string]any {
	all := map[string]any{}
	for _, c := range w.Spec.Template.Spec.Containers {
		for _, entry := range c.Env {
			if name, ok := entry["name"].(string); ok && c.Name == container {
				all[name] = entry
			}
		}
	}
	return all
}

// change is what was done to the env of one container.
type change struct {
	workload                 // as it is then
	container string         // its name
	env       map[string]any // all of its variables then
	removed   []string
	set       []any // entries that are new or other than they were
	merged    []any // the same, to be merged into what was there
}

// changesOf returns what was done to the containers of a document.
func changesOf(before, after string) ([]change, error) {
	old, err := parse(before)
	if err != nil {
		return nil, err
	}
	wired, err := parse(after)
	if err != nil {
		return nil, err
	}
	var changes []change
	for _, c := range wired.Spec.Template.Spec.Containers {
		was, is := old.variables(c.Name), wired.variables(c.Name)
		if reflect.DeepEqual(was, is) {
			continue
		}
		ch := change{workload: wired, container: c.Name, env: is}
		for _, entry := range c.Env {
			if name, ok := entry["name"].(string); ok && !reflect.DeepEqual(was[name], is[name]) {
				ch.set, ch.merged = append(ch.set, is[name]), append(ch.merged, overlay(was[name], is[name]))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(was)) {
			if is[name] == nil {
				ch.removed = append(ch.removed, name)
			}
		}
		changes = append(changes, ch)
	}
	if len(changes) == 0 {
		return nil, fmt.Errorf("%s %s was changed, but not in its env", wired.Kind, wired.Metadata.Name)
	}
	return changes, nil
}

// overlay is a strategic merge patch that makes one value into the other: what is
// gone is null.
func overlay(was, is any) any {
	old, ok := was.(map[string]any)
	fields, too := is.(map[string]any)
	if !ok || !too {
		return is
	}
	patch := map[string]any{}
	for key, value := range fields {
		patch[key] = overlay(old[key], value)
	}
	for key := range old {
		if _, kept := fields[key]; !kept {
			patch[key] = nil
		}
	}
	return patch
}

// patch is the change for kustomize: a strategic merge patch.
func (c change) patch() (string, error) {
	env := c.merged
	for _, name := range c.removed {
		env = append(env, map[string]string{"name": name, "$patch": "delete"})
	}
	spec := map[string]any{"containers": []any{map[string]any{"name": c.container, "env": env}}}
	text, err := json.Marshal(map[string]any{
		"apiVersion": c.APIVersion, "kind": c.Kind, "metadata": c.Metadata,
		"spec": map[string]any{"template": map[string]any{"spec": spec}},
	})
	return string(text), err
}

// expression is the change for yq.
func (c change) expression() (string, error) {
	var kept []string
	for _, name := range c.removed {
		kept = append(kept, fmt.Sprintf(".name != %q", name))
	}
	for _, entry := range c.set {
		kept = append(kept, fmt.Sprintf(".name != %q", entry.(map[string]any)["name"]))
	}
	set, err := json.Marshal(c.set)
	return fmt.Sprintf("(select(.kind == %q and .metadata.name == %q) | .spec.template.spec.containers[] | select(.name == %q) | .env) |= (map(select(%s)) + %s)",
		c.Kind, c.Metadata.Name, c.container, strings.Join(kept, " and "), set), err
}

// sameWiring checks that a stream gives the services the variables that the
// post-renderer gives them.
func sameWiring(stream string, changes []change) error {
	found := 0
	for _, text := range documents(stream) {
		for _, c := range changes {
			if !strings.Contains(text, "name: "+c.Metadata.Name+"\n") || !strings.Contains(text, "kind: "+c.Kind+"\n") {
				continue
			}
			w, err := parse(text)
			if err != nil {
				return err
			}
			if w.Kind != c.Kind || w.Metadata != c.Metadata {
				continue
			}
			found++
			if env := w.variables(c.container); !reflect.DeepEqual(env, c.env) {
				return fmt.Errorf("%s %s does not get the same variables", c.Kind, c.Metadata.Name)
			}
		}
	}
	if found != len(changes) {
		return errors.New("a service is missing from the output")
	}
	return nil
}
