package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// PlanDiff prints the documents of a stream that a run has changed, each as a unified
// diff with three lines of context, with no more of them than the run vouches for: the
// names in its report may be shown. The documents before and after are the same but for
// those that the run added at the end. The error is that of the writer.
func PlanDiff(w io.Writer, color bool, wired render.Report, before, after []byte) error {
	names := reported(wired)
	old, edited := stream.Of(before), stream.Of(after)
	for {
		// Neither reader fails: they read from memory.
		a, err := old.Next()
		b, err2 := edited.Next()
		if errors.Is(err, io.EOF) && errors.Is(err2, io.EOF) {
			return nil
		}
		if bytes.Equal(a.Bytes(), b.Bytes()) {
			continue
		}
		if err := documentDiff(w, color, names, a, b); err != nil {
			return err
		}
	}
}

// documentDiff prints a heading, and below it what is changed in a document.
func documentDiff(w io.Writer, color bool, names wiring.Names, a, b stream.Document) error {
	old, edited := a.Bytes(), b.Bytes()
	name := nameOf(edited, names)
	heading := fmt.Sprintf("document %d (line %d): %s", a.Index, a.Line, name)
	if a.Index == 0 {
		heading = fmt.Sprintf("document %d (new): %s", b.Index, name)
	}
	if source := b.Source(); source != "" {
		heading += ", from " + plain(source)
	}
	var out bytes.Buffer
	out.WriteString("\n" + printable.Painted(color, bold, printable.Line(heading)) + "\n")
	empty := out.Len()
	err := Diff(&out, color, name, Version{Data: old, Lines: newManifest(old, names)}, Version{Data: edited, Lines: newManifest(edited, names)})
	if err != nil {
		return err
	}
	if out.Len() == empty {
		out.WriteString("it differs only in what is hidden here\n")
	}
	_, err = w.Write(out.Bytes())
	return err
}

// nameOf names the objects of a document: KIND/NAME, for a list that of each item
// up to a number that still can be read.
func nameOf(raw []byte, shown wiring.Names) string {
	doc, err := yamldoc.Parse(raw)
	if err != nil || doc.Root == nil {
		return "unknown"
	}
	const most = 3
	items := yamldoc.Items(yamldoc.Get(doc.Root, "items"))
	if kind, _ := yamldoc.Scalar(yamldoc.Get(doc.Root, "kind")); !strings.HasSuffix(kind, "List") || len(items) == 0 {
		return nameOfObject(doc.Root, shown)
	}
	var names []string
	for _, item := range items[:min(most, len(items))] {
		names = append(names, nameOfObject(item, shown))
	}
	if len(items) > most {
		names = append(names, fmt.Sprintf("and %d more", len(items)-most))
	}
	return strings.Join(names, ", ")
}

func nameOfObject(n *yaml.Node, shown wiring.Names) string {
	kind, _ := yamldoc.Scalar(yamldoc.Get(n, "kind"))
	name, _ := yamldoc.Scalar(yamldoc.GetPath(n, "metadata", "name"))
	return plain(kind) + "/" + shown.Shown(name)
}

// plain hides a text that is not a plain name or path.
func plain(s string) string {
	if s != "" && !mask.Plain(s) {
		return mask.Hidden
	}
	return s
}

// reported returns the names of what a run has wired, as far as it shows them.
func reported(r render.Report) wiring.Names {
	var n wiring.Names
	for _, s := range r.Services {
		n.Vouched = append(n.Vouched, s.Name, s.Container)
		for _, e := range s.Env {
			n.Vouched = append(n.Vouched, e.After.Name, e.After.Key, e.After.Value)
			if e.Name == wiring.Username {
				n.Users = append(n.Users, e.After.Value)
			}
		}
	}
	return n
}
