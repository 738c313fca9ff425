package values_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
	"github.com/helm-runtime-auth/runtime-auth/schema/values/syntax"
)

// wide encodes text with two bytes a unit, or four a rune.
func wide(order binary.AppendByteOrder, size int, text string) []byte {
	var out []byte
	if size == 4 {
		for _, r := range text {
			out = order.AppendUint32(out, uint32(r))
		}
		return out
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// TestParseUTF16 reads a file in every encoding that Helm 3 takes: the values, and the
// places of all of them, are those of the same file in UTF-8.
func TestParseUTF16(t *testing.T) {
	for _, text := range []string{"", "a: b\n", "a: \"bé 😀\"\nc:\n- d # ü\n", "a: b\r\n---\r\nc: d", "ä: [x,\n  y]\n"} {
		want, err := values.Parse("v.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for encoding, order := range map[syntax.Encoding]binary.AppendByteOrder{syntax.UTF16LE: binary.LittleEndian, syntax.UTF16BE: binary.BigEndian} {
			data := wide(order, 2, "\ufeff"+text)
			for _, parse := range []func() (*values.File, error){
				func() (*values.File, error) { return values.Parse("v.yaml", data) },
				func() (*values.File, error) { return values.ParsePart("v.yaml", data, skipAll) },
			} {
				f, err := parse()
				if err != nil {
					t.Fatalf("%s %q: %v", encoding, text, err)
				}
				if f.Encoding != encoding || f.Helm3Only == nil || !strings.Contains(f.Helm3Only.Hint, "UTF-8") {
					t.Errorf("%s %q: encoding %q, %+v", encoding, text, f.Encoding, f.Helm3Only)
				}
				if got := describe(f); got != describe(want) {
					t.Errorf("%s %q reads as\n%s\nnot\n%s", encoding, text, got, describe(want))
				}
			}
		}
	}
}

// TestParseOtherEncodings refuses what no Helm reads, and says how to save it.
func TestParseOtherEncodings(t *testing.T) {
	const text = "a: b\ntoken: s3cr3t-é\n"
	for _, test := range []struct {
		name string
		data []byte
		says string
		line int
	}{
		{"UTF-32LE", wide(binary.LittleEndian, 4, "\ufeff"+text), "UTF-32", 1},
		{"UTF-32BE", wide(binary.BigEndian, 4, "\ufeff"+text), "UTF-32", 1},
		{"UTF-16LE without a mark", wide(binary.LittleEndian, 2, text), "without a byte order mark", 1},
		{"UTF-16BE without a mark", wide(binary.BigEndian, 2, text), "without a byte order mark", 1},
		{"UTF-32 without a mark", wide(binary.LittleEndian, 4, text), "without a byte order mark", 1},
		{"half a unit", append(wide(binary.LittleEndian, 2, "\ufeff"+text), 'x'), "not valid UTF-16", 1},
		{"half a pair", append(wide(binary.LittleEndian, 2, "\ufeffa: "), 0x00, 0xd8), "not valid UTF-16", 1},
		{"half a pair inside", append(wide(binary.LittleEndian, 2, "\ufeffa: "), 0x00, 0xd8, 'x', 0), "not valid UTF-16", 1},
		{"Latin-1", []byte("a: b\ntoken: s3cr3t-\xe9\n"), "not UTF-8", 2},
		{"UTF-8 cut off", []byte("a: b\ntoken: s3cr3t-\xc3"), "not UTF-8", 2},
		{"NUL", []byte("a: b\n\ntoken: s3cr3t-\x00\n"), "NUL", 3},
		{"a device", make([]byte, 1<<16), "without a byte order mark", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := values.Parse("v.yaml", test.data)
			var syntax *values.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatal(err)
			}
			if !strings.Contains(syntax.Message, test.says) || syntax.Hint != "save it as UTF-8" || syntax.Span.Range().Start.Line != test.line {
				t.Errorf("line %d: %s; %s", syntax.Span.Range().Start.Line, syntax.Message, syntax.Hint)
			}
			if strings.Contains(syntax.Message+syntax.Hint, "s3cr3t") {
				t.Error("a credential is shown")
			}
		})
	}
}

// TestByteOrderMarkOfUTF8 takes a mark that both Helms take.
func TestByteOrderMarkOfUTF8(t *testing.T) {
	f, err := values.Parse("v.yaml", []byte("\ufeffa: b\n"))
	if err != nil || f.Encoding != "" || f.Helm3Only != nil || f.Root.Field("a").Str() != "b" {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestDecode leaves alone what it does not decode.
func TestDecode(t *testing.T) {
	for _, data := range [][]byte{nil, []byte("a: b\n"), []byte("\ufeffa: b\n"), {0xff}, {0xff, 0xfe, 0, 0}, {0xff, 0xfe, 'x'}, {0, 0, 0xfe, 0xff}} {
		if text, encoding := syntax.Decode(data); !bytes.Equal(text, data) || encoding != "" {
			t.Errorf("%q becomes %q in %q", data, text, encoding)
		}
	}
	if text, encoding := syntax.Decode([]byte{0xfe, 0xff}); len(text) != 0 || encoding != syntax.UTF16BE {
		t.Errorf("a mark alone becomes %q in %q", text, encoding)
	}
}
