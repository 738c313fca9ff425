package fleet

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/gitops/inline"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
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
	// Candidates are the Secrets, each with a slash and its key, that the services may read
	// the credential from, where the type or what else decides it is not known.
	Candidates []string `json:"candidates,omitempty"`
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
			found = append(found, newRuntimes(name, r)...)
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

// newRuntimes returns what a release says of the Runtimes in its values.
func newRuntimes(file string, from Release) (found []Runtime) {
	all := Runtime{File: file, Line: from.At.Range().Start.Line, Object: from.String(), Unseen: from.Unseen}
	if from.Version != nil && from.Chart == auth.ChartName {
		all.ChartVersion = from.Version.String()
	}
	for _, d := range from.Diagnostics {
		if d.Severity == diag.Error {
			all.Errors++
		}
	}
	if all.Errors > 0 {
		all.State, all.Block = Invalid, from.Block
		return []Runtime{all}
	}
	isElsewhere := from.Path != "" || len(from.Unseen) > 0
	for _, said := range append([]schema.Runtime{from.Runtime}, from.Others...) {
		r, s := all, said.Settings
		r.State, r.Block = Undeclared, said.Block
		switch {
		case said.Later != "", from.IsPartly(), !s.Declared && isElsewhere:
			r.State = Partly
			r.Candidates = candidates(said)
		case s.Declared:
			ref := s.Auth.Credential()
			r.State, r.Mode, r.Plaintext = Declared, s.Auth.Mode, s.Auth.IsPlaintext()
			r.Secret, r.Key = blanked(ref.Name, "…"), blanked(ref.Key, "…")
		}
		found = append(found, r)
	}
	return found
}

// candidates returns the references in the block of a Runtime that is known in part.
func candidates(said schema.Runtime) (found []string) {
	if said.Place == "" {
		return nil
	}
	auth := said.Values.Root.At(strings.Split(said.Place, ".")...)
	for _, name := range []string{block.TokenRef, block.PasswordRef} {
		ref := auth.Field(name)
		if secret, key := ref.Field(block.RefName).Str(), ref.Field(block.RefKey).Str(); block.ValidName(blanked(secret, "x")) && secret+key != "" {
			found = append(found, cmp.Or(blanked(secret, "…"), "?")+"/"+cmp.Or(blanked(key, "…"), "?"))
		}
	}
	return found
}

// blanked returns a name with other text where an expression stands.
func blanked(name, by string) string {
	return regexp.MustCompile(regexp.QuoteMeta(inline.Blank)+"_*").ReplaceAllLiteralString(name, by)
}
