package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/format"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homepage     = "https://github.com/helm-runtime-auth/runtime-auth"
	rulesPage    = homepage + "/blob/main/docs/rules.md"
)

// SARIF prints findings as a SARIF 2.1.0 log, which code scanners and editors read.
type SARIF struct {
	W       io.Writer
	Version string        // of this program, with or without a v in front; may be empty
	Rules   []schema.Rule // what schema.Rules returns
}

// Print writes ds in their order. No line of a source is quoted, and no fix that
// has a credential in it. The error is that of the writer.
func (s SARIF) Print(ds []diag.Diagnostic) error {
	run := sarifRun{
		Tool:            sarifTool{Driver: s.driver()},
		ColumnKind:      "unicodeCodePoints",
		RedactionTokens: []string{hidden}, // what schema puts in place of a value
		Results:         []sarifResult{},
	}
	seen := map[identity]int{}
	for _, d := range Shown(ds) {
		id := identity{file: d.File, rule: d.Rule, path: d.Path}
		seen[id]++
		run.Results = append(run.Results, s.result(d, fingerprint(id, seen[id])))
	}
	return format.JSON(s.W, sarifLog{Version: sarifVersion, Schema: sarifSchema, Runs: []sarifRun{run}})
}

func (s SARIF) driver() sarifDriver {
	// the v of a Git tag is no part of a version, and readers compare versions as numbers
	version := strings.TrimPrefix(s.Version, "v")
	d := sarifDriver{Name: "runtime-auth", Version: version, InformationURI: homepage, Rules: []sarifRule{}}
	for _, r := range s.Rules {
		d.Rules = append(d.Rules, newSARIFRule(r))
	}
	return d
}

func newSARIFRule(r schema.Rule) sarifRule {
	doc := r.Doc
	help, tags := doc.Help, []string{"configuration"}
	if r.Fixable {
		help += " With --fix, lint mends it where there is one right answer."
		tags = append(tags, "fixable")
	}
	uri := rulesPage + "#" + r.ID
	return sarifRule{
		ID:               r.ID,
		ShortDescription: sarifMessage{Text: messageString(doc.Summary)},
		FullDescription:  sarifMessage{Text: messageString(doc.Summary + " " + doc.Help)},
		Help: sarifMessage{
			Text:     messageString(help),
			Markdown: braces(markdown(help)) + fmt.Sprintf("\n\n[Examples](%s)", uri),
		},
		HelpURI:              uri,
		DefaultConfiguration: sarifDefault{Level: level(r.Severity)},
		Properties:           sarifRuleProperty{Tags: tags},
	}
}

func (s SARIF) result(d diag.Diagnostic, identified string) sarifResult {
	r := sarifResult{
		RuleID:              d.Rule,
		Level:               level(d.Severity),
		Message:             sarifMessage{Text: messageString(withHint(d))},
		PartialFingerprints: map[string]string{"ruleAndPath/v1": identified},
	}
	if i := slices.IndexFunc(s.Rules, func(rule schema.Rule) bool { return rule.ID == d.Rule }); i >= 0 {
		r.RuleIndex = &i
	}
	if l := location(d.File, d.Range, d.Path); l.PhysicalLocation != nil || l.LogicalLocations != nil {
		r.Locations = []sarifLocation{l}
	}
	for i, related := range d.Related {
		l := location(related.File, related.Range, "")
		l.ID = i + 1
		l.Message = &sarifMessage{Text: messageString(related.Message)}
		r.RelatedLocations = append(r.RelatedLocations, l)
	}
	if len(d.Fix) > 0 && isFile(d.File) { // there is no artifact to change in a flag
		r.Fixes = []sarifFix{newSARIFFix(d)}
	}
	return r
}

func newSARIFFix(d diag.Diagnostic) sarifFix {
	change := sarifArtifactChange{ArtifactLocation: artifact(d.File)}
	for _, e := range d.Fix {
		replacement := sarifReplacement{DeletedRegion: region(e.Range)}
		if e.NewText != "" {
			replacement.InsertedContent = &sarifContent{Text: e.NewText}
		}
		change.Replacements = append(change.Replacements, replacement)
	}
	fix := sarifFix{ArtifactChanges: []sarifArtifactChange{change}}
	if d.Hint != "" {
		fix.Description = &sarifMessage{Text: messageString(d.Hint)}
	}
	return fix
}

// location says where something is: in a file, at a values path, in a flag.
func location(file string, r diag.Range, path string) sarifLocation {
	var l sarifLocation
	if path != "" {
		l.LogicalLocations = append(l.LogicalLocations, sarifLogicalLocation{FullyQualifiedName: path, Kind: "property"})
	}
	switch {
	case isFile(file):
		l.PhysicalLocation = &sarifPhysicalLocation{ArtifactLocation: artifact(file)}
		if r.Start.Line > 0 {
			inFile := region(r)
			l.PhysicalLocation.Region = &inFile
		}
	case file != "":
		l.LogicalLocations = append(l.LogicalLocations,
			sarifLogicalLocation{Name: file, FullyQualifiedName: place(file, r), Kind: "argument"})
	}
	return l
}

func artifact(file string) sarifArtifactLocation {
	return sarifArtifactLocation{URI: fileURI(file, filepath.Separator)}
}

// region holds to the bounds of the standard, whatever the range is.
func region(r diag.Range) sarifRegion {
	to := sarifRegion{
		StartLine: max(r.Start.Line, 1), StartColumn: max(r.Start.Column, 1),
		EndLine: max(r.End.Line, r.Start.Line, 1), EndColumn: max(r.End.Column, 1),
		ByteOffset: max(r.Start.Offset, 0), ByteLength: max(r.Len(), 0),
	}
	if to.EndLine == to.StartLine {
		to.EndColumn = max(to.EndColumn, to.StartColumn)
	}
	return to
}

func level(s diag.Severity) string {
	switch s {
	case diag.Error:
		return "error"
	case diag.Info:
		return "note"
	}
	return "warning"
}

// identity is what stays the same of a finding while the file changes around it.
type identity struct{ file, rule, path string }

// fingerprint lets a result be recognized in a later run, where it may have moved to
// another line. The file is not part of it: readers compare it themselves, and so a
// file may be renamed. The path never holds a credential, nor does the rule.
func fingerprint(id identity, occurrence int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", id.rule, id.path, occurrence))
	return hex.EncodeToString(sum[:])
}

// messageString writes text as a plain message string: braces mark placeholders in
// one (3.11.5), and brackets in front of a parenthesis a link (3.11.6), which
// something quoted from a values file must not become.
func messageString(text string) string {
	return strings.ReplaceAll(braces(text), "](", `\](`)
}

func braces(text string) string {
	return strings.NewReplacer("{", "{{", "}", "}}").Replace(text)
}

// markdown escapes what GitHub Flavored Markdown would take for markup.
func markdown(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "<", `\<`, "[", `\[`, "]", `\]`).Replace(text)
}
