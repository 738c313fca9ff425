package render

import (
	"errors"
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
	out       []byte
}

// parse parses the document and finds its objects.
func (m *manifest) parse() (err error) {
	if m.tree, err = tree.Parse(m.doc.Raw); err != nil {
		return err
	}
	m.objects, err = objects(m.tree.Root)
	return err
}

func isSeveral(err error) bool {
	var syntax *tree.SyntaxError
	return errors.As(err, &syntax) && syntax.Several
}

// learn takes in a document: it parses it if it may concern the run, and notes
// what it tells.
func (e *engine) learn(doc stream.Document) (*manifest, error) {
	m := &manifest{doc: doc}
	e.tail.see(doc.Raw)
	if doc.IsEmpty() {
		e.facts.learnHidden(doc.Raw, doc.Source())
		return m, nil
	}
	e.facts.content = true
	why := interestOf(doc.Raw)
	why.label = why.label && !e.facts.versionKnown
	if why.any() {
		if err := m.parse(); err != nil {
			return nil, streamErrorf("%s %v", m, err)
		}
	}
	for _, o := range m.objects {
		e.facts.learn(o, m.String())
		if err := e.learnWorkload(m, o); err != nil {
			return nil, err
		}
	}
	if e.settings != nil {
		return m, e.learnUsers(m)
	}
	return m, nil
}

// learnWorkload finds the containers of an object that use the credential.
func (e *engine) learnWorkload(m *manifest, o object) error {
	if isValuesConfig(o) {
		m.values = &o
	}
	if !o.isWorkload() || o.isHook() {
		return nil
	}
	found, err := workloads(o)
	if err != nil {
		return streamErrorf("%s: %v", m, err)
	}
	for _, w := range found {
		e.facts.found[w.service] = true
	}
	m.workloads = append(m.workloads, found...)
	return nil
}

// learnUsers notes the ConfigMaps from which a username may come.
func (e *engine) learnUsers(m *manifest) error {
	auth := e.settings.Auth
	if auth.Mode != schema.ModePassword || auth.UsernameRef != nil || m.doc.IsEmpty() || !mayHoldUsername(m.doc.Raw, auth.Username) {
		return nil
	}
	if m.tree == nil && m.parse() != nil {
		m.tree, m.objects = nil, nil // no ConfigMap that the API server could read
	}
	for _, o := range m.objects {
		e.facts.learnUsers(o)
	}
	return nil
}

// finish makes the output of a document.
func (e *engine) finish(m *manifest) error {
	m.out = m.doc.Raw
	if !e.facts.handsOff(e.settings) {
		if err := e.wire(m); err != nil {
			return err
		}
	}
	if m.values != nil && e.opts.RedactValuesConfig {
		if err := e.redact(m); err != nil {
			return err
		}
	}
	if !stream.SameBounds(m.doc.Raw, m.out) {
		return streamErrorf("%s: no way was found to edit it without changing the documents around it", m)
	}
	return nil
}

// wire decides about the variables of every container in a document and edits
// those that are not right.
func (e *engine) wire(m *manifest) error {
	var targets []envedit.Target
	for _, w := range m.workloads {
		d := &wiring{auth: e.settings.Auth, vars: envedit.Vars(w.container)}
		d.holds = func(ref schema.SecretRef, text string) bool { return e.facts.holds(w.object.namespace, ref, text) }
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
		return nil
	}
	out, err := envedit.Apply(m.tree, targets...)
	if err != nil {
		return streamErrorf("%s, %s: %v", m, m.workloads[0].object, err)
	}
	m.out = out
	return nil
}

// redact takes the credentials out of the chart's values.
func (e *engine) redact(m *manifest) error {
	doc, err := tree.Parse(m.out)
	if err != nil {
		return streamErrorf("%s %v", m, err)
	}
	path := m.values.path.At("data", valuesKey)
	r, err := redact.Values(doc, path, e.settings.Auth.Plaintext.Reveal())
	if err != nil {
		return streamErrorf("%s, %s: cannot redact it: %v", m, m.values, err)
	}
	if m.out = r.Document; r.Left {
		e.report.warn(diag.Diagnostic{
			Rule: ruleRedaction, File: m.values.String(),
			Message: "a credential is part of a longer text in the chart's values and was left there",
		})
	}
	return nil
}

func contains(names []string, name string) bool { return slices.Contains(names, name) }

// list joins names for a message.
func list(names []string) string { return strings.Join(names, ", ") }

// flags repeats a flag for every name.
func flags(flag string, names []string) string {
	return flag + " " + strings.Join(names, " "+flag+" ")
}
