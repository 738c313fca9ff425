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
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

func TestFailClosed(t *testing.T) {
	good := gen026(appProxy(""), "")
	secret := &schema.Settings{Auth: plainToken("s3cret-token")}
	for name, tt := range map[string]struct {
		in      string
		message string
	}{
		"empty":                          {"", "no manifest"},
		"comments":                       {"# a\n---\n# s3cret-token\n", "no manifest"},
		"a target with a tab":            {good + "---\nkind: Deployment\nmetadata:\n\tname: argo-gateway\n", "document 6 (line 56) is not valid YAML near its line"},
		"an unknown anchor":              {"---\n# Source: x/y.yaml\nkind: Deployment\nname: argo-gateway\nx: *s3cret-token\n" + good, "document 1 (line 1, x/y.yaml) is not valid YAML"},
		"two documents in one":           {"kind: Deployment\nname: argo-gateway\n\u2028---\na: b\n---\n" + good, "holds more than one YAML document"},
		"a quote that does not end":      {good + "---\nname: \"x\n", "the stream ends inside document 6"},
		"a flow list that does not end":  {good + "---\nname: [x,\n", "the stream ends inside document 6"},
		"env that is no list":            {strings.Replace(good, "manager\n", "manager\n        env: s3cret-token\n", 1), "its env is not a list"},
		"no containers":                  {strings.Replace(good, "containers:\n      - name: manager", "containers: []\n", 1), "Deployment/gitops-operator has no containers"},
		"a credential in a broken file":  {"---\n# Source: s3cret-token\nkind: Deployment\nname: argo-gateway\n\t" + good, "document 1"},
		"a list of lists without an end": {"kind: List\nitems: &i\n- kind: Deployment # argo-gateway\n- kind: List\n  items: *i\n---\n" + good, "its lists hold too much"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, stream := range []bool{false, true} {
				e := fails(t, secret, tt.in, render.Options{Stream: stream}, render.StreamError)
				if !strings.Contains(e.Error(), tt.message) {
					t.Errorf("error %q", e)
				}
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

func TestReadAndWriteErrors(t *testing.T) {
	cause := errors.New("broken pipe")
	in := gen026(appProxy(""), "")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, tt := range map[string]struct {
		ctx  context.Context
		in   io.Reader
		out  io.Writer
		want error
	}{
		"reading":   {context.Background(), io.MultiReader(strings.NewReader(in), iotest.ErrReader(cause)), io.Discard, cause},
		"writing":   {context.Background(), strings.NewReader(in), failing{cause}, cause},
		"short":     {context.Background(), strings.NewReader(in), failing{}, io.ErrShortWrite},
		"cancelled": {ctx, strings.NewReader(in), io.Discard, context.Canceled},
	} {
		for _, stream := range []bool{false, true} {
			_, err := render.Run(tt.ctx, tokenSettings(), tt.in, tt.out, render.Options{Stream: stream})
			var e *render.Error
			if !errors.As(err, &e) || e.Kind != render.StreamError || !errors.Is(err, tt.want) {
				t.Errorf("%s: error %v", name, err)
			}
			tt.in = strings.NewReader(in)
			if name == "reading" {
				break
			}
		}
	}
}

// failing is a writer that fails, or takes less than it is given.
type failing struct{ err error }

func (f failing) Write(p []byte) (int, error) { return len(p) / 2, f.err }

// TestStreamsOn shows that documents are written before the input ends.
func TestStreamsOn(t *testing.T) {
	var out bytes.Buffer
	docs := strings.SplitAfter(gen026(appProxy(secretEnv("ARGO_CD_TOKEN", "my-token", "k")), byName("my-token", "k")), "token\"\n")
	var readers []io.Reader
	for i, d := range docs {
		readers = append(readers, strings.NewReader(d+strings.Repeat("# fill\n", 20000)), readerFunc(func([]byte) (int, error) {
			if i > 2 && out.Len() == 0 {
				t.Error("nothing written yet")
			}
			return 0, io.EOF
		}))
	}
	if _, err := render.Run(context.Background(), tokenSettings(), io.MultiReader(readers...), &out, render.Options{Stream: true}); err != nil {
		t.Fatal(err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
