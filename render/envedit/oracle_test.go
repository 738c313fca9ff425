package envedit_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// want is an edit in a form that this test reads without envedit's own code.
type want struct {
	name   string
	value  *string
	ref    *auth.SecretRef
	remove bool
}

func (w want) edit() envedit.Edit {
	switch {
	case w.remove:
		return envedit.Edit{Var: envedit.Var{Name: w.name}, Remove: true}
	case w.ref != nil:
		return envedit.Edit{Var: envedit.Var{Name: w.name, Origin: envedit.SecretKey, Ref: *w.ref}}
	}
	return envedit.Edit{Var: envedit.Var{Name: w.name, Origin: envedit.Literal, Value: *w.value}}
}

// entry is the entry that the API server must see.
func (w want) entry() map[string]any {
	if w.ref == nil {
		return map[string]any{"name": w.name, "value": *w.value}
	}
	ref := map[string]any{"name": w.ref.Name, "key": w.ref.Key}
	if w.ref.Optional != nil {
		ref["optional"] = *w.ref.Optional
	}
	return map[string]any{"name": w.name, "valueFrom": map[string]any{"secretKeyRef": ref}}
}

func value(name, v string) want { return want{name: name, value: &v} }

func ref(name, secret, key string, optional ...bool) want {
	w := want{name: name, ref: &auth.SecretRef{Name: secret, Key: key}}
	if len(optional) > 0 {
		w.ref.Optional = &optional[0]
	}
	return w
}

func remove(name string) want { return want{name: name, remove: true} }

func target(path yamldoc.Path, wants []want) envedit.Target {
	t := envedit.Target{Container: path}
	for _, w := range wants {
		t.Edits = append(t.Edits, w.edit())
	}
	return t
}

// decode reads a document as the API server does.
func decode(t testing.TB, doc []byte) any {
	t.Helper()
	var v any
	if err := k8syaml.Unmarshal(doc, &v); err != nil {
		t.Fatalf("the API server does not read it: %v\n%s", err, doc)
	}
	return v
}

// check compares a document before and after an edit of the container at path.
func check(t testing.TB, before, after []byte, path yamldoc.Path, wants []want) {
	t.Helper()
	old, now := decode(t, before), decode(t, after)
	oldEnv, newEnv := takeEnv(t, old, path), takeEnv(t, now, path)
	if diff := cmp.Diff(old, now); diff != "" {
		t.Errorf("something else changed (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(others(oldEnv, wants), others(newEnv, wants)); diff != "" {
		t.Errorf("other entries changed (-before +after):\n%s", diff)
	}
	for _, w := range wants {
		var expected []any
		if !w.remove {
			expected = []any{w.entry()}
		}
		got := slices.DeleteFunc(slices.Clone(newEnv), func(e any) bool { return nameOf(e) != w.name })
		if diff := cmp.Diff(expected, got, cmp.Transformer("len0", func(l []any) []any { return slices.Clip(l) })); len(got)+len(expected) > 0 && diff != "" {
			t.Errorf("%s (-want +got):\n%s", w.name, diff)
		}
	}
	if sorted(oldEnv) && !sorted(newEnv) {
		t.Error("the list is no longer sorted")
	}
}

// takeEnv takes env out of the container at path and returns it.
func takeEnv(t testing.TB, root any, path yamldoc.Path) []any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			root = root.(map[string]any)[step]
		case int:
			root = root.([]any)[step]
		}
	}
	container, ok := root.(map[string]any)
	if !ok {
		t.Fatalf("no container at %v", path)
	}
	env, _ := container["env"].([]any)
	delete(container, "env")
	return env
}

func others(env []any, wants []want) []any {
	return slices.DeleteFunc(append([]any{}, env...), func(e any) bool {
		return slices.ContainsFunc(wants, func(w want) bool { return w.name == nameOf(e) })
	})
}

func nameOf(entry any) string {
	m, _ := entry.(map[string]any)
	return fmt.Sprint(m["name"])
}

// sorted reports whether every entry has a name and the names are in order.
func sorted(env []any) bool {
	var names []string
	for _, e := range env {
		m, _ := e.(map[string]any)
		name, ok := m["name"].(string)
		if !ok {
			return false
		}
		names = append(names, name)
	}
	return slices.IsSorted(names)
}
