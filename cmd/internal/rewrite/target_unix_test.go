//go:build unix

package rewrite_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/rewrite"
)

// What a program reads and writes is found whatever name it is given by.
func TestCheckTarget(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"chart/templates", "other"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"values.yaml", "chart/values.yaml", "chart/templates/a.yaml", "in", "out", "err", "free"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"link": "values.yaml", "other/link": "../chart/values.yaml", "dangling": "nosuch", "chartlink": "chart"} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link("values.yaml", "hard"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo("fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	open := func(name string) *os.File {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	files := rewrite.Streams{In: open("in"), Out: open("out"), Err: open("err")}
	pipes := rewrite.Streams{In: strings.NewReader(""), Out: w}
	for _, test := range []struct {
		name    string
		streams rewrite.Streams
		inputs  []string
		want    string
	}{
		{"values.yaml", files, []string{"nosuch", "values.yaml"}, "it is an input"},
		{"link", files, []string{"values.yaml"}, "it is an input"},
		{"values.yaml", files, []string{"link"}, "it is an input"},
		{"hard", files, []string{"values.yaml"}, "it is an input"},
		{"./other/../values.yaml", files, []string{"values.yaml"}, "it is an input"},
		{"chart/templates/a.yaml", files, []string{"chart"}, "it is an input"},
		{"other/link", files, []string{"chart"}, "it is an input"},
		{"chart/values.yaml", files, []string{"chartlink"}, "it is an input"},
		{"chartlink/values.yaml", files, []string{"chart/"}, "it is an input"},
		{"other", files, nil, "it is a folder"},
		{"in", files, nil, "it is standard input"},
		{"out", files, nil, "it is standard output"},
		{"err", files, nil, "it is standard error"},
		{"-", files, nil, "it would be standard output"},
		{os.DevNull, files, nil, "it is a device"},
		{"socket", files, nil, "it is a device"},
		{fmt.Sprintf("/dev/fd/%d", w.Fd()), pipes, nil, "it is standard output"},
		{fmt.Sprintf("/dev/fd/%d", r.Fd()), pipes, nil, "it is standard output"}, // the other end of it
		{fmt.Sprintf("/dev/fd/%d", w.Fd()), files, nil, ""},
		{"fifo", files, []string{"values.yaml"}, ""},
		{"fifo", files, []string{"fifo"}, "it is an input"},
		{"free", files, []string{"values.yaml", "chart"}, ""},
		{"nosuch", files, []string{"nosuch"}, ""},
		{"dangling", files, []string{"chart"}, ""},
		{"nosuch/x", files, nil, ""},
		{filepath.Join(t.TempDir(), "new"), files, []string{"chart"}, ""},
	} {
		got := ""
		if err := rewrite.CheckTarget(test.name, test.streams, test.inputs); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s, inputs %v: %q, want %q", test.name, test.inputs, got, test.want)
		}
	}
}
