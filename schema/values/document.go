package values

import (
	"bytes"
	"errors"
	"io"

	"gopkg.in/yaml.v3"
)

// readDocuments reads text, in which every line stands where it stands in the source,
// and returns the documents in it, at least one.
func (f *File) readDocuments(text []byte) ([]*Value, error) {
	var docs []*Value
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, f.Source.syntaxError(text, err)
		}
		b := builder{source: f.Source, budget: maxShared}
		v := b.document(&doc)
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
	for at := 0; at < len(text); {
		end := at + lineLen(text[at:])
		line := text[at:end]
		content := bytes.TrimSpace(line)
		lineBreak := line[len(bytes.TrimRight(line, "\r\n")):]
		isEnd := bytes.HasPrefix(line, []byte("...")) && (len(content) == 3 || line[3] == ' ' || line[3] == '\t')
		isDropped = (isDropped || isEnd) && !bytes.HasPrefix(line, []byte("---"))
		switch {
		case isEnd:
			kept = append(kept, line...)
			dropped = append(append(dropped, "---"...), lineBreak...)
		case isDropped && line[0] == '%': // a directive for what follows the "---"
			kept = append(kept, lineBreak...)
			dropped = append(dropped, lineBreak...)
		case isDropped:
			hasContent = hasContent || len(content) > 0 && content[0] != '#'
			kept = append(kept, lineBreak...)
			dropped = append(dropped, line...)
		default:
			kept = append(kept, line...)
			dropped = append(dropped, lineBreak...)
		}
		at = end
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
	case UTF16LE:
		f.refusedBy4(0, "the file is encoded as UTF-16, which Helm 3 reads and Helm 4 does not", utf8)
		return
	case UTF16BE: // it fails unless the file ends with a line break
		f.refusedBy4(0, "the file is encoded as UTF-16, which Helm 3 reads and Helm 4 may not", utf8)
		return
	}
	text := f.Source.Text.Bytes()
	for at := 0; at >= 0; at = nextSeparator(text, at) {
		rest, isSeparator := bytes.CutPrefix(text[at:at+lineLen(text[at:])], []byte("---"))
		if rest = bytes.TrimSpace(rest); isSeparator && len(rest) > 0 && rest[0] != '#' {
			f.refusedBy4(at, "Helm 4 takes this line for a document separator and refuses what follows the \"---\"", "only a comment may follow a \"---\" at the beginning of a line")
			return
		}
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
		f.Helm3Only = &SyntaxError{Span: f.Source.lineAt(at), Message: message, Hint: hint}
	}
}

// nextSeparator returns where the next line behind the one at at begins that may separate
// documents, -1 if there is none.
func nextSeparator(text []byte, at int) int {
	if n := bytes.Index(text[at:], []byte("\n---")); n >= 0 {
		return at + n + 1
	}
	return -1
}

// lineLen returns the length of the first line of text, its line break included.
func lineLen(text []byte) int {
	if n := bytes.IndexByte(text, '\n'); n >= 0 {
		return n + 1
	}
	return len(text)
}
