package render

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/helm-runtime-auth/runtime-auth/render/stream"
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
	// Stream writes every document as soon as it is done, in constant memory, and
	// needs settings. What only the whole stream tells is then checked after
	// everything was written: who reads the output must look at the error first. A
	// username in a ConfigMap is seen only if it comes before its service. Where
	// the settings say that Argo CD is bundled, documents are held back until the
	// chart's generation is known.
	Stream bool
	// MaxDocument is the size in bytes above which a document is refused; zero
	// means stream.DefaultMaxDocument.
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
		ctx: ctx, opts: opts, settings: settings, out: bufio.NewWriterSize(out, 64<<10),
		report: newReport(), facts: facts{found: map[string]bool{}, users: map[configKey]string{}},
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
	out      *bufio.Writer
	report   Report
	facts    facts

	pending []*manifest // read, but not yet written
	tail    tail
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
	if err := e.flush(len(e.pending)); err != nil {
		return err
	}
	return e.write([]byte(secret), true)
}

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
		e.pending = append(e.pending, m)
		if e.canWrite() {
			if err := e.flush(len(e.pending) - 1); err != nil {
				return err
			}
		}
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

// canWrite reports whether documents can be wired before the stream has ended.
func (e *engine) canWrite() bool {
	return e.opts.Stream && (!isBundled(e.settings) || e.facts.generation() != "")
}

// flush wires and writes the first n pending documents. Unless in stream mode all
// are wired before the first is written.
func (e *engine) flush(n int) error {
	for _, m := range e.pending[:n] {
		if err := e.ctx.Err(); err != nil {
			return &Error{Kind: StreamError, Message: "stopped while editing the stream", Err: err}
		}
		if err := e.finish(m); err != nil {
			return err
		}
	}
	for _, m := range e.pending[:n] {
		if err := e.write(m.out, false); err != nil {
			return err
		}
	}
	e.pending = append(e.pending[:0:0], e.pending[n:]...)
	return nil
}

// write writes a piece of the output, and with flush whatever is not yet out.
func (e *engine) write(data []byte, flush bool) error {
	_, err := e.out.Write(data)
	if err == nil && flush {
		err = e.out.Flush()
	}
	if err != nil {
		return &Error{Kind: StreamError, Message: "write the stream", Err: err}
	}
	return nil
}

// checkWhole refuses a stream that holds nothing, or that ends inside a document.
func (e *engine) checkWhole() error {
	if !e.facts.content {
		return streamErrorf("the stream holds no manifest").hint("a Runtime is never empty: pass the output of helm on stdin")
	}
	last := e.pending[len(e.pending)-1]
	if last.doc.IsEmpty() || last.tree != nil {
		return nil
	}
	if err := last.parse(); err != nil && !isSeveral(err) {
		return streamErrorf("the stream ends inside %s: %v", last, err).hint("pass the whole output of helm on stdin")
	}
	return nil
}

// decide settles what the whole stream tells: the settings where none were given,
// and whether the chart wires its auth block at all.
func (e *engine) decide() error {
	if err := e.takeValues(); err != nil {
		return err
	}
	for _, m := range e.pending {
		if err := e.learnUsers(m); err != nil {
			return err
		}
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
