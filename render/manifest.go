package render

import (
	"errors"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/render/envedit"
	"github.com/helm-runtime-auth/runtime-auth/render/redact"
	"github.com/helm-runtime-auth/runtime-auth/render/scan"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// manifest is one document on its way through a run.
type manifest struct {
	doc stream.Document
	// tree is nil unless it was worth parsing, and where it was given up to save memory.
	tree      *yamldoc.Document
	workloads []*scan.Workload
	values    *scan.Object // the ConfigMap with the chart's values, if it is in here
}

// parse parses the document and finds its objects.
func (m *manifest) parse() ([]scan.Object, error) {
	tree, err := yamldoc.Parse(m.doc.Bytes())
	if err != nil {
		return nil, err
	}
	found, err := scan.Objects(tree.Root)
	if err != nil {
		return nil, err
	}
	m.tree = tree
	return found, nil
}

// concerns reports whether the document may have to be changed.
func (m *manifest) concerns() bool { return len(m.workloads) > 0 || m.values != nil }

// learn takes in a document: it parses it if it may concern the run, and notes
// what it tells.
func (e *engine) learn(doc stream.Document) (*manifest, error) {
	m := &manifest{doc: doc}
	if doc.IsEmpty() {
		e.world.learnHidden(m.doc)
		return m, nil
	}
	e.world.content = true
	var found []scan.Object
	if plain := scan.MayConcern(doc, e.words, !e.world.knowsChart); plain || scan.MayConcernEscaped(doc, e.words, !e.world.knowsChart) {
		var err error
		if found, err = m.parse(); err != nil && plain {
			return nil, streamErrorf("%s %v", m, err)
		} // else it is most likely a text in which a backslash is just that
	}
	for _, o := range found {
		e.world.learn(o, m.String())
	}
	if err := m.find(found); err != nil {
		return nil, err
	}
	if len(e.world.workloads)+len(m.workloads) > maxWorkloads {
		return nil, streamErrorf("%s: the stream holds more than %d containers that use the credential", m, maxWorkloads)
	}
	for _, w := range m.workloads {
		if err := e.world.take(w); err != nil {
			return nil, err
		}
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

// find finds what of the document's objects may have to change.
func (m *manifest) find(all []scan.Object) error {
	for _, o := range all {
		if o.IsValuesConfig() {
			values := o.WithoutNode()
			m.values = &values
		}
		if !o.IsWorkload() || o.IsHook() {
			continue
		}
		found, err := scan.Workloads(o)
		var e *scan.Error
		if errors.As(err, &e) {
			return streamErrorf("%s: %v", m, e).hint(e.Hint)
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
	if m.tree == nil {
		if _, err := m.parse(); err != nil {
			return nil, streamErrorf("%s %v", m, err)
		}
	}
	if out, err = e.wire(m); err != nil {
		return nil, err
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
		r := e.runtimeOf(w.Object.Namespace)
		if w.Service == "" || r.handsOff {
			continue
		}
		env, edits := e.wireOne(r, w)
		if len(edits) > 0 {
			targets = append(targets, envedit.Target{Container: w.Path, Edits: edits})
		}
		e.report.Services = append(e.report.Services, Service{
			Service: w.Service, Kind: w.Object.Kind, Name: wiring.Object(w.Object.Name), Namespace: wiring.Object(w.Object.Namespace),
			Container: wiring.Object(w.Name), Document: m.doc.Index, Env: env,
		})
	}
	if len(targets) == 0 {
		return nil, nil
	}
	out, err := envedit.Apply(m.tree, targets...)
	if err != nil {
		return nil, streamErrorf("%s, %s: %v", m, m.workloads[0].Object, err)
	}
	return out, nil
}

// wireOne returns what becomes of the variables of a container for a Runtime.
func (e *engine) wireOne(r *runtime, w *scan.Workload) ([]wiring.Env, []envedit.Edit) {
	return wiring.Container{Service: w.Service, Auth: r.auth, Names: r.names(), Vars: w.Vars, Holds: func(ref auth.SecretRef, text string) bool {
		return r.isWitness || e.world.users.holds(w.Object.Namespace, ref, text)
	}}.Wire()
}

// redact takes the credentials out of the chart's values, in the document as it
// was edited, if it was. It returns nil where nothing has changed in the end.
func (e *engine) redact(m *manifest, edited []byte) ([]byte, error) {
	doc := m.tree
	if edited != nil {
		var err error
		if doc, err = yamldoc.Parse(edited); err != nil {
			return nil, streamErrorf("%s %v", m, err)
		}
	}
	r, err := redact.Values(doc, m.values.Path.At("data", scan.ValuesKey), e.plaintexts()...)
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

// flags repeats a flag for every name.
func flags(flag string, names []string) string {
	return flag + " " + strings.Join(names, " "+flag+" ")
}
