package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/mask"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	tree "github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// PlanDiff prints the documents of a stream that a run changes, each as a unified
// diff with three lines of context. Credentials are hidden on both sides.
type PlanDiff struct {
	W     io.Writer
	Color bool
	// Credentials are those that the values declare. They are hidden wherever they stand.
	Credentials []string
	// Wired is what the run reported: the names in it may be shown.
	Wired render.Report
}

// Print compares the stream before and after a run, whose documents are the same but
// for those that it added at the end. The error is that of the writer.
func (d PlanDiff) Print(before, after []byte) error {
	masker := mask.New(d.Credentials...)
	masker.Vouch(declared(d.Wired)...)
	old, edited := stream.NewReader(bytes.NewReader(before), len(before)), stream.NewReader(bytes.NewReader(after), len(after))
	for {
		// Neither reader fails: they read from memory, and no document is too large.
		a, err := old.Next()
		b, err2 := edited.Next()
		if errors.Is(err, io.EOF) && errors.Is(err2, io.EOF) {
			return nil
		}
		if bytes.Equal(a.Bytes(), b.Bytes()) {
			continue
		}
		if err := d.document(masker, &a, &b); err != nil {
			return err
		}
	}
}

// document prints a heading, and below it what is changed in a document.
func (d PlanDiff) document(masker *mask.Masker, a, b *stream.Document) error {
	old, edited := a.Bytes(), b.Bytes()
	name := masker.Text(nameOf(edited))
	heading := fmt.Sprintf("document %d (line %d): %s", a.Index, a.Line, name)
	if a.Index == 0 {
		heading = fmt.Sprintf("document %d (new): %s", b.Index, name)
	}
	if source := b.Source(); source != "" {
		heading += ", from " + masker.Text(source)
	}
	var out bytes.Buffer
	out.WriteString("\n" + Text{Color: d.Color}.paint(bold, printable.Line(heading)) + "\n")
	empty := out.Len()
	hiddenOld, hiddenEdited := masker.Versions(old, edited)
	err := Diff{W: &out, Color: d.Color}.Print(name, Version{Data: old, Lines: hiddenOld}, Version{Data: edited, Lines: hiddenEdited})
	if err != nil {
		return err
	}
	if out.Len() == empty {
		out.WriteString("it differs only in what is hidden here\n")
	}
	_, err = d.W.Write(out.Bytes())
	return err
}

// nameOf names the objects of a document: KIND/NAME, for a list that of each item
// up to a number that still can be read.
func nameOf(raw []byte) string {
	doc, err := tree.Parse(raw)
	if err != nil || doc.Root == nil {
		return "unknown"
	}
	const most = 3
	items := tree.Items(tree.Get(doc.Root, "items"))
	if kind, _ := tree.Scalar(tree.Get(doc.Root, "kind")); !strings.HasSuffix(kind, "List") || len(items) == 0 {
		return objectName(doc.Root)
	}
	var names []string
	for _, item := range items[:min(most, len(items))] {
		names = append(names, objectName(item))
	}
	if len(items) > most {
		names = append(names, fmt.Sprintf("and %d more", len(items)-most))
	}
	return strings.Join(names, ", ")
}

func objectName(n *yaml.Node) string {
	kind, _ := tree.Scalar(tree.Get(n, "kind"))
	name, _ := tree.Scalar(tree.GetPath(n, "metadata", "name"))
	return kind + "/" + name
}
