package render

import (
	"bytes"
	"io"

	"github.com/helm-runtime-auth/runtime-auth/render/stream"
)

// held are the documents that were read and not yet written, in order. Those that
// stay as they are take no more memory than their bytes, however many they are.
type held struct {
	items []item
	trees int // of this many bytes the trees are kept
}

// item is a run of documents that stay as they are, or one that may change.
type item struct {
	run stream.Text
	m   *manifest
	// out stands in the place of the manifest's document, if it is not nil.
	out []byte
}

// maxTrees bounds the trees that are kept, in bytes of what they were read from.
// They take about 20 times as much. A Runtime's services are some 50 KiB together.
const maxTrees = 256 << 10

// add takes over a document.
func (h *held) add(m *manifest) {
	if m.concerns() {
		if h.trees += m.doc.Len(); h.trees > maxTrees {
			m.tree = nil
		}
		h.items = append(h.items, item{m: m})
		return
	}
	if n := len(h.items) - 1; n >= 0 && h.items[n].m == nil {
		h.items[n].run.Append(m.doc.Text)
	} else {
		h.items = append(h.items, item{run: m.doc.Text})
	}
}

// documents yields every document.
func (h *held) documents(yield func(*stream.Document) bool) {
	for i := range h.items {
		it := &h.items[i]
		if it.m != nil {
			if !yield(&it.m.doc) {
				return
			}
			continue
		}
		for doc := range it.run.Documents {
			if !yield(doc) {
				return
			}
		}
	}
}

// lineEnd returns the line end of the first line.
func (h *held) lineEnd() string {
	for doc := range h.documents {
		for view := range doc.Views(len("\r\n")) {
			switch i := bytes.IndexByte(view, '\n'); {
			case i > 0 && view[i-1] == '\r':
				return "\r\n"
			case i >= 0:
				return "\n"
			}
		}
	}
	return "\n"
}

// write writes all items.
func (h *held) write(out io.Writer) error {
	var same stream.Text // what stays as it is, in as large pieces as there are
	for i := range h.items {
		it := &h.items[i]
		if it.m == nil {
			same.Append(it.run)
			continue
		}
		if it.out == nil {
			same.Append(it.m.doc.Text)
			continue
		}
		if _, err := same.WriteTo(out); err != nil {
			return err
		}
		same = stream.Text{}
		if err := writeAll(out, it.out); err != nil {
			return err
		}
	}
	_, err := same.WriteTo(out)
	return err
}

func writeAll(out io.Writer, data []byte) error {
	n, err := out.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	return err
}
