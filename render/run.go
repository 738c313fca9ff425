package render

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/render/tree"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// Options are what a run may be told besides the settings.
type Options struct {
	// StreamValues reads the merged values that the chart's own hook ConfigMap
	// carries in the stream. They hold the chart's defaults too. name says where
	// they come from, such as ConfigMap/helm-values-config.
	StreamValues func(name string, values []byte) (schema.Settings, []diag.Diagnostic)
	// AllowMissing names services, as Services does, that may be absent although
	// the chart runs them.
	AllowMissing []string
	// RedactValuesConfig takes the credentials out of the chart's hook ConfigMap.
	RedactValuesConfig bool
	// Strict makes it an error that the settings and the values in the stream
	// declare different credentials.
	Strict bool
	// Stream writes documents as soon as they are done, and needs settings. It takes
	// 16 MiB and twice the largest document, however long the stream is; without it
	// the output is held back, which takes 16 MiB and 1.3 times the stream. Only a
	// document that must be parsed, which is at most 4 MiB long, takes more. What
	// only the whole stream tells is checked after everything was written: who reads
	// the output must look at the error first. A username in a ConfigMap is seen only
	// if it comes before its service. Where the settings say that Argo CD is bundled,
	// services are held back until the chart's generation is known.
	Stream bool
	// MaxDocument is the size in bytes above which a document is refused; zero
	// means stream.DefaultMaxDocument. Of those that hold a service or a Secret of
	// the chart's, package tree bounds the size, the depth and the aliases besides.
	MaxDocument int
}

// Run reads manifests from in, wires the credential that settings declare into
// every service, and writes the manifests to out. Without settings they are taken
// from the values that the chart put into the stream.
//
// Every error is an *Error. Unless opts.Stream is set nothing was written then.
// The report tells what was found and decided up to that point.
func Run(ctx context.Context, settings *schema.Settings, in io.Reader, out io.Writer, opts Options) (Report, error) {
	e := &engine{
		ctx: ctx, opts: opts, settings: settings, out: out, report: newReport(),
		facts: facts{found: map[string]bool{}, users: users{map[string]bool{}, map[configKey]string{}}},
	}
	err := e.run(stream.NewReader(in, opts.MaxDocument))
	if err != nil {
		return e.report, asError(err, e.settings)
	}
	return e.report, nil
}

// engine is one run.
type engine struct {
	ctx      context.Context
	opts     Options
	settings *schema.Settings // nil until they are known
	out      io.Writer
	report   Report
	facts    facts

	held      held
	workloads int       // how many containers were found
	last      *manifest // the last document of the stream, not yet in held
	spare     *manifest // one that is not needed any more
	tail      tail
}

func (e *engine) run(in *stream.Reader) error {
	if e.settings == nil && e.opts.Stream {
		return valuesErrorf("values are needed before the stream is read, if it is to be passed on as it is read").hint(giveValues)
	}
	if err := e.readAll(in); err != nil {
		return err
	}
	if err := e.checkWhole(); err != nil {
		return err
	}
	if err := e.decide(); err != nil {
		return err
	}
	if err := e.checkServices(); err != nil {
		return err
	}
	secret, err := e.checkSecrets()
	if err != nil {
		return err
	}
	if err := e.wireHeld(); err != nil {
		return err
	}
	if err := e.write(); err != nil {
		return err
	}
	if secret == "" {
		return nil
	}
	return writeError(writeAll(e.out, []byte(secret)))
}

// enough is how much is written at once where that may be done before the stream
// has ended.
const enough = 128 << 10

// readAll reads the stream to its end. In stream mode it writes what is done, but
// for the last document: whether that is whole can be told only at the end.
func (e *engine) readAll(in *stream.Reader) error {
	for {
		if err := e.ctx.Err(); err != nil {
			return &Error{Kind: StreamError, Message: "stopped while reading the stream", Err: err}
		}
		doc, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return readError(err)
		}
		m, err := e.learn(doc)
		if err != nil {
			return err
		}
		more, err := in.More()
		switch {
		case err != nil:
			return readError(err)
		case !more:
			e.last = m
			return nil
		}
		if err := e.hold(m); err != nil {
			return err
		}
	}
}

// hold takes over a document. In stream mode it is wired at once, so that what is
// done does not depend on how much is written at a time.
func (e *engine) hold(m *manifest) error {
	if e.held.add(m) {
		e.spare = m
	}
	if !e.opts.Stream {
		return nil
	}
	decided := !isBundled(e.settings) || e.facts.generation() != ""
	if decided {
		if err := e.wireHeld(); err != nil {
			return err
		}
	}
	if e.held.size < enough {
		return nil
	}
	if err := e.write(); err != nil {
		return err
	}
	if e.held.size > maxUndecided {
		return streamErrorf("argo-cd.enabled is true, and %d bytes behind the first service nothing has told the chart's generation, on which it depends whether the auth block counts", maxUndecided).
			hint("leave out --stream")
	}
	return nil
}

