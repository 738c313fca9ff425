package fleet

import (
	"regexp"

	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// State says how much is known of what a Runtime declares.
type State string

// The states of a Runtime.
const (
	Declared   State = "declared"   // all of it
	Undeclared State = "undeclared" // nothing is declared: what the chart makes of that is not said here
	Partly     State = "partly"     // more values come from where nobody looks, or another tool fills them in
	Invalid    State = "invalid"    // nothing, because lint finds errors
)

// Runtime is what a Runtime's values declare. It holds no credential.
type Runtime struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`   // of the object in the file
	Object string `json:"object,omitempty"` // "" for a values file
	// ChartVersion is that of the gitops-runtime chart, where the manifest names one.
	ChartVersion string    `json:"chartVersion,omitempty"`
	State        State     `json:"state"`
	Mode         auth.Mode `json:"type,omitempty"`
	// Secret and Key name where the services read the credential from.
	Secret string `json:"secret,omitempty"`
	Key    string `json:"key,omitempty"`
	// Plaintext is set if the credential stands in the values.
	Plaintext bool `json:"plaintext"`
	// Block is the values path of the auth block, "" if there is none.
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
	// Undeclared counts those of which nothing is declared.
	Undeclared int `json:"undeclared"`
	Invalid    int `json:"invalid"`
}

// NewInventory returns an inventory without Runtimes.
func NewInventory() *Inventory {
	return &Inventory{Version: 1, Runtimes: []Runtime{}}
}

// Add adds the Runtimes of a file.
func (v *Inventory) Add(name string, c Checked) {
	var found []Runtime
	for _, r := range c.Releases {
		if !r.IsValuesFile() || r.Block != "" || diag.HasErrors(r.Diagnostics) {
			found = append(found, fromRelease(name, r)...)
		}
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
		case Undeclared:
			v.Summary.Undeclared++
		}
		if r.Plaintext {
			v.Summary.Plaintext++
		}
	}
	v.Runtimes = append(v.Runtimes, found...)
}

// newRuntimes returns what values say of the Runtimes in them.
func newRuntimes(file string, result schema.Result) []Runtime {
	errors := 0
	for _, d := range result.Diagnostics {
		if d.Severity == diag.Error {
			errors++
		}
	}
	if errors > 0 {
		return []Runtime{{File: file, State: Invalid, Block: result.Block, Errors: errors}}
	}
	var found []Runtime
	for _, said := range append([]schema.Runtime{result.Runtime}, result.Others...) {
		r := Runtime{File: file, State: Undeclared, Block: said.Block}
		switch s := said.Settings; {
		case said.Later != "":
			r.State = Partly
		case s.Declared:
			ref := s.Auth.Credential()
			r.State, r.Mode, r.Plaintext = Declared, s.Auth.Mode, s.Auth.IsPlaintext()
			r.Secret, r.Key = blanked(ref.Name), blanked(ref.Key)
		}
		found = append(found, r)
	}
	return found
}

func fromRelease(file string, from Release) []Runtime {
	found := newRuntimes(file, from.Result.Result)
	for i := range found {
		r := &found[i]
		r.Line, r.Object, r.Unseen = from.At.Range().Start.Line, from.String(), from.Unseen
		if from.Version != nil && from.Chart == auth.ChartName {
			r.ChartVersion = from.Version.String()
		}
		isPartly := from.IsPartly() || r.State == Undeclared && (from.Path != "" || len(from.Unseen) > 0)
		if r.State != Invalid && isPartly {
			*r = Runtime{File: r.File, Line: r.Line, Object: r.Object, ChartVersion: r.ChartVersion, State: Partly, Block: r.Block, Unseen: r.Unseen}
		}
	}
	return found
}

// blanked returns a name with an ellipsis where an expression stands.
func blanked(name string) string {
	return regexp.MustCompile(inline.Blanks+"_*").ReplaceAllLiteralString(name, "…")
}
