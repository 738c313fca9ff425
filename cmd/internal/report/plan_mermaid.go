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
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// PlanMermaid draws a plan as a flowchart in Mermaid's language, for a fence with
// the word mermaid in a comment of a pull request: on the left what the credentials
// come from, on the right the services, and on the edges the variables.
//
// Names out of manifests stand in quotes alone, as label writes them. The ids of
// nodes are made up here. (Mermaid 11: docs, syntax/flowchart.) The error is that of the
// writer.
func PlanMermaid(to io.Writer, p Plan) error {
	c := chartOf(p.Wiring)
	w := bufio.NewWriter(to)
	fmt.Fprintf(w, "%%%% %s\nflowchart LR\n", p.Summary) // Flush reports it
	for i, s := range c.sources {
		fmt.Fprintf(w, "  source%d%s:::source\n", i, s)
	}
	for i, s := range c.services {
		fmt.Fprintf(w, "  service%d[\"%s\"]:::%s\n", i, label(s.lines), s.class)
	}
	styles := map[string][]string{}
	for i, e := range c.edges {
		arrow, lines := "-->", e.names
		if e.class != rightClass {
			lines = append(lines, e.class)
		}
		if e.class == string(wiring.Removed) {
			arrow = "-.->"
		}
		fmt.Fprintf(w, "  source%d %s|\"%s\"| service%d\n", e.source, arrow, label(lines), e.service)
		styles[e.class] = append(styles[e.class], strconv.Itoa(i))
	}
	for _, class := range classes() {
		fmt.Fprintf(w, "  classDef %s fill:%s,stroke:%s,color:#1f2328%s\n", class.name, class.fill, class.stroke, class.extra)
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
		{rightClass, "#dafbe1", "#1a7f37", ""},
		{"set", "#ddf4ff", "#0969da", ""},
		{"replaced", "#fff8c5", "#9a6700", ""},
		{"removed", "#ffebe9", "#cf222e", ""},
		{missing, "#ffebe9", "#cf222e", ",stroke-dasharray:5 5"},
		{"source", "#f6f8fa", "#57606a", ""},
	}
}

// rightClass is the class of what is already right. Those of other states have the
// state's name.
const rightClass = "alreadyRight"

func classOf(s wiring.EnvState) string {
	if s == wiring.AlreadyRight {
		return rightClass
	}
	return string(s)
}

// chart is a diagram before it is written. Its texts are as they came out of the manifests.
type chart struct {
	sources  []source
	services []service
	edges    []edge
}

// source is what variables take their values from; of a Secret that the chart makes, with
// its states.
type source struct {
	wiring.Source
	states []string
}

type service struct {
	class string
	lines []string
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
		c.services = append(c.services, service{class: missing, lines: []string{name, missing}})
	}
	for _, s := range r.Secrets {
		i := c.source(wiring.Source{Kind: wiring.SecretSource, Name: s.Name, Key: auth.PlaintextSecretKey})
		c.sources[i].states = append(c.sources[i].states, string(s.State))
	}
	return c
}

// service adds a service, with an edge for each source and state. Its class is that of
// what is done about it most. Two variables can name a Secret and the key in it together,
// and mean a source then.
func (c *chart) service(s render.Service) {
	n := service{lines: []string{s.Service}}
	if s.Service != s.Name {
		n.lines = append(n.lines, s.Kind+"/"+s.Name)
	}
	pair := wiring.Source{Kind: wiring.SecretSource}
	weights := []wiring.EnvState{wiring.AlreadyRight, wiring.Removed, wiring.Set, wiring.Replaced}
	most := 0
	for _, e := range s.Env {
		most = max(most, slices.Index(weights, e.State))
		switch e.Name {
		case wiring.TokenSecretName:
			pair.Name = e.After.Value
		case wiring.TokenSecretKey:
			pair.Key = e.After.Value
		}
	}
	n.class = classOf(weights[most])
	c.services = append(c.services, n)
	for _, e := range s.Env {
		from := e.After
		switch {
		case e.State == wiring.Removed:
			from = e.Before
		case (e.Name == wiring.TokenSecretName || e.Name == wiring.TokenSecretKey) && pair.Name != "" && pair.Key != "":
			from = pair
		}
		c.edge(edge{source: c.source(from), service: len(c.services) - 1, class: classOf(e.State), names: []string{e.Name}})
	}
}

// source returns the number of a source, which it adds if it is new.
func (c *chart) source(from wiring.Source) int {
	i := slices.IndexFunc(c.sources, func(have source) bool { return have.Source == from })
	if i < 0 {
		i, c.sources = len(c.sources), append(c.sources, source{Source: from})
	}
	return i
}

// edge adds a variable to the edge of its kind.
func (c *chart) edge(e edge) {
	i := slices.IndexFunc(c.edges, func(have edge) bool {
		return have.source == e.source && have.service == e.service && have.class == e.class
	})
	if i < 0 {
		c.edges = append(c.edges, e)
		return
	}
	c.edges[i].names = append(c.edges[i].names, e.names...)
}

// String returns a node as it is drawn: a Secret is a cylinder, a value of a variable's own
// is round.
func (s source) String() string {
	lines := []string{"Secret", s.Name + "/" + s.Key}
	switch s.Kind {
	case wiring.SecretSource:
		return `[("` + label(append(lines, s.states...)) + `")]`
	case wiring.ConfigMapSource:
		lines[0] = "ConfigMap"
		return `["` + label(lines) + `"]`
	}
	return `(["` + label([]string{sourceText(s.Source)}) + `"])`
}

// label writes lines for a quoted label. The break is Mermaid's own, which it knows in
// every kind of label. Whatever is not a letter, a digit or harmless becomes a code that
// Mermaid turns back into the character when it draws, long after it has parsed: quotes
// would end the label, # and ; make other codes, and backquotes, backslashes, brackets and
// colons mean something here or there.
func label(lines []string) string {
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteString("<br/>")
		}
		for _, r := range printable.Line(line) {
			switch {
			case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune(" -_./", r):
				b.WriteRune(r)
			default:
				fmt.Fprintf(&b, "#%d;", r)
			}
		}
	}
	return b.String()
}
