package fleet

import (
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/mask"
	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// State says how much is known of what a Runtime declares.
type State string

// The states of a Runtime.
const (
	Declared State = "declared" // all of it
	Partly   State = "partly"   // more values come from where nobody looks
	Invalid  State = "invalid"  // nothing, because lint finds errors
)

// Runtime is what a Runtime's values declare. It holds no credential.
type Runtime struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`   // of the object in the file
	Object string `json:"object,omitempty"` // "" for a values file
	// ChartVersion is that of the gitops-runtime chart, where the manifest names one.
	ChartVersion string      `json:"chartVersion,omitempty"`
	State        State       `json:"state"`
	Mode         schema.Mode `json:"type,omitempty"`
	// Secret and Key name where the services read the credential from.
	Secret string `json:"secret,omitempty"`
	Key    string `json:"key,omitempty"`
	// Plaintext is set if the credential stands in the values.
	Plaintext bool `json:"plaintext"`
	// Block is the values path of the auth block, "" if it is the chart's default.
	Block string `json:"block,omitempty"`
	// Unseen lists the fields through which the Runtime takes more values.
	Unseen []string `json:"unseen,omitempty"`
	Errors int      `json:"errors"`
}

// Inventory is the Runtimes of a repository.
type Inventory struct {
	Version  int       `json:"version"`
	Runtimes []Runtime `json:"runtimes"`
	// NotRead lists files that hold a Runtime's values in a form that is not read.
	NotRead []NotRead `json:"notRead,omitempty"`
	Summary Summary   `json:"summary"`

	masker *mask.Masker
}

// NotRead is a file that is not read.
type NotRead struct {
	File string `json:"file"`
	What string `json:"what"` // what it is
}

// Summary counts Runtimes.
type Summary struct {
	Runtimes  int `json:"runtimes"`
	Files     int `json:"files"` // in which they are
	Plaintext int `json:"plaintext"`
	Partly    int `json:"partly"`
	Invalid   int `json:"invalid"`
}

// NewInventory returns an inventory without Runtimes.
func NewInventory() *Inventory {
	return &Inventory{Version: 1, Runtimes: []Runtime{}, masker: mask.New()}
}

// Add adds the Runtimes of a file.
func (v *Inventory) Add(name string, c Checked) {
	var found []Runtime
	if r := c.Values; r != nil && (r.Block != "" || diag.HasErrors(r.Diagnostics)) {
		found = append(found, v.newRuntime(name, *r))
	}
	for _, r := range c.Releases {
		found = append(found, v.fromRelease(name, r))
	}
	if c.NotRead != "" {
		v.NotRead = append(v.NotRead, NotRead{name, c.NotRead})
	}
	if len(found) > 0 {
		v.Summary.Files++
	}
	for _, r := range found {
		v.Summary.Runtimes++
		switch r.State {
		case Invalid:
			v.Summary.Invalid++
		case Partly:
			v.Summary.Partly++
		}
		if r.Plaintext {
			v.Summary.Plaintext++
		}
	}
	v.Runtimes = append(v.Runtimes, found...)
}

func (v *Inventory) newRuntime(file string, result schema.Result) Runtime {
	r := Runtime{File: file, State: Declared, Block: result.Block}
	for _, d := range result.Diagnostics {
		if d.Severity == diag.Error {
			r.Errors++
		}
	}
	if r.Errors > 0 {
		r.State = Invalid
		return r
	}
	auth := result.Settings.Auth
	ref := auth.Credential()
	r.Mode, r.Plaintext = auth.Mode, auth.IsPlaintext()
	r.Secret, r.Key = v.shown(ref.Name), v.shown(ref.Key)
	return r
}

func (v *Inventory) fromRelease(file string, from Release) Runtime {
	r := v.newRuntime(file, from.Result.Result)
	r.Line, r.Object, r.Unseen = from.At.Range().Start.Line, from.String(), from.Unseen
	if from.Version != nil && from.Chart == schema.ChartName {
		r.ChartVersion = from.Version.String()
	}
	if r.State == Declared && from.IsPartly() {
		return Runtime{File: r.File, Line: r.Line, Object: r.Object, ChartVersion: r.ChartVersion, State: Partly, Block: r.Block, Unseen: r.Unseen}
	}
	return r
}

// shown returns a name as it may be shown: with an ellipsis where an expression stands,
// and without what looks like a credential.
func (v *Inventory) shown(name string) string {
	for strings.Contains(name, inline.Blanks) {
		at := strings.Index(name, inline.Blanks)
		name = name[:at] + "…" + strings.TrimLeft(name[at:], "_")
	}
	return v.masker.Text(name)
}
