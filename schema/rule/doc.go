package rule

import (
	"embed"
	"strings"

	"golang.org/x/tools/txtar"
)

// docs has a file ID.txtar for each rule, those on Argo CD's accounts too. Its comment is
// the Summary, the Help and the Text, with blank lines between them, its files are the Example.
//
//go:embed doc/*.txtar
var docs embed.FS

// Doc is what people are told of a rule. docs/rules.md and SARIF's descriptions are made of it.
type Doc struct {
	Summary string // one sentence: what is reported
	Help    string // why it matters and what to do
	Text    string // for docs/rules.md, in Markdown
	// Example is files in which the rule reports something, then one that is called by the
	// command line for them and holds its output, then passes/NAME: how the file NAME is right.
	Example []txtar.File
}

// DocOf returns the documentation of the rule with this ID.
func DocOf(id string) Doc {
	data, err := docs.ReadFile("doc/" + id + ".txtar")
	if err != nil {
		return Doc{} // a test holds that every rule has one
	}
	archive := txtar.Parse(data)
	summary, rest, _ := strings.Cut(string(archive.Comment), "\n\n")
	help, text, _ := strings.Cut(rest, "\n\n")
	return Doc{summary, help, text, archive.Files}
}
