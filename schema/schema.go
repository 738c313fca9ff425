// Package schema knows the auth block of the Codefresh GitOps Runtime chart: its
// JSON schema, what its fields mean together, and how to say what is wrong with it.
package schema

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/helm-runtime-auth/runtime-auth/schema/argocd"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

//go:embed auth.schema.json
var authSchema string

// JSON returns the published JSON schema (draft 2020-12) of a whole values file.
func JSON() string { return authSchema }

// authSchemaURL names the part of the schema that describes the block itself.
const authSchemaURL = "auth.schema.json#/$defs/auth"

// Linter checks values. It may be used by several goroutines. The zero value is ready.
type Linter struct {
	once     sync.Once
	compiled *jsonschema.Schema
	err      error

	table sync.Once
	rows  []rule.Rule
}

// rules returns the rules, made once where there is no configuration of Argo CD.
func (l *Linter) rules(config *argocd.Config) []rule.Rule {
	if config != nil {
		return rules(config)
	}
	l.table.Do(func() { l.rows = rules(nil) })
	return l.rows
}

// block returns the compiled schema of the auth block. Compiling takes about as
// long as the whole rest of a run, so it waits until a block looks wrong.
func (l *Linter) block() (*jsonschema.Schema, error) {
	l.once.Do(func() {
		c := jsonschema.NewCompiler()
		c.Draft = jsonschema.Draft2020
		if l.err = c.AddResource("auth.schema.json", strings.NewReader(authSchema)); l.err == nil {
			l.compiled, l.err = c.Compile(authSchemaURL)
		}
		if l.err != nil {
			l.err = fmt.Errorf("cannot compile the embedded schema: %w", l.err)
		}
	})
	return l.compiled, l.err
}

// structure returns what the schema has against the shape of the block. What it
// says about fields in combination (the block's allOf) is left out: credential
// finds the same, with better places, which TestSchemaAgreesWithLint proves.
func (l *Linter) structure(b *values.Value) ([]block.Structural, error) {
	if wellFormed(b) {
		return nil, nil
	}
	compiled, err := l.block()
	if err != nil {
		return nil, err
	}
	failed, ok := compiled.Validate(b.Data()).(*jsonschema.ValidationError)
	if !ok {
		return nil, nil
	}
	var found []block.Structural
	collect(failed, &found)
	return found, nil
}

func collect(e *jsonschema.ValidationError, found *[]block.Structural) {
	if strings.HasPrefix(e.KeywordLocation, "/allOf/") {
		return
	}
	if len(e.Causes) == 0 {
		*found = append(*found, newStructural(e))
		return
	}
	var below []block.Structural
	for _, cause := range e.Causes {
		collect(cause, &below)
	}
	if !strings.HasSuffix(e.KeywordLocation, "/anyOf") {
		*found = append(*found, below...)
		return
	}
	// An anyOf has causes from every branch. The one that was meant is the one that
	// got into the value; if none did, the value as a whole is wrong.
	whole := newStructural(e)
	inside := slices.DeleteFunc(below, func(s block.Structural) bool {
		return len(s.At) == len(whole.At) && s.Keyword != "additionalProperties"
	})
	if len(inside) == 0 {
		inside = []block.Structural{whole}
	}
	*found = append(*found, inside...)
}

func newStructural(e *jsonschema.ValidationError) block.Structural {
	s := block.Structural{Keyword: e.KeywordLocation[strings.LastIndex(e.KeywordLocation, "/")+1:]}
	for _, name := range strings.Split(strings.TrimPrefix(e.InstanceLocation, "/"), "/") {
		if name != "" {
			s.At = append(s.At, strings.NewReplacer("~1", "/", "~0", "~").Replace(name))
		}
	}
	return s
}

// wellFormed reports whether the schema can have nothing against the shape of the
// block, without asking it. It may say no to a block that is well formed after all.
func wellFormed(b *values.Value) bool {
	if b.Kind == values.Null {
		return true
	}
	if b.Kind != values.Map {
		return false
	}
	for name, v := range b.Fields {
		switch {
		case v.IsUnset() && block.IsField(name):
		case name == block.Type && block.IsMode(v):
		case block.IsRef(name):
			if !wellFormedRef(v) {
				return false
			}
		case name == block.Type || !block.IsField(name) || v.Kind != values.String:
			return false
		}
	}
	return true
}

func wellFormedRef(ref *values.Value) bool {
	if ref.Kind != values.Map {
		return false
	}
	for name, v := range ref.Fields {
		switch {
		case v.Kind == values.Null && block.IsRefField(name):
		case name == block.RefName && v.Kind == values.String && block.ValidName(v.Str()):
		case name == block.RefKey && v.Kind == values.String && block.ValidKey(v.Str()):
		case name == block.RefOptional && v.Kind == values.Bool:
		default:
			return false
		}
	}
	return true
}
