package render

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/render/scan"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Options configure Run.
type Options struct {
	// Now is the time against which tokens in the values of the stream are held.
	Now time.Time
	// OverrideStreamValues says that the given values are meant to differ from those in
	// the stream, which is an error otherwise.
	OverrideStreamValues bool
	// AllowMissing names services, as Services does, that may be absent although
	// the chart runs them.
	AllowMissing []string
	// RedactValuesConfig takes the credentials out of the chart's hook ConfigMap.
	RedactValuesConfig bool
	// MaxDocument is the size in bytes above which a document is refused; zero
	// means stream.DefaultMaxDocument. Of those that hold a service or a Secret of
	// the chart's, package yamldoc bounds the size, the depth and the aliases besides.
	MaxDocument int
}

// Run reads manifests from in, wires the credential that settings declare into
// every service, and writes the manifests to out. Where settings declare none, or are
// nil, the values that the chart put into the stream decide; without those the
// manifests have to agree, and are written as they came (see Witness).
//
// A stream that ends inside a document is an error. Whether it does shows when the last
// document is parsed; one above yamldoc.MaxSize is not, and passes as it is: whole or not,
// no API server takes it.
//
// Every error is an *Error, and nothing was written then, unless it is one of writing.
// The output is held back until then, which takes 16 MiB and 1.3 times the stream; to
// parse a document takes some 20 times its size for that moment. The report tells what
// was found and decided up to that point.
func Run(ctx context.Context, settings *auth.Settings, in io.Reader, out io.Writer, opts Options) (Report, error) {
	e := &engine{
		words: scan.Words(),
		opts:  opts, settings: settings, in: stream.NewReader(in, opts.MaxDocument), out: out,
		report: newReport(), world: newWorld(),
	}
	err := e.run(ctx)
	if err != nil {
		return e.report, e.asError(err)
	}
	return e.report, nil
}

// engine is one run.
type engine struct {
	opts     Options
	settings *auth.Settings // nil if no values were given
	in       *stream.Reader
	out      io.Writer
	report   Report

	words    []string // scan.Words
	linter   schema.Linter
	world    world
	runtimes []*runtime // known when the stream is read
	several  bool

	concerned []*manifest // the documents that may have to be changed, in order
	trees     int         // of this many bytes the trees are kept
	last      *manifest   // the last document that was read
}

// maxTrees bounds the trees that are kept, in bytes of what they were read from.
// They take about 20 times as much. A Runtime's services are some 50 KiB together.
const maxTrees = 256 << 10

func (e *engine) run(ctx context.Context) error {
	if err := e.readAll(ctx); err != nil {
		return err
	}
	if err := e.checkWhole(); err != nil {
		return err
	}
	if err := e.decide(); err != nil {
		return err
	}
	secrets := ""
	for _, r := range e.runtimes {
		if err := e.checkServices(r); err != nil {
			return err
		}
		secret, err := e.checkSecrets(r)
		if err != nil {
			return err
		}
		secrets += secret
	}
	replaced, err := e.wireAll(ctx)
	if err != nil {
		return err
	}
	if err := e.in.Write(e.out, replaced, secrets); err != nil {
		return &Error{Kind: StreamError, Message: "write the stream", Err: err}
	}
	return nil
}

// isOf reports whether what is in a namespace is a Runtime's.
func (e *engine) isOf(r *runtime, namespace string) bool {
	return !e.several || r.namespace == namespace
}

// runtimeOf returns the Runtime that a namespace belongs to, nil if there is none.
func (e *engine) runtimeOf(namespace string) *runtime {
	for _, r := range e.runtimes {
		if e.isOf(r, namespace) {
			return r
		}
	}
	return nil
}

// readAll reads the stream to its end.
func (e *engine) readAll(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return &Error{Kind: StreamError, Message: "stopped while reading the stream", Err: err}
		}
		doc, err := e.in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return readError(err)
		}
		if e.last, err = e.learn(doc); err != nil {
			return err
		}
		if !e.last.concerns() {
			continue
		}
		if e.trees += doc.Len(); e.trees > maxTrees {
			e.last.tree = nil
		}
		e.concerned = append(e.concerned, e.last)
	}
}

func readError(err error) error {
	var tooLarge *stream.TooLargeError
	if errors.As(err, &tooLarge) {
		return streamErrorf("document %d, which begins on line %d of the stream, is larger than %d bytes", tooLarge.Index, tooLarge.Line, tooLarge.Max).
			hint("allow larger ones with --max-document")
	}
	return &Error{Kind: StreamError, Message: "read the stream", Err: err}
}

