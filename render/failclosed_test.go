package render_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

func TestFailClosed(t *testing.T) {
	good := gen026(appProxy(""), "")
	secret := &auth.Settings{Declared: true, Auth: plainToken("s3cr3t-token")}
	for name, tt := range map[string]struct {
		in      string
		message string
	}{
		"empty":                              {"", "no manifest"},
		"comments":                           {"# a\n---\n# s3cr3t-token\n", "no manifest"},
		"a target with a tab":                {good + "---\nkind: Deployment\nmetadata:\n\tname: argo-gateway\n", "document 6 (line 61) is not valid YAML near its line"},
		"an unknown anchor":                  {"---\n# Source: x/y.yaml\nkind: Deployment\nname: argo-gateway\nx: *s3cr3t-token\n" + good, "document 1 (line 1, x/y.yaml) is not valid YAML"},
		"two documents in one":               {"kind: Deployment\nname: argo-gateway\n\u2028---\na: b\n---\n" + good, "holds more than one YAML document"},
		"a quote that does not end":          {good + "---\nname: \"x\n", "the stream ends inside document 6"},
		"a flow list that does not end":      {good + "---\nname: [x,\n", "the stream ends inside document 6"},
		"a large document that does not end": {good + "---\n" + strings.Repeat("a: b\n", 100_000) + "name: \"x\n", "the stream ends inside document 6"},
		"a large document cut inside a key":  {good + "---\n" + strings.Repeat("a: b\n", 100_000) + "nam", "the stream ends inside document 6"},
		"the largest that is parsed, cut":    {good + "---\n" + strings.Repeat("a: b\n", (yamldoc.MaxSize-20)/5) + "name: \"x\n", "the stream ends inside document 6"},
		"env that is no list":                {strings.Replace(good, "manager\n", "manager\n        env: s3cr3t-token\n", 1), "its env is not a list"},
		"no containers":                      {strings.Replace(good, "containers:\n      - image: x\n        name: manager", "containers: []", 1), "Deployment/gitops-operator has no containers"},
		"a credential in a broken file":      {"---\n# Source: s3cr3t-token\nkind: Deployment\nname: argo-gateway\n\t" + good, "document 1"},
		"a list of lists without an end":     {"kind: List\nitems: &i\n- kind: Deployment # argo-gateway\n- kind: List\n  items: *i\n---\n" + good, "holds an anchor that contains itself, on its line 5"},
	} {
		t.Run(name, func(t *testing.T) {
			e := fails(t, secret, tt.in, render.Options{}, render.StreamError)
			if !strings.Contains(e.Error(), tt.message) {
				t.Errorf("error %q", e)
			}
		})
	}
}

// TestOpaque shows that documents which cannot hold a target may be broken.
func TestOpaque(t *testing.T) {
	in := "---\n\tbroken: [\n---\na: 'x\n" + gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")), byName("my-token", "k"))
	if out, _ := run(t, tokenSettings(), []byte(in), render.Options{}); string(out) != in {
		t.Errorf("stream changed:\n%s", out)
	}
}

// TestLastAboveLimit shows that a last document which is too large to be parsed passes
// as it is, whole or not.
func TestLastAboveLimit(t *testing.T) {
	wired := gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")), byName("my-token", "k"))
	for _, end := range []string{"", "name: \"x\n"} {
		in := wired + "---\n" + strings.Repeat("a: b\n", yamldoc.MaxSize/5+1) + end
		if out, _ := run(t, tokenSettings(), []byte(in), render.Options{}); string(out) != in {
			t.Errorf("stream that ends with %q changed", end)
		}
	}
}

// TestCRSeparators ends the lines in front of and with the separators by CR alone:
// documents that are edited must stay apart.
func TestCRSeparators(t *testing.T) {
	lf := gen026(appProxy(passwordEnv()), byName("a", "b"))
	for _, separator := range []string{"\r---\n", "\n---\r", "\r---\r", "\r\n---\r"} {
		in := strings.ReplaceAll(lf, "\n---\n", separator)
		out, report := run(t, tokenSettings(), []byte(in), render.Options{})
		if len(report.Services) != 5 || strings.Count(string(out), "my-token") != 5 {
			t.Errorf("%q: %d services:\n%q", separator, len(report.Services), out)
		}
		twice, report := run(t, tokenSettings(), out, render.Options{})
		if string(twice) != string(out) || len(report.Services) != 5 {
			t.Errorf("%q: a second run changes it", separator)
		}
	}
}

