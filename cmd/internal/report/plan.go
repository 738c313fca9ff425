package report

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/count"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/mask"
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
// one. What in it could be a credential is hidden.
func NewPlan(wired render.Report, found []diag.Diagnostic, err error) Plan {
	p := Plan{Version: 1, OK: err == nil, Findings: Shown(diag.Sort(slices.Clone(found))), Wiring: shownReport(wired)}
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

// shownReport returns a report as it may be shown, without changing it. Its lists are
// not nil, which JSON would show as null.
func shownReport(r render.Report) render.Report {
	names := mask.Names(declared(r))
	r.Services = append([]render.Service{}, r.Services...)
	for i := range r.Services {
		s := &r.Services[i]
		s.Name, s.Namespace, s.Container = objectName(s.Name), objectName(s.Namespace), objectName(s.Container)
		s.Env = append([]wiring.Env{}, s.Env...)
		for j := range s.Env {
			e := &s.Env[j]
			e.Before, e.After = shownSource(names, e.Name, e.Before), shownSource(names, e.Name, e.After)
		}
	}
	r.Credential.Name, r.Credential.Key = names.Shown(r.Credential.Name), names.Shown(r.Credential.Key)
	r.Secrets = append([]render.Secret{}, r.Secrets...)
	r.Missing = append([]string{}, r.Missing...)
	r.Runtimes = append([]render.Runtime{}, r.Runtimes...)
	for i := range r.Runtimes {
		t := &r.Runtimes[i]
		t.Namespace, t.Credential.Name, t.Credential.Key = objectName(t.Namespace), names.Shown(t.Credential.Name), names.Shown(t.Credential.Key)
	}
	r.Warnings = Shown(r.Warnings)
	return r
}

// declared returns the names that the wired credential has, its key, and who signs in.
// What manifests say of themselves nobody has declared.
func declared(r render.Report) []string {
	var names []string
	witnesses := map[string]bool{} // by namespace
	runtimes := r.Runtimes
	if len(runtimes) == 0 {
		runtimes = []render.Runtime{{Values: r.Values, Credential: r.Credential}}
	}
	for _, t := range runtimes {
		if t.Values == render.Witness {
			witnesses[t.Namespace] = true
		} else {
			names = append(names, t.Credential.Name, t.Credential.Key)
		}
	}
	for _, s := range r.Services {
		if r.Values == render.Witness || witnesses[s.Namespace] {
			continue
		}
		for _, e := range s.Env {
			names = append(names, e.After.Name, e.After.Key, e.After.Value)
		}
	}
	return names
}

// shownSource hides what could be a credential in what says where a variable comes from.
func shownSource(names mask.Names, name string, s wiring.Source) wiring.Source {
	s.Name, s.Key = names.Shown(s.Name), names.Shown(s.Key)
	if s.Kind == wiring.ValueSource && !names.Env(name, s.Value) {
		s.Value, s.Hidden = "", true
	}
	return s
}

// objectName hides what cannot be the name of an object: Kubernetes takes no capitals.
func objectName(name string) string {
	if strings.ToLower(name) != name {
		return hidden
	}
	return name
}

// hidden stands where a name stood that could be a credential.
const hidden = "…"
