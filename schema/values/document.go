package values

import (
	"bytes"
	"errors"
	"io"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/values/syntax"
)

// readDocuments reads a part, in which every line stands where it stands in the source,
// and returns the documents in it, at least one.
func (f *File) readDocuments(part []byte) ([]*Value, error) {
	var docs []*Value
	decoder := yaml.NewDecoder(bytes.NewReader(part))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, f.Source.fault(syntax.Explain(f.Source.Text.Bytes(), part, err))
		}
		b := builder{source: f.Source, budget: maxShared, open: map[*yaml.Node]bool{}}
		v := b.value(doc.Content[0])
		if b.err != nil {
			return nil, b.err
		}
		docs = append(docs, v)
		if at := f.Source.Text.Offset(doc.Line, doc.Column); at < len(f.Source.Text.Bytes()) && f.Source.Text.Bytes()[at] == '%' {
			f.refusedBy4(at, "Helm 4 cannot read a values file with a YAML directive", "remove the line")
		}
	}
	if len(docs) == 0 {
		docs = append(docs, &Value{Kind: Null, Body: Span{Source: f.Source}})
	}
	return docs, nil
}

// cutDropped takes out of text what stands between a "..." and the next "---": a document
// ends at "...", and Helm reads only the first of what it cuts at the "---" (3.22.0 the
// first of all). dropped is nil if there is nothing, else what was taken out, with a "---"
// in place of each "...". All lines keep their numbers.
func cutDropped(text []byte) (kept, dropped []byte) {
	if !bytes.HasPrefix(text, []byte("...")) && !bytes.Contains(text, []byte("\n...")) {
		return text, nil
	}
	isDropped, hasContent := false, false
	for line := range bytes.Lines(text) {
		content := bytes.TrimSpace(line)
		lineBreak := line[len(bytes.TrimRight(line, "\r\n")):]
		stays, goes := line, lineBreak
		switch {
		case bytes.HasPrefix(line, []byte("...")) && (len(content) == 3 || line[3] == ' ' || line[3] == '\t'):
			isDropped = true
			goes = append([]byte("---"), lineBreak...)
		case bytes.HasPrefix(line, []byte("---")):
			isDropped = false
		case isDropped && line[0] == '%': // a directive for what follows the "---"
			stays = lineBreak
		case isDropped:
			hasContent = hasContent || len(content) > 0 && content[0] != '#'
			stays, goes = lineBreak, line
		}
		kept, dropped = append(kept, stays...), append(dropped, goes...)
	}
	if !hasContent {
		dropped = nil
	}
	return kept, dropped
}

// findHelm3Only looks for what Helm 4 refuses in a file that Helm 3 reads. Helm 4 cuts
// the bytes of a values file into documents before a YAML parser sees them: it ends a line
// at every byte 0x0A, a document at every line that begins with "---", and wants a mapping
// in each (LoadValues in pkg/chart/v2/loader of 4.3.1, YAMLReader of k8s.io/apimachinery).
func (f *File) findHelm3Only() {
	const utf8 = "save it as UTF-8"
	switch f.Encoding {
	case syntax.UTF16LE:
		f.refusedBy4(0, "the file is encoded as UTF-16, which Helm 3 reads and Helm 4 does not", utf8)
		return
	case syntax.UTF16BE: // it fails unless the file ends with a line break
		f.refusedBy4(0, "the file is encoded as UTF-16, which Helm 3 reads and Helm 4 may not", utf8)
		return
	}
	at := 0
	for line := range bytes.Lines(f.Source.Text.Bytes()) {
		rest, isSeparator := bytes.CutPrefix(line, []byte("---"))
		if rest = bytes.TrimSpace(rest); isSeparator && len(rest) > 0 && rest[0] != '#' {
			f.refusedBy4(at, "Helm 4 takes this line for a document separator and refuses what follows the \"---\"", "only a comment may follow a \"---\" at the beginning of a line")
			return
		}
		at += len(line)
	}
	for i, doc := range f.Later {
		if !f.IsDropped(i) && doc.Kind != Map && doc.Kind != Null {
			f.refusedBy4(doc.Body.Start, "Helm 4 merges all documents of a values file, and this one is not a mapping", "remove it")
			return
		}
	}
}

// refusedBy4 notes why Helm 4 refuses the line at an offset, if nothing is noted yet.
func (f *File) refusedBy4(at int, message, hint string) {
	if f.Helm3Only == nil {
		f.Helm3Only = &SyntaxError{Span: f.Source.line(f.Source.Text.Position(at).Line), Message: message, Hint: hint}
	}
}
