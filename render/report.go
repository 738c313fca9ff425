package render

import (
	"github.com/helm-runtime-auth/runtime-auth/render/scan"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// Report says what a run found and did. Its JSON form is stable: fields are added,
// never renamed, and lists are never null. It holds no credential.
type Report struct {
	Chart Chart `json:"chart"`
	// Values says where the values came from: in which ConfigMap of the stream they
	// were found, Witness, or what the caller fills in where it passed settings to Run.
	Values     string         `json:"values"`
	Mode       auth.Mode      `json:"mode"`
	Credential auth.SecretRef `json:"credential"` // the Secret and key that the services read
	Services   []Service      `json:"services"`   // in the order of the stream
	Secrets    []Secret       `json:"secrets"`
	// Runtimes are the Runtimes of the stream. Of several, the fields above say nothing.
	Runtimes []Runtime         `json:"runtimes"`
	Missing  []string          `json:"missing"` // expected services that are not there, and may be
	Warnings []diag.Diagnostic `json:"warnings"`
	// Linted is what lint says of values in the stream, for who shows findings.
	Linted []schema.Result `json:"-"`
}

// Runtime is one Runtime of the stream.
type Runtime struct {
	Namespace  string         `json:"namespace,omitempty"` // of its services, "" for that of the release
	Chart      Chart          `json:"chart"`
	Values     string         `json:"values"`
	Mode       auth.Mode      `json:"mode"`
	Credential auth.SecretRef `json:"credential"`
}

// Chart is what the stream tells of the chart it was made from.
type Chart struct {
	Version    string `json:"version"`    // from the label helm.sh/chart, "" if there is none
	Generation string `json:"generation"` // by the version, else by the services: 0.18-0.25 or 0.26+
}

// Service is one container that uses the credential.
type Service struct {
	// Service is the name in the table of services, or OtherService.
	Service   string       `json:"service"`
	Kind      string       `json:"kind"`
	Name      string       `json:"name"`
	Namespace string       `json:"namespace,omitempty"`
	Container string       `json:"container"`
	Document  int          `json:"document"` // its number in the stream, from 1
	Env       []wiring.Env `json:"env"`
}

// OtherService stands in the report for a container that the table of services
// does not know, but that reads ARGO_CD_TOKEN_SECRET_NAME.
const OtherService = scan.OtherService

// Secret is one of the Secrets that the chart makes from a plaintext credential.
type Secret struct {
	Name  string      `json:"name"`
	State SecretState `json:"state"`
}

// SecretState says where such a Secret is.
type SecretState string

// The states of a Secret.
const (
	Present  SecretState = "present"  // in the stream, with the declared credential
	Appended SecretState = "appended" // added to the stream
	Hidden   SecretState = "hidden"   // suppressed by helm --hide-secret
	Unused   SecretState = "unused"   // in the stream, for a credential that is not in use
)

func newReport() Report {
	return Report{Services: []Service{}, Secrets: []Secret{}, Runtimes: []Runtime{}, Missing: []string{}, Warnings: []diag.Diagnostic{}}
}

// warn adds a warning, once for a rule and message.
func (r *Report) warn(d diag.Diagnostic) {
	d.Severity = diag.Warning
	for _, w := range r.Warnings {
		if w.Rule == d.Rule && w.Message == d.Message {
			return
		}
	}
	r.Warnings = append(r.Warnings, d)
}
