//go:build cluster

package checkreport

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

//go:embed check.schema.json
var schema string

// JSONSchema returns the JSON schema (draft 2020-12) of the format json.
func JSONSchema() string { return schema }

// jsonFormat writes one document, as check.schema.json describes it. Fields are only
// ever added to it.
type jsonFormat struct {
	w     io.Writer
	begun bool
}

func (f *jsonFormat) report(r preflight.Report) error {
	text, err := indented(r, "    ")
	if err != nil {
		return err
	}
	before := ",\n    "
	if !f.begun {
		before = "{\n  \"version\": 1,\n  \"reports\": [\n    "
		f.begun = true
	}
	_, err = io.WriteString(f.w, before+text)
	return err
}

func (f *jsonFormat) finish(s Summary) error {
	text, err := indented(s, "  ")
	if err != nil {
		return err
	}
	before := "\n  ],\n"
	if !f.begun {
		before = "{\n  \"version\": 1,\n  \"reports\": [],\n"
	}
	_, err = io.WriteString(f.w, before+"  \"summary\": "+text+"\n}\n")
	return err
}

// indented encodes v so that quotations stay legible, all lines but the first
// behind prefix.
func indented(v any, prefix string) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, "  ")
	err := e.Encode(v)
	return string(bytes.TrimSpace(b.Bytes())), err
}
