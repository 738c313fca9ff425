package values

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/strvals"
)

// part is one key=value of a flag's text, as byte offsets into it.
type part struct{ start, equals, end int }

func whole(text string) part {
	key, _, _ := strings.Cut(text, "=")
	return part{0, len(key), len(text)}
}

// split cuts the text of --set at the commas that separate its parts: those that
// are neither escaped nor inside a {list}.
func split(text string) []part {
	parts, depth := []part{{equals: -1}}, 0
	for i := 0; i < len(text); i++ {
		p := &parts[len(parts)-1]
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '=' && p.equals < 0:
			p.equals = i
		case c == '{' && p.equals == i-1:
			depth++
		case c == '}' && depth > 0:
			depth--
		case c == ',' && depth == 0:
			p.end = i
			parts = append(parts, part{start: i + 1, equals: -1})
		}
	}
	parts[len(parts)-1].end = len(text)
	for i, p := range parts {
		if p.equals < 0 {
			parts[i].equals = p.end
		}
	}
	return parts
}

// origin is the place of one part of a flag.
type origin struct{ key, body Span }

// overlay returns after, the data that Helm has once a flag is applied, as a
// Value: what the flag alone sets comes from the flag, everything else is as in old.
func (o origin) overlay(after any, old *Value, alone any) *Value {
	data, isMap := after.(map[string]any)
	set, setsMap := alone.(map[string]any)
	if !isMap || !setsMap {
		v := o.value(after)
		v.Overrides = old
		return v
	}
	v := &Value{Kind: Map, Fields: make(map[string]*Value, len(data)), Key: o.key, Body: o.body}
	var names []string
	if old != nil && old.Kind == Map {
		v.Key, v.Body, v.Shared, v.Duplicates = old.Key, old.Body, old.Shared, old.Duplicates
		names = old.Order
	}
	for _, name := range slices.Concat(names, slices.Sorted(maps.Keys(data))) {
		f, there := data[name]
		alone, isSet := set[name]
		switch was := old.Field(name); {
		case !there || v.Fields[name] != nil:
		case isSet || was == nil:
			v.set(name, o.overlay(f, was, alone))
		default:
			v.set(name, was)
		}
	}
	return v
}

// value returns data as a value that comes from the flag as a whole.
func (o origin) value(data any) *Value {
	v := &Value{Key: o.key, Body: o.body}
	switch data := data.(type) {
	case map[string]any:
		v.Kind, v.Fields = Map, make(map[string]*Value, len(data))
		for _, name := range slices.Sorted(maps.Keys(data)) {
			v.set(name, o.value(data[name]))
		}
	case []any:
		v.Kind = List
		for _, item := range data {
			v.Items = append(v.Items, origin{}.value(item))
		}
	default:
		return scalarOf(data, *v)
	}
	return v
}

// parseJSON is --set-json. A whole object is merged, as Helm 4 does; Helm 3 refuses it.
func parseJSON(text string, into map[string]any) error {
	if !isObject(text) {
		return strvals.ParseJSON(text, into)
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		return err
	}
	mergeData(into, object)
	return nil
}

// isObject reports whether the text of --set-json has no key in front of it.
func isObject(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "{") }

func mergeData(into, from map[string]any) {
	for name, v := range from {
		fromMap, ok := v.(map[string]any)
		intoMap, both := into[name].(map[string]any)
		if ok && both {
			mergeData(intoMap, fromMap)
		} else {
			into[name] = v
		}
	}
}