func TestTooLarge(t *testing.T) {
	in := gen026(appProxy(""), "") + "---\na: " + strings.Repeat("x", 2000) + "\n"
	e := fails(t, tokenSettings(), in, render.Options{MaxDocument: 1000}, render.StreamError)
	if !strings.Contains(e.Message, "document 6") || !strings.Contains(e.Hint, "--max-document") {
		t.Errorf("error %v, hint %q", e, e.Hint)
	}
}

// TestFaults lets reading and writing fail, early and late. Nothing may have been
// written when reading fails.
func TestFaults(t *testing.T) {
	cause := errors.New("broken pipe")
	in := gen026(appProxy(""), "") + strings.Repeat(configMapDoc("fill", "a: "+strings.Repeat("x", 4000)+"\n"), 200)
	half := in[:len(in)/2]
	behindHalf := func(r io.Reader) func() io.Reader {
		return func() io.Reader { return io.MultiReader(strings.NewReader(half), r) }
	}
	whole := func() io.Reader { return strings.NewReader(in) }
	for name, tt := range map[string]struct {
		in      func() io.Reader
		out     *failing // nil for one that takes everything
		want    error
		message string
	}{
		"reading fails at once":   {func() io.Reader { return iotest.ErrReader(cause) }, nil, cause, "read the stream"},
		"reading fails half-way":  {behindHalf(iotest.ErrReader(cause)), nil, cause, "read the stream"},
		"reading ends half-way":   {behindHalf(iotest.ErrReader(io.ErrUnexpectedEOF)), nil, io.ErrUnexpectedEOF, "read the stream"},
		"nothing comes any more":  {behindHalf(readerFunc(func([]byte) (int, error) { return 0, nil })), nil, io.ErrNoProgress, "read the stream"},
		"writing fails":           {whole, &failing{0, cause}, cause, "write the stream"},
		"writing fails half-way":  {whole, &failing{len(half), cause}, cause, "write the stream"},
		"a short write":           {whole, &failing{0, nil}, io.ErrShortWrite, "write the stream"},
		"a short write, half-way": {whole, &failing{len(half), nil}, io.ErrShortWrite, "write the stream"},
	} {
		var written bytes.Buffer
		var out io.Writer = &written
		if tt.out != nil {
			out = &failing{tt.out.room, tt.out.err}
		}
		_, err := render.Run(context.Background(), tokenSettings(), tt.in(), out, render.Options{})
		var e *render.Error
		if !errors.As(err, &e) || e.Kind != render.StreamError || !errors.Is(err, tt.want) || e.Message != tt.message {
			t.Errorf("%s, error %v", name, err)
		}
		if written.Len() > 0 {
			t.Errorf("%s: %d bytes were written", name, written.Len())
		}
	}
}

// TestCancel stops a run before it begins and while it reads.
func TestCancel(t *testing.T) {
	in := gen026(appProxy(""), "") + strings.Repeat(configMapDoc("fill", "a: "+strings.Repeat("x", 4000)+"\n"), 200)
	for _, after := range []int{0, 1, len(in) / 2} {
		ctx, cancel := context.WithCancel(context.Background())
		stop := readerFunc(func([]byte) (int, error) { cancel(); return 0, nil })
		var written bytes.Buffer
		_, err := render.Run(ctx, tokenSettings(), io.MultiReader(strings.NewReader(in[:after]), oneRead{stop}, strings.NewReader(in[after:])), &written, render.Options{})
		var e *render.Error
		if !errors.As(err, &e) || e.Kind != render.StreamError || !errors.Is(err, context.Canceled) {
			t.Errorf("after %d bytes, error %v", after, err)
		}
		if written.Len() > 0 {
			t.Errorf("after %d bytes, %d bytes were written", after, written.Len())
		}
	}
}

// oneRead lets its reader read, and then ends.
type oneRead struct{ io.Reader }

func (r oneRead) Read(p []byte) (int, error) {
	_, _ = r.Reader.Read(p)
	return 0, io.EOF
}

// failing is a writer that, once it has no room, fails or takes less than it is given.
type failing struct {
	room int
	err  error
}

func (f *failing) Write(p []byte) (int, error) {
	if len(p) <= f.room {
		f.room -= len(p)
		return len(p), nil
	}
	return f.room, f.err
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
