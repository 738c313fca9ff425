package examples

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// valuesFiles are files that one Helm reads otherwise than the other, or that neither does.
func valuesFiles() map[string][]byte {
	const text = "a: \"bé\"\nc: d\n"
	utf16 := func(order binary.AppendByteOrder, text string) (out []byte) {
		for _, unit := range utf16.Encode([]rune(text)) {
			out = order.AppendUint16(out, unit)
		}
		return out
	}
	files := map[string][]byte{
		"UTF-16LE": utf16(binary.LittleEndian, "\ufeff"+text), "UTF-16LE without a mark": utf16(binary.LittleEndian, text),
		"UTF-16BE without a line break": utf16(binary.BigEndian, "\ufeff"+strings.TrimSpace(text)), "UTF-16BE without a mark": utf16(binary.BigEndian, text),
		"UTF-16 cut off": append(utf16(binary.LittleEndian, "\ufeff"+text), 'x'), "UTF-32": append([]byte("\xff\xfe\x00\x00"), "a\x00\x00\x00:\x00\x00\x00"...),
		"UTF-8 with a mark": []byte("\ufeff" + text), "Latin-1": []byte("a: \xe9\n"), "NUL": []byte("a: b\n\x00\n"),
	}
	for _, text := range []string{
		"a: b\n---\nc: d\n", "---\n---\na: b\n", "a: b\n--- # x\nc: d\n", "a: b\n---\n", "a: b\n---\n- c\n", "a: b\n--- {c: d}\n", "--- {a: b}\n", "a: b\n---x: y\n",
		"a: b\n...\n", "a: b\n...\nc: d\n", "a: b\n... # x\nc: d\n", "a: b\n...\n---\nc: d\n", "a: b\n...\nc: d\n---\ne: f\n", "a: b\n...x: y\nc: d\n",
		"a: b\n---\nc: d\n...\ne: f\n", "...\na: b\n", "%YAML 1.1\n---\na: b\n", "a: b\n...\n%YAML 1.1\n---\nc: d\n",
	} {
		files[text] = []byte(text)
	}
	return files
}

// TestValuesFilesLikeHelm gives the same files to both clients and to the parser: it must
// know what each client reads, and which files one of them refuses.
func TestValuesFilesLikeHelm(t *testing.T) {
	eachClient(t, func(t *testing.T, h *helm) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "chart", "Chart.yaml"), "apiVersion: v2\nname: c\nversion: 0.1.0\n")
		write(t, filepath.Join(dir, "chart", "templates", "all.yaml"), "data: {{ toJson .Values }}\n")
		for name, data := range valuesFiles() {
			file := filepath.Join(dir, "v.yaml")
			if err := os.WriteFile(file, data, 0o644); err != nil {
				t.Fatal(err)
			}
			run := h.helm("template", "r", filepath.Join(dir, "chart"), "-f", file).run(t)
			f, err := values.Parse(file, data)
			isRefused := err != nil || h.major == "4" && f.Helm3Only != nil
			if (run.code != 0) != isRefused {
				t.Errorf("%q: helm exits with %d, the parser says %v, %+v", name, run.code, err, f)
				continue
			}
			if isRefused {
				continue
			}
			want := map[string]any{}
			for i, doc := range append([]*values.Value{f.Root}, f.Later...) {
				data, _ := doc.Data().(map[string]any)
				for key, v := range data {
					if i == 0 || h.major == "4" && !f.IsDropped(i-1) {
						want[key] = v
					}
				}
			}
			var got map[string]any
			_, line, _ := strings.Cut(run.stdout, "data: ")
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%q: helm reads %v, the parser %v", name, got, want)
			}
		}
	})
}
