package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// PlanMermaid draws a plan as a flowchart in Mermaid's language, for a fence with
// the word mermaid in a comment of a pull request: on the left what the credentials
// come from, on the right the services, and on the edges the variables.
//
// Names out of manifests stand in quotes alone, as escape writes them. The ids of
// nodes are made up here. (Mermaid 11: docs, syntax/flowchart.)
type PlanMermaid struct{ W io.Writer }

// Print writes the diagram, one statement a line. The error is that of the writer.
func (m PlanMermaid) Print(p Plan) error {
	c := chartOf(p.Wiring)
	w := bufio.NewWriter(m.W)
	fmt.Fprintf(w, "%%%% %s\nflowchart LR\n", p.Summary) // Flush reports it
	for i, n := range c.sources {
		fmt.Fprintf(w, "  source%d%s:::%s\n", i, shape(n), n.class)
	}
	for i, n := range c.services {
		fmt.Fprintf(w, "  service%d[\"%s\"]:::%s\n", i, n.label(), n.class)
	}
	styles := map[string][]string{}
	for i, e := range c.edges {
		arrow := "-->"
		if e.class == "removed" {
			arrow = "-.->"
		}
		fmt.Fprintf(w, "  source%d %s|\"%s\"| service%d\n", e.source, arrow, e.label(), e.service)
		styles[e.class] = append(styles[e.class], strconv.Itoa(i))
	}
	for _, class := range classes() {
		if class.stroke != "" {
			fmt.Fprintf(w, "  classDef %s fill:%s,stroke:%s,color:#1f2328%s\n", class.name, class.fill, class.stroke, class.extra)
		}
		if edges := styles[class.name]; edges != nil {
			fmt.Fprintf(w, "  linkStyle %s stroke:%s\n", strings.Join(edges, ","), class.stroke)
		}
	}
	return w.Flush()
}

// class is a look of nodes and edges.
type class struct{ name, fill, stroke, extra string }

// classes are the states, and what a credential comes from. The text is dark in all,
// so that they can be read on a dark page too.
func classes() []class {
	return []class{
		{"alreadyRight", "#dafbe1", "#1a7f37", ""},
		{"set", "#ddf4ff", "#0969da", ""},
		{"replaced", "#fff8c5", "#9a6700", ""},
		{"removed", "#ffebe9", "#cf222e", ""},
		{"missing", "#ffebe9", "#cf222e", ",stroke-dasharray:5 5"},
		{"source", "#f6f8fa", "#57606a", ""},
	}
}

// chart is a diagram before it is written.
type chart struct {
	sources  []node
	services []node
	edges    []edge
}

// node is a source or a service. Its lines are as they came out of the manifests.
type node struct {
	kind  render.SourceKind // "" for a service
	lines []string
	class string
}

// edge stands for the variables that a service takes from one source, in one state.
type edge struct {
	source, service int
	class           string
	names           []string
}

func chartOf(r render.Report) *chart {
	c := &chart{}
	for _, s := range r.Services {
		c.service(s)
	}
	for _, name := range r.Missing {
		c.services = append(c.services, node{lines: []string{name, missing}, class: "missing"})
	}
	for _, s := range r.Secrets {
		i := c.source(render.Source{Kind: render.SecretSource, Name: s.Name, Key: schema.PlaintextSecretKey})
		c.sources[i].lines = append(c.sources[i].lines, string(s.State))
	}
	return c
}

func (c *chart) service(s render.Service) {
	lines := []string{s.Service}
	if object := s.Kind + "/" + s.Name; s.Service != s.Name {
		lines = append(lines, object)
	}
	to := len(c.services)
	c.services = append(c.services, node{lines: lines, class: serviceClass(s)})
	for _, e := range joined(s.Env) {
		from := e.After
		if e.State == render.Removed {
			from = e.Before
		}
		c.edge(edge{source: c.source(from), service: to, class: className(e.State), names: []string{e.Name}})
	}
}

// serviceClass is that of what is done about it most.
func serviceClass(s render.Service) string {
	for _, state := range []render.EnvState{render.Replaced, render.Set, render.Removed} {
		if slices.ContainsFunc(s.Env, func(e render.Env) bool { return e.State == state }) {
			return className(state)
		}
	}
	return className(render.AlreadyRight)
}

func className(s render.EnvState) string {
	if s == render.AlreadyRight {
		return "alreadyRight"
	}
	return string(s)
}

// joined returns the variables, with those two that together name a Secret and its key
// as what they mean: variables that come from there.
func joined(env []render.Env) []render.Env {
	out := slices.Clone(env)
	values := map[string]string{}
	for _, e := range env {
		values[e.Name] = e.After.Value
	}
	name, key := values["ARGO_CD_TOKEN_SECRET_NAME"], values["ARGO_CD_TOKEN_SECRET_KEY"]
	for i, e := range out {
		if name != "" && key != "" && (e.Name == "ARGO_CD_TOKEN_SECRET_NAME" || e.Name == "ARGO_CD_TOKEN_SECRET_KEY") {
			out[i].After = render.Source{Kind: render.SecretSource, Name: name, Key: key}
		}
	}
	return out
}

// source returns the number of a source, which it adds if it is new.
func (c *chart) source(from render.Source) int {
	kind, lines := from.Kind, []string{"", from.Name + "/" + from.Key}
	switch kind {
	case render.SecretSource:
		lines[0] = "Secret"
	case render.ConfigMapSource:
		lines[0] = "ConfigMap"
	default:
		kind, lines = render.ValueSource, []string{sourceText(from)}
	}
	i := slices.IndexFunc(c.sources, func(n node) bool { return n.kind == kind && slices.Equal(n.lines[:len(lines)], lines) })
	if i < 0 {
		i = len(c.sources)
		c.sources = append(c.sources, node{kind: kind, lines: lines, class: "source"})
	}
	return i
}

// edge adds a variable to the edge of its kind.
func (c *chart) edge(e edge) {
	for i, have := range c.edges {
		if have.source == e.source && have.service == e.service && have.class == e.class {
			c.edges[i].names = append(have.names, e.names...)
			return
		}
	}
	c.edges = append(c.edges, e)
}

// shape draws a source: a Secret is a cylinder, a value of a variable's own is round.
func shape(n node) string {
	switch n.kind {
	case render.SecretSource:
		return `[("` + n.label() + `")]`
	case render.ValueSource:
		return `(["` + n.label() + `"])`
	}
	return `["` + n.label() + `"]`
}

func (n node) label() string { return label(n.lines) }

// label of an edge: its variables, and what is done about them unless it is nothing.
func (e edge) label() string {
	lines := slices.Clone(e.names)
	if e.class != "alreadyRight" {
		lines = append(lines, e.class)
	}
	return label(lines)
}

// label writes lines for a quoted label. The break is Mermaid's own, which it knows
// in every kind of label.
func label(lines []string) string {
	var escaped []string
	for _, line := range lines {
		escaped = append(escaped, escape(line))
	}
	return strings.Join(escaped, "<br/>")
}

// escape writes text for a quoted label: whatever is not a letter, a digit or
// harmless becomes a code that Mermaid turns back into the character when it draws,
// long after it has parsed. Quotes would end the label, # and ; make other codes, and
// backquotes, backslashes, brackets and colons mean something here or there.
func escape(text string) string {
	var b strings.Builder
	for _, r := range printable.Line(text) {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune(" -_./", r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}
