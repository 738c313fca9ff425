//go:build cluster

package checkreport

import (
	"encoding/xml"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

// junit writes the reports as test suites, one for each Runtime, so that a CI
// server shows them among its tests. A warning is a test that passed, and printed
// something: JUnit knows none.
func junit() layout {
	return layout{
		begin: xml.Header + "<testsuites name=\"runtime-auth check\">\n",
		report: func(r preflight.Report, _ bool) (string, error) {
			s := suite{Name: heading(r), Tests: len(r.Results), Failures: r.Count(preflight.Failed), Skipped: r.Count(preflight.Skipped)}
			for _, result := range r.Results {
				s.Cases = append(s.Cases, newTestcase(r.Namespace, result))
			}
			text, err := xml.MarshalIndent(s, "  ", "  ")
			return string(text) + "\n", err
		},
		end: func(Summary) (string, error) { return "</testsuites>\n", nil },
	}
}

type suite struct {
	XMLName  xml.Name   `xml:"testsuite"`
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Cases    []testcase `xml:"testcase"`
}

type testcase struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Failure *message `xml:"failure"`
	Skipped *message `xml:"skipped"`
	Output  string   `xml:"system-out,omitempty"`
}

type message struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func newTestcase(namespace string, r preflight.Result) testcase {
	c := testcase{Class: printable.Line(namespace), Name: r.ID}
	m := &message{Message: printable.Line(r.Seen), Text: printable.Line(r.Advice)}
	switch r.Status {
	case preflight.Failed:
		c.Failure = m
	case preflight.Skipped:
		c.Skipped = m
	case preflight.Warning:
		c.Output = "warning: " + m.Message
		if m.Text != "" {
			c.Output += "\nhint: " + m.Text
		}
	default:
		c.Output = m.Message
	}
	return c
}
