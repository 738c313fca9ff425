package postrender

import (
	"encoding/json"
	"os"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// document is the JSON that --report writes. It is written after a failure too, so
// that no report of an earlier run is taken for this one's.
type document struct {
	Version  int               `json:"version"`
	OK       bool              `json:"ok"`
	Error    string            `json:"error,omitempty"`
	Findings []diag.Diagnostic `json:"findings"` // what lint says of the values
	Wiring   render.Report     `json:"wiring"`
}

func (j *job) document(wired render.Report, err error) document {
	d := document{Version: 1, OK: err == nil, Findings: report.Shown(diag.Sort(j.found)), Wiring: wired}
	if err != nil {
		d.Error = err.Error()
	}
	if d.Findings == nil {
		d.Findings = []diag.Diagnostic{}
	}
	return d
}

func (j *job) writeReport(wired render.Report, err error) error {
	if j.reportFile == "" {
		return nil
	}
	data, marshalErr := json.MarshalIndent(j.document(wired, err), "", "  ")
	if marshalErr != nil {
		return exit.Failedf("cannot write the report: %w", marshalErr)
	}
	if writeErr := os.WriteFile(j.reportFile, append(data, '\n'), 0o644); writeErr != nil {
		return exit.Failedf("cannot write the report: %w", writeErr)
	}
	return nil
}
