package values

import (
	"bytes"

	"github.com/helm-runtime-auth/runtime-auth/schema/values/syntax"
)

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
