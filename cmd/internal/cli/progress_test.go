package cli

import (
	"bytes"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out, total: 3, next: time.Now().Add(patience)}
	p.step()
	p.clear()
	if out.Len() > 0 {
		t.Errorf("a short run says %q", &out)
	}
	p.next = time.Time{} // the run has taken long by now
	p.step()
	p.clear()
	p.clear()
	if want := "\r\x1b[K2 of 3 files\r\x1b[K"; out.String() != want {
		t.Errorf("a long run says %q, want %q", &out, want)
	}
	out.Reset()
	silent := newProgress(Env{Stderr: &out, Getenv: func(string) string { return "" }}, 3)
	silent.next = time.Time{}
	silent.step()
	silent.clear()
	if out.Len() > 0 {
		t.Errorf("%q on what is no terminal", &out)
	}
}
