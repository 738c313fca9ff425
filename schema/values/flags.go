package values

import (
	"encoding/json"
	"slices"
)

// part is one key=value of a flag's text, as byte offsets into it.
type part struct{ start, equals, end int }

func whole(text string) part {
	for i := 0; i < len(text); i++ {
		if text[i] == '=' {
			return part{0, i, len(text)}
		}
	}
	return part{0, len(text), len(text)}
}

// split cuts the text of --set at the commas that separate its parts: those that
// are neither escaped nor inside a {list}.
func split(text string) []part {
	var parts []part
	p := part{equals: -1}
	depth := 0
	finish := func(end int) {
		p.end = end
		if p.equals < 0 {
			p.equals = end
		}
		parts = append(parts, p)
		p = part{start: end + 1, equals: -1}
	}
	for i := 0; i < len(text); i++ {
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
			finish(i)
		}
	}
	finish(len(text))
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
		return o.replace(after, old, alone)
	}
	v := &Value{Kind: Map, Fields: make(map[string]*Value, len(data)), Key: o.key, Body: o.body}
	if old != nil && old.Kind == Map {
		v.Key, v.Body, v.Shared, v.Duplicates = old.Key, old.Body, old.Shared, old.Duplicates
		for _, name := range old.Order {
			if f, ok := data[name]; ok {
				v.set(name, o.field(f, old.Fields[name], set, name))
			}
		}
	}
	for _, name := range sortedNames(data) {
		if v.Fields[name] == nil {
			v.set(name, o.field(data[name], old.Field(name), set, name))
		}
	}
	return v
}

func (o origin) field(data any, old *Value, set map[string]any, name string) *Value {
	alone, isSet := set[name]
	if !isSet && old != nil {
		return old
	}
	return o.overlay(data, old, alone)
}

// replace returns data as a value that comes from the flag as a whole.
func (o origin) replace(data any, old *Value, alone any) *Value {
	v := fromData(data)
	v.Key, v.Body, v.Overrides = o.key, o.body, old
	for _, f := range v.Fields {
		o.adopt(f)
	}
	return v
}

func (o origin) adopt(v *Value) {
	v.Key, v.Body = o.key, o.body
	for _, f := range v.Fields {
		o.adopt(f)
	}
}

// fromData returns plain data as a Value without a place.
func fromData(data any) *Value {
	switch data := data.(type) {
	case map[string]any:
		v := &Value{Kind: Map, Fields: make(map[string]*Value, len(data))}
		for _, name := range sortedNames(data) {
			v.set(name, fromData(data[name]))
		}
		return v
	case []any:
		v := &Value{Kind: List}
		for _, item := range data {
			v.Items = append(v.Items, fromData(item))
		}
		return v
	case string:
		return &Value{Kind: String, Scalar: data}
	case bool:
		return &Value{Kind: Bool, Scalar: data}
	case nil:
		return &Value{}
	default: // int64 from --set, float64 from files and JSON
		return &Value{Kind: Number, Scalar: data}
	}
}

func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func mergeObject(text string, into map[string]any) error {
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		return err
	}
	mergeData(into, object)
	return nil
}

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
