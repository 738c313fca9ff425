//go:build cluster

package checkreport

import (
	"bytes"
	_ "embed"
	"encoding/json"

	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

//go:embed check.schema.json
var schema string

// JSONSchema returns the JSON schema (draft 2020-12) of the format json.
func JSONSchema() string { return schema }

// jsonLayout writes one document, as check.schema.json describes it. Fields are only
// ever added to it.
func jsonLayout() layout {
	return layout{
		begin: "{\n  \"version\": 1,\n  \"reports\": [",
		report: func(r preflight.Report, isFirst bool) (string, error) {
			before := ",\n    "
			if isFirst {
				before = "\n    "
			}
			return indented(before, "    ", r)
		},
		end: func(s Summary) (string, error) {
			before := "\n  ],\n  \"summary\": "
			if s.Runtimes == 0 {
				before = "],\n  \"summary\": "
			}
			text, err := indented(before, "  ", s)
			return text + "\n}\n", err
		},
	}
}

// indented encodes v behind a text so that quotations stay legible, all lines but the
// first behind prefix.
func indented(before, prefix string, v any) (string, error) {
	b := bytes.NewBufferString(before)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, "  ")
	err := e.Encode(v)
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), err
}
