//go:build cluster

package checkreport

import (
	"encoding/xml"
	"io"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/preflight"
)

// junitFormat writes the reports as test suites, one for each Runtime, so that a CI
// server shows them among its tests. A warning is a test that passed, and printed
// something: JUnit knows none.
type junitFormat struct {
	w     io.Writer
	begun bool
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

func (f *junitFormat) begin() error {
	if f.begun {
		return nil
	}
	f.begun = true
	_, err := io.WriteString(f.w, xml.Header+"<testsuites name=\"runtime-auth check\">\n")
	return err
}

func (f *junitFormat) report(r preflight.Report) error {
	if err := f.begin(); err != nil {
		return err
	}
	s := suite{Name: heading(r), Tests: len(r.Results), Failures: r.Count(preflight.Failed), Skipped: r.Count(preflight.Skipped)}
	for _, result := range r.Results {
		s.Cases = append(s.Cases, newTestcase(r.Namespace, result))
	}
	text, err := xml.MarshalIndent(s, "  ", "  ")
	if err != nil {
		return err
	}
	_, err = f.w.Write(append(text, '\n'))
	return err
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

func (f *junitFormat) finish(Summary) error {
	if err := f.begin(); err != nil {
		return err
	}
	_, err := io.WriteString(f.w, "</testsuites>\n")
	return err
}
