package report

import (
	"slices"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/count"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// Plan is what a run of the post-renderer would do, or has done: what `plan` prints
// in every format and what `render --report` writes. plan.schema.json describes its
// JSON form. It holds no credential.
type Plan struct {
	Version int    `json:"version"`
	OK      bool   `json:"ok"`
	Error   string `json:"error,omitempty"`
	// Summary counts the services.
	Summary Services `json:"summary"`
	// Findings are what lint says of the values.
	Findings []diag.Diagnostic `json:"findings"`
	Wiring   render.Report     `json:"wiring"`
}

// Services is how many services there are of each kind.
type Services struct {
	Services     int `json:"services"`
	AlreadyRight int `json:"alreadyRight"`
	ToBeWired    int `json:"toBeWired"`
	Missing      int `json:"missing"`
}

// NewPlan makes a plan of what a run reported, of the findings in the values and of
// the run's error, nil if there was none. After an error the report may be the zero
// one.
func NewPlan(wired render.Report, found []diag.Diagnostic, err error) Plan {
	wired.Warnings = Shown(wired.Warnings)
	// JSON would show the zero lists as null.
	wired.Services, wired.Secrets = append([]render.Service{}, wired.Services...), append([]render.Secret{}, wired.Secrets...)
	wired.Runtimes, wired.Missing = append([]render.Runtime{}, wired.Runtimes...), append([]string{}, wired.Missing...)
	p := Plan{Version: 1, OK: err == nil, Findings: Shown(diag.Sort(slices.Clone(found))), Wiring: wired}
	if err != nil {
		p.Error = err.Error()
	}
	p.Summary = Services{Services: len(wired.Services) + len(wired.Missing), Missing: len(wired.Missing)}
	for _, s := range wired.Services {
		if isRight(s) {
			p.Summary.AlreadyRight++
		} else {
			p.Summary.ToBeWired++
		}
	}
	return p
}

// isRight reports whether nothing is to be done about a service.
func isRight(s render.Service) bool {
	return !slices.ContainsFunc(s.Env, func(e wiring.Env) bool { return e.State != wiring.AlreadyRight })
}

// String returns "5 services: 3 already right, 2 to be wired".
func (s Services) String() string {
	parts := count.List(count.Are(s.AlreadyRight, alreadyRight), count.Are(s.ToBeWired, toBeWired), count.Are(s.Missing, missing))
	if parts == "" {
		return "nothing is wired"
	}
	return count.Of(s.Services, "service") + ": " + parts
}

// What the formats for people call the states.
const (
	alreadyRight = "already right"
	toBeWired    = "to be wired"
	missing      = "missing"
)