func readError(err error) error {
	var tooLarge *stream.TooLargeError
	if errors.As(err, &tooLarge) {
		return streamErrorf("document %d, which begins on line %d of the stream, is larger than %d bytes", tooLarge.Index, tooLarge.Line, tooLarge.Max).
			hint("allow larger ones with --max-document")
	}
	return &Error{Kind: StreamError, Message: "read the stream", Err: err}
}

// maxUndecided bounds what is held back in stream mode, in bytes. Where Argo CD is
// bundled, services wait until it is known whether the chart wires them at all.
const maxUndecided = 8 << 20

// wireHeld wires what is held and is not yet wired.
func (e *engine) wireHeld() error {
	for ; e.held.wired < len(e.held.items); e.held.wired++ {
		it := &e.held.items[e.held.wired]
		if it.m == nil {
			continue
		}
		if err := e.ctx.Err(); err != nil {
			return &Error{Kind: StreamError, Message: "stopped while editing the stream", Err: err}
		}
		var err error
		if it.out, err = e.finish(it.m); err != nil {
			return err
		}
		it.m = &manifest{doc: it.m.doc} // the rest is done with
	}
	return nil
}

// write writes what is held and needs no wiring, or has it.
func (e *engine) write() error { return writeError(e.held.write(e.out)) }

func writeError(err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: StreamError, Message: "write the stream", Err: err}
}

// checkWhole refuses a stream that holds nothing, or that ends inside a document.
func (e *engine) checkWhole() error {
	if !e.facts.content {
		return streamErrorf("the stream holds no manifest").hint("a Runtime is never empty: pass the output of helm on stdin")
	}
	last := e.last
	e.last = nil
	defer func() { e.held.add(last) }()
	if last.doc.IsEmpty() || last.tree != nil {
		return nil
	}
	if why := unfinished(&last.doc.Text); why != "" {
		return streamErrorf("the stream ends inside %s: %s", last, why).hint("pass the whole output of helm on stdin")
	}
	return nil
}

// maxParsedLast is the size in bytes up to which the last document is parsed only
// to see whether it is whole. A larger one is looked at without a tree of it.
const maxParsedLast = 128 << 10

// unfinished says why a document, which nobody needs to parse, is not whole.
func unfinished(doc *stream.Text) string {
	if doc.Len() > maxParsedLast {
		if tree.Unfinished(doc.Reader()) {
			return "a quoted text, a flow collection or a key in it does not end"
		}
		return ""
	}
	_, err := tree.Parse(doc.Bytes())
	var syntax *tree.SyntaxError
	if errors.As(err, &syntax) && !syntax.Several {
		return err.Error()
	}
	return ""
}

// decide settles what the whole stream tells: the settings where none were given,
// and whether the chart wires its auth block at all.
func (e *engine) decide() error {
	if err := e.takeValues(); err != nil {
		return err
	}
	if !e.opts.Stream {
		e.learnHeldUsers()
	}
	e.report.Mode, e.report.Credential = e.settings.Auth.Mode, e.settings.Auth.Credential()
	e.report.Chart = Chart{Version: e.facts.label, Generation: e.facts.generation()}
	if isBundled(e.settings) {
		message := "argo-cd.enabled is true, and the chart wires the auth block all the same"
		if e.facts.handsOff(e.settings) {
			message = "argo-cd.enabled is true: charts up to 0.25 then ignore the auth block, so nothing was wired"
		}
		e.report.warn(diag.Diagnostic{Rule: ruleBundled, Message: message})
	}
	return nil
}

// checkServices refuses a stream in which a service is missing.
func (e *engine) checkServices() error {
	if e.facts.generation() == "" {
		return streamErrorf("the stream holds no Runtime: neither argo-gateway (charts 0.26 and newer) nor sources-server (0.18 to 0.25), nor a label helm.sh/chart of such a version").
			hint("pass the manifests of the gitops-runtime chart, 0.18.0 or newer")
	}
	if e.facts.handsOff(e.settings) {
		return nil
	}
	var refused []string
	for _, name := range e.facts.missing(e.settings) {
		if contains(e.opts.AllowMissing, name) {
			e.report.Missing = append(e.report.Missing, name)
		} else {
			refused = append(refused, name)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	return streamErrorf("missing from the stream, though this chart runs it: %s", list(refused)).
		hint("accept that with " + flags("--allow-missing", refused))
}

func (m *manifest) String() string {
	s := fmt.Sprintf("document %d (line %d", m.doc.Index, m.doc.Line)
	if source := m.doc.Source(); source != "" {
		s += ", " + source
	}
	return s + ")"
}
