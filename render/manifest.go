package render

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/render/redact"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/render/tree"
	"github.com/helm-runtime-auth/runtime-auth/schema"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// manifest is one document on its way through a run.
type manifest struct {
	doc       stream.Document
	tree      *tree.Document // nil unless it was worth parsing
	objects   []object
	workloads []workload
	values    *object // the ConfigMap with the chart's values, if it is in here
	// forgotten is set where the tree was given up to save memory, and must be read
	// again to wire the document.
	forgotten bool
}

// parse parses the document and finds its objects.
func (m *manifest) parse() (err error) {
	if m.tree, err = tree.Parse(m.doc.Bytes()); err != nil {
		return err
	}
	m.objects, err = objects(m.tree.Root)
	return err
}

// forget gives up what parsing brought.
func (m *manifest) forget() {
	m.forgotten = m.concerns()
	m.tree, m.objects, m.workloads, m.values = nil, nil, nil, nil
}

// concerns reports whether the document may have to be changed.
func (m *manifest) concerns() bool { return len(m.workloads) > 0 || m.values != nil || m.forgotten }

// learn takes in a document: it parses it if it may concern the run, and notes
// what it tells.
func (e *engine) learn(doc stream.Document) (*manifest, error) {
	m := e.spare
	if e.spare = nil; m == nil {
		m = &manifest{}
	}
	*m = manifest{doc: doc}
	e.tail.see(&m.doc.Text)
	if doc.IsEmpty() {
		e.facts.learnHidden(&m.doc)
		return m, nil
	}
	e.facts.content = true
	if interestOf(&m.doc, !e.facts.versionKnown).any() {
		if err := m.parse(); err != nil {
			return nil, streamErrorf("%s %v", m, err)
		}
	}
	for _, o := range m.objects {
		e.facts.learn(o, m.String())
	}
	if err := m.find(); err != nil {
		return nil, err
	}
	if e.workloads += len(m.workloads); e.workloads > maxWorkloads {
		return nil, streamErrorf("%s: the stream holds more than %d containers that use the credential", m, maxWorkloads)
	}
	for _, w := range m.workloads {
		e.facts.found[w.service] = true
		e.facts.users.want(w)
	}
	if e.opts.Stream {
		e.learnUser(m)
	}
	return m, nil
}

// The most containers that may use the credential: in the stream, all of which the
// report lists, and in one document, where each costs a search for its place. A
// Runtime has seven.
const (
	maxWorkloads  = 10_000
	maxInDocument = 500
)

// find finds what in the document may have to change.
func (m *manifest) find() error {
	for _, o := range m.objects {
		if isValuesConfig(o) {
			m.values = &o
		}
		if !o.isWorkload() || o.isHook() {
			continue
		}
		found, err := workloads(o)
		if err != nil {
			return streamErrorf("%s: %v", m, err)
		}
		m.workloads = append(m.workloads, found...)
	}
	if len(m.workloads) > maxInDocument {
		return streamErrorf("%s: it holds more than %d containers that use the credential", m, maxInDocument)
	}
	return nil
}

// finish makes what stands in the place of a document; nil where that is the
// document itself.
func (e *engine) finish(m *manifest) (out []byte, err error) {
	if m.forgotten {
		if err := m.parse(); err != nil {
			return nil, streamErrorf("%s %v", m, err)
		}
		if err := m.find(); err != nil {
			return nil, err
		}
	}
	if !e.facts.handsOff(e.settings) {
		if out, err = e.wire(m); err != nil {
			return nil, err
		}
	}
	if m.values != nil && e.opts.RedactValuesConfig {
		if out, err = e.redact(m, out); err != nil {
			return nil, err
		}
	}
	if out != nil && !stream.SameBounds(m.doc.Bytes(), out) {
		return nil, streamErrorf("%s: no way was found to edit it without changing the documents around it", m)
	}
	return out, nil
}

// wire decides about the variables of every container in a document and edits
// those that are not right. It returns nil where all are.
func (e *engine) wire(m *manifest) ([]byte, error) {
	var targets []envedit.Target
	for _, w := range m.workloads {
		d := &wiring{auth: e.settings.Auth, vars: envedit.Vars(w.container)}
		d.holds = func(ref schema.SecretRef, text string) bool {
			return e.facts.users.holds(w.object.namespace, ref, text)
		}
		d.wire(w.service)
		if len(d.edits) > 0 {
			targets = append(targets, envedit.Target{Container: w.path, Edits: d.edits})
		}
		name, _ := tree.Scalar(tree.Get(w.container, "name"))
		e.report.Services = append(e.report.Services, Service{
			Service: w.service, Kind: w.object.kind, Name: w.object.name, Namespace: w.object.namespace,
			Container: name, Document: m.doc.Index, Env: d.env,
		})
	}
	if len(targets) == 0 {
		return nil, nil
	}
	out, err := envedit.Apply(m.tree, targets...)
	if err != nil {
		return nil, streamErrorf("%s, %s: %v", m, m.workloads[0].object, err)
	}
	return out, nil
}

// redact takes the credentials out of the chart's values, in the document as it
// was edited, if it was. It returns nil where nothing has changed in the end.
func (e *engine) redact(m *manifest, edited []byte) ([]byte, error) {
	doc := m.tree
	if edited != nil {
		var err error
		if doc, err = tree.Parse(edited); err != nil {
			return nil, streamErrorf("%s %v", m, err)
		}
	}
	r, err := redact.Values(doc, m.values.path.At("data", valuesKey), e.settings.Auth.Plaintext.Reveal())
	if err != nil {
		return nil, streamErrorf("%s, %s: cannot redact it: %v", m, m.values, err)
	}
	if r.Left {
		e.report.warn(diag.Diagnostic{
			Rule: ruleRedaction, File: m.values.String(),
			Message: "a credential is part of a longer text in the chart's values and was left there",
		})
	}
	if r.Count == 0 {
		return edited, nil
	}
	return r.Document, nil
}

func contains(names []string, name string) bool { return slices.Contains(names, name) }

// list joins names for a message.
func list(names []string) string { return strings.Join(names, ", ") }

// flags repeats a flag for every name.
func flags(flag string, names []string) string {
	return flag + " " + strings.Join(names, " "+flag+" ")
}