// wireAll returns what stands in the place of the documents that change.
func (e *engine) wireAll(ctx context.Context) (replaced []stream.Replacement, err error) {
	for i, m := range e.concerned {
		if err := ctx.Err(); err != nil {
			return nil, &Error{Kind: StreamError, Message: "stopped while editing the stream", Err: err}
		}
		out, err := e.finish(m)
		if err != nil {
			return nil, err
		}
		if out != nil {
			replaced = append(replaced, stream.Replacement{Document: m.doc, By: out})
		}
		e.concerned[i] = nil // it is done with
	}
	return replaced, nil
}

// checkWhole refuses a stream that holds nothing, or that ends inside a document.
func (e *engine) checkWhole() error {
	if !e.world.content {
		return streamErrorf("the stream holds no manifest").remedy(WholeStream, "a Runtime is never empty: pass the output of helm on stdin")
	}
	if e.last.doc.IsEmpty() || e.last.tree != nil || e.last.concerns() || e.last.doc.Len() > yamldoc.MaxSize {
		return nil
	}
	_, err := yamldoc.Parse(e.last.doc.Bytes())
	var syntax *yamldoc.SyntaxError
	if errors.As(err, &syntax) && !syntax.Several {
		return streamErrorf("the stream ends inside %s: %v", e.last, err).remedy(WholeStream, "pass the whole output of helm on stdin")
	}
	return nil
}

// decide settles what the whole stream tells: which Runtimes there are, and which
// credential each of them gets.
func (e *engine) decide() error {
	e.runtimes = e.world.runtimes()
	e.several = len(e.runtimes) > 1
	for _, r := range e.runtimes {
		if err := e.checkForeign(r); err != nil {
			return err
		}
		e.world.claim(r, e.opts.AllowMissing)
	}
	e.learnUsers()
	for _, r := range e.runtimes {
		if err := e.decideFor(r); err != nil {
			return err
		}
	}
	for _, p := range e.world.workloads {
		if p.Service != "" && e.runtimeOf(p.Object.Namespace) == nil {
			return streamErrorf("%s, in namespace %q, uses the credential of a Runtime, and none of the Runtimes in the stream is there", p.Object, p.Object.Namespace).
				hint("wire the manifests of each Runtime by themselves")
		}
	}
	for _, r := range e.runtimes {
		told := Runtime{
			Namespace: wiring.Object(r.namespace), Chart: Chart{Version: r.label, Generation: r.generation().Name},
			Values: r.source, Mode: r.auth.Mode, Credential: r.names().Ref(r.auth.Credential()),
		}
		e.report.Runtimes = append(e.report.Runtimes, told)
		if !e.several {
			e.report.Chart, e.report.Values, e.report.Mode, e.report.Credential = told.Chart, told.Values, told.Mode, told.Credential
		}
	}
	return nil
}

// checkForeign refuses a stream in which another namespace than that of a Runtime's
// services has somebody who uses such a credential: whose it is nobody knows.
func (e *engine) checkForeign(r *runtime) error {
	for _, p := range e.world.workloads {
		if !e.several && p.Service == OtherService && r.namespace != "" && p.Object.Namespace != "" && p.Object.Namespace != r.namespace {
			return streamErrorf("%s, in namespace %q, uses the credential of a Runtime, and this one is in %q", p.Object, p.Object.Namespace, r.namespace).
				hint("wire the manifests of each Runtime by themselves")
		}
	}
	return nil
}

// checkServices refuses a stream in which a service is missing.
func (e *engine) checkServices(r *runtime) error {
	if r.handsOff {
		return nil
	}
	var refused []string
	for _, name := range r.missing(r.settings) {
		if slices.Contains(e.opts.AllowMissing, name) {
			e.report.Missing = append(e.report.Missing, name)
		} else {
			refused = append(refused, name)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	return streamErrorf("expected services not found%s: %s", r.named(), strings.Join(refused, ", ")).
		remedy(AllowMissing, "accept that with "+flags("--allow-missing", refused))
}

func (m *manifest) String() string {
	s := fmt.Sprintf("document %d (line %d", m.doc.Index, m.doc.Line)
	if source := m.doc.Source(); source != "" {
		s += ", " + source
	}
	return s + ")"
}
