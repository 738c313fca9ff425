package report

import (
	"crypto/sha256"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/format"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
)

const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homepage     = "https://github.com/helm-runtime-auth/runtime-auth"
	rulesPage    = homepage + "/blob/main/docs/rules.md"
)

// SARIF prints findings as a SARIF 2.1.0 log, which code scanners and editors read, in
// their order. No line of a source is quoted, and no fix that has a credential in it. The
// error is that of the writer.
func SARIF(w io.Writer, l Lint) error {
	driver := sarifDriver{
		Name: "runtime-auth", InformationURI: homepage, Rules: []sarifRule{},
		// the v of a Git tag is no part of a version, and readers compare versions as numbers
		Version: strings.TrimPrefix(l.Version, "v"),
	}
	index := map[string]int{}
	for i, r := range l.Rules {
		driver.Rules, index[r.ID] = append(driver.Rules, newSARIFRule(r)), i
	}
	run := sarifRun{
		Tool:            map[string]sarifDriver{"driver": driver},
		ColumnKind:      "unicodeCodePoints",
		RedactionTokens: []string{mask.Hidden}, // what schema puts in place of a value
		Results:         []sarifResult{},
	}
	// What stays the same of a finding while the file changes around it.
	type identity struct{ file, rule, path string }
	seen := map[identity]int{}
	for _, d := range Shown(l.Findings) {
		id := identity{d.File, d.Rule, d.Path}
		seen[id]++
		r := newSARIFResult(d)
		if i, ok := index[d.Rule]; ok {
			r.RuleIndex = &i
		}
		// The fingerprint lets a result be recognized in a later run, where it may have moved
		// to another line. The file is not part of it: readers compare it themselves, and so a
		// file may be renamed. The path never holds a credential, nor does the rule.
		r.PartialFingerprints = map[string]string{"ruleAndPath/v1": fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", d.Rule, d.Path, seen[id])))}
		run.Results = append(run.Results, r)
	}
	return format.JSON(w, sarifLog{Version: sarifVersion, Schema: sarifSchema, Runs: []sarifRun{run}})
}

func newSARIFRule(r rule.Rule) sarifRule {
	doc := r.Doc
	help, tags := doc.Help, []string{"configuration"}
	if r.Fixable {
		help += " With --fix, lint mends it where there is one right answer."
		tags = append(tags, "fixable")
	}
	uri := rulesPage + "#" + r.ID
	return sarifRule{
		ID:               r.ID,
		ShortDescription: message(doc.Summary),
		FullDescription:  message(doc.Summary + " " + doc.Help),
		Help: sarifMessage{
			Text:     message(help).Text,
			Markdown: braces(markdown(help)) + fmt.Sprintf("\n\n[Examples](%s)", uri),
		},
		HelpURI:              uri,
		DefaultConfiguration: map[string]string{"level": lookOf(r.Severity).level},
		Properties:           map[string][]string{"tags": tags},
	}
}

func newSARIFResult(d diag.Diagnostic) sarifResult {
	r := sarifResult{RuleID: d.Rule, Level: lookOf(d.Severity).level, Message: message(withHint(d))}
	if l := location(d.File, d.Range, d.Path); l.PhysicalLocation != nil || l.LogicalLocations != nil {
		r.Locations = []sarifLocation{l}
	}
	for i, related := range d.Related {
		l, text := location(related.File, related.Range, ""), message(related.Message)
		l.ID, l.Message = i+1, &text
		r.RelatedLocations = append(r.RelatedLocations, l)
	}
	if len(d.Fix) == 0 || !isFile(d.File) { // there is no artifact to change in a flag
		return r
	}
	change := sarifArtifactChange{ArtifactLocation: artifact(d.File)}
	for _, e := range d.Fix {
		replacement := sarifReplacement{DeletedRegion: region(e.Range)}
		if e.NewText != "" { // it is no message and escapes nothing
			replacement.InsertedContent = map[string]string{"text": e.NewText}
		}
		change.Replacements = append(change.Replacements, replacement)
	}
	fix := sarifFix{ArtifactChanges: []sarifArtifactChange{change}}
	if d.Hint != "" {
		text := message(d.Hint)
		fix.Description = &text
	}
	r.Fixes = []sarifFix{fix}
	return r
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

func artifact(file string) map[string]string {
	return map[string]string{"uri": fileURI(file, filepath.Separator)}
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

// message is text as a plain message string: braces mark placeholders in one (3.11.5),
// and brackets in front of a parenthesis a link (3.11.6), which something quoted from a
// values file must not become.
func message(text string) sarifMessage {
	return sarifMessage{Text: strings.ReplaceAll(braces(text), "](", `\](`)}
}

func braces(text string) string {
	return strings.NewReplacer("{", "{{", "}", "}}").Replace(text)
}

// markdown escapes what GitHub Flavored Markdown would take for markup.
func markdown(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "<", `\<`, "[", `\[`, "]", `\]`).Replace(text)
}
