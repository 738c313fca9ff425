//go:build cluster

package checkreport_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/checkreport"
	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// reports holds every status, text that a terminal or XML would trip over, and a
// Runtime in which all is well.
func reports() []preflight.Report {
	return []preflight.Report{
		{Namespace: "argocd", Source: "Application argocd/runtime", Key: &preflight.Key{Account: "c\"i", ID: "k\\2\n", Expires: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}, Results: []preflight.Result{
			{ID: preflight.CheckValues, Status: preflight.OK, Seen: `type token from key "token" of Secret "ci"`},
			{ID: preflight.CheckSecret, Status: preflight.Failed, Seen: `Secret "ci" does not exist in namespace "argocd"`, Advice: "create it: helm runtime-auth token create --account NAME"},
			{ID: preflight.CheckArgoCD, Status: preflight.Warning, Seen: "Service \"x\" \x1b[31m<&> ]]>", Advice: "see & mend <it>"},
			{ID: preflight.CheckLiveServer, Status: preflight.Skipped, Seen: "not asked for"},
			{ID: preflight.CheckLiveSession, Status: preflight.Skipped, Seen: `no permission to get secrets "ci" in namespace "argocd"`, Advice: "grant it"},
		}},
		{Namespace: "other", Release: "gitops", Key: &preflight.Key{Account: "ci", ID: "k-1"}, Results: []preflight.Result{
			{ID: preflight.CheckValues, Status: preflight.OK, Seen: "fine"},
			{ID: preflight.CheckNamespace, Status: preflight.OK, Seen: "there"},
		}},
	}
}

func print(t *testing.T, name string, color, brief bool, all []preflight.Report) string {
	t.Helper()
	var b bytes.Buffer
	p := checkreport.New(name, &b, color, brief)
	for _, r := range all {
		if err := p.Report(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Finish(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFormats(t *testing.T) {
	for _, tt := range []struct {
		file, format string
		color, brief bool
		reports      []preflight.Report
	}{
		{"one.txt", "text", false, false, reports()[:1]},
		{"colour.txt", "text", true, false, reports()[:1]},
		{"many.txt", "text", false, true, reports()},
		{"none.txt", "text", false, true, nil},
		{"many.json", "json", false, false, reports()},
		{"none.json", "json", false, false, nil},
		{"many.xml", "junit", false, false, reports()},
		{"none.xml", "junit", false, false, nil},
		{"many.prom", "prometheus", false, false, reports()},
		{"none.prom", "prometheus", false, false, nil},
	} {
		got := print(t, tt.format, tt.color, tt.brief, tt.reports)
		golden := filepath.Join("testdata", tt.file)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.file, diff)
		}
	}
}

// TestJSONSchema holds the JSON to the published schema, and to one that allows no
// field which is not described.
func TestJSONSchema(t *testing.T) {
	for _, text := range []string{
		checkreport.JSONSchema(),
		strings.ReplaceAll(checkreport.JSONSchema(), `"additionalProperties": true`, `"additionalProperties": false`),
	} {
		schema, err := jsonschema.CompileString("check.schema.json", text)
		if err != nil {
			t.Fatal(err)
		}
		for _, all := range [][]preflight.Report{nil, reports()} {
			printed := print(t, "json", false, false, all)
			var doc any
			if err := json.Unmarshal([]byte(printed), &doc); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Error(err)
			}
			if err := json.Unmarshal([]byte(strings.Replace(printed, `"version": 1`, `"version": 2`, 1)), &doc); err != nil {
				t.Fatal(err)
			}
			if schema.Validate(doc) == nil {
				t.Error("another version is valid too")
			}
		}
	}
}

// TestJUnit reads the XML back.
func TestJUnit(t *testing.T) {
	var doc struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Name    string    `xml:"name,attr"`
				Failure *struct{} `xml:"failure"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(print(t, "junit", false, false, reports())), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Suites) != 2 {
		t.Fatalf("%d suites", len(doc.Suites))
	}
	for i, s := range doc.Suites {
		var failures, skipped int
		for _, c := range s.Cases {
			if c.Failure != nil {
				failures++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		if s.Tests != len(reports()[i].Results) || s.Tests != len(s.Cases) || s.Failures != failures || s.Skipped != skipped {
			t.Errorf("suite %+v", s)
		}
	}
}

// full is a writer that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteErrors(t *testing.T) {
	for _, name := range checkreport.Formats().Names() {
		p := checkreport.New(name, full{}, false, false)
		if p.Report(reports()[0]) == nil {
			t.Errorf("%s: a report that could not be written", name)
		}
		if p.Finish() == nil {
			t.Errorf("%s: an end that could not be written", name)
		}
	}
}
