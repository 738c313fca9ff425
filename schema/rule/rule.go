// Package rule says what a rule is, and runs rules over values. The rules themselves are in
// place, field and argocd: a file has those about one thing, and a table of them.
package rule

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// Class says what a rule is about, and so where its findings count.
type Class uint8

// The classes of rules.
const (
	Shape   Class = iota // how the block is written; an error keeps render from working
	Absence              // what is missing; moot where more values come from elsewhere
	Advice               // what works and had better be done otherwise
	Content              // what a credential looks like; it decides nothing
	Account              // the account in Argo CD's own configuration
)

// Rule is one rule: a row in the table of the file that has its function, and a file in doc.
type Rule struct {
	ID       string        // what findings carry, and the anchor in docs/rules.md
	Severity diag.Severity // of its findings, where they do not say otherwise
	Class    Class
	Doc      Doc  // set where reports need it, by schema.Rules
	Fixable  bool // --fix applies an unambiguous fix
	// Keys says that it looks at nothing but keys and where they are, so that it holds in a
	// file in which SOPS has encrypted the values.
	Keys bool
	// After lists the rules, earlier in the table, beside whose findings about the same
	// block this one is silent; AnyError stands for all that report an error about a block
	// which is not about what a credential looks like.
	After []string

	// What it looks at; nil where it does not. All are called in the order of the table.
	File    func(*Pass)              // the values as a whole, after those of every Runtime
	Runtime func(*Pass)              // the values of one Runtime, and where blocks are in them
	Block   func(*Pass, block.Block) // one block that the Runtime reads
	Choice  func(*Pass)              // the one of them that counts
}

// AnyError stands in After for every error about a block.
const AnyError = "*"

// The rules that other packages know.
const (
	YAMLSyntax    = "yaml-syntax"
	WrongType     = "wrong-type"
	MisspelledKey = "misspelled-key"
)
