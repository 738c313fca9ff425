package report

import (
	"bufio"
	"io"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema"
)

// PlanTable prints a plan for people: a row for every service and one for each of
// its variables, then the Secrets, and a line that sums it up.
type PlanTable struct {
	W     io.Writer
	Color bool
}

// row is one row of the table.
type row struct {
	name, state, source string
	// was is what the source was before, "" if there was none. Where the two are too
	// wide for a terminal side by side, it gets a line of its own.
	was   string
	color string // of the state
}

// Print writes the table. The error is that of the writer.
func (t PlanTable) Print(p Plan) error {
	w := bufio.NewWriter(t.W)
	for _, line := range origin(p.Wiring) {
		_, _ = w.WriteString(line + "\n") // Flush reports it
	}
	rows := append([]row{{name: "SERVICE / VARIABLE", state: "STATE", source: "SOURCE", color: bold}}, rowsOf(p.Wiring)...)
	names, states := 0, 0
	for _, r := range rows {
		names, states = max(names, columns(r.name)), max(states, columns(r.state))
	}
	for _, r := range rows {
		t.row(w, r, min(names, maxName), states)
	}
	_, _ = w.WriteString("\n" + p.Summary.String() + "\n")
	return w.Flush()
}

// maxName is the widest first column: a longer name pushes its own row aside only.
const maxName = 40

func (t PlanTable) row(w *bufio.Writer, r row, names, states int) {
	line := pad(r.name, names) + "  " + pad(r.state, states) + "  "
	indent := strings.Repeat(" ", names+states+4)
	state := t.paint(r.color, r.state) + strings.Repeat(" ", states-columns(r.state))
	_, _ = w.WriteString(pad(r.name, names) + "  " + state + "  " + r.source)
	switch {
	case r.was == "":
	case columns(line+r.source+", was "+r.was) <= maxWidth:
		_, _ = w.WriteString(", was " + r.was)
	default:
		_, _ = w.WriteString("\n" + indent + "was " + r.was)
	}
	_ = w.WriteByte('\n')
}

func (t PlanTable) paint(color, s string) string {
	if color == "" {
		return s
	}
	return Text{Color: t.Color}.paint(color, s)
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-columns(s), 0))
}

// origin says which credential is wired, and who says so; a blank line follows.
func origin(r render.Report) []string {
	if r.Credential == (schema.SecretRef{}) {
		return nil
	}
	lines := []string{"credential  secret " + printable.Line(r.Credential.Name+"/"+r.Credential.Key) + ", type " + string(r.Mode)}
	if r.Values != "" {
		lines = append(lines, "values      "+printable.Line(r.Values))
	}
	if r.Chart.Version != "" {
		lines = append(lines, "chart       "+printable.Line(r.Chart.Version))
	}
	return append(lines, "")
}

func rowsOf(r render.Report) []row {
	var rows []row
	for _, s := range r.Services {
		first := row{name: printable.Line(s.Service), state: toBeWired, source: objectOf(s), color: yellow}
		if isRight(s) {
			first.state, first.color = alreadyRight, green
		}
		rows = append(rows, first)
		for _, e := range s.Env {
			rows = append(rows, envRow(e))
		}
	}
	for _, name := range r.Missing {
		rows = append(rows, row{name: printable.Line(name), state: missing, source: "not in the manifests, which is allowed", color: red})
	}
	for _, s := range r.Secrets {
		rows = append(rows, row{name: "Secret", state: string(s.State), source: printable.Line(s.Name) + ", " + secretText(s.State)})
	}
	return rows
}

// objectOf names the object of a service, and its container where that is called
// otherwise.
func objectOf(s render.Service) string {
	text := printable.Line(s.Kind + "/" + s.Name)
	if s.Namespace != "" {
		text += " in " + printable.Line(s.Namespace)
	}
	if s.Container != s.Name {
		text += ", container " + printable.Line(s.Container)
	}
	return text
}

func envRow(e render.Env) row {
	r := row{name: "  " + printable.Line(e.Name), state: stateName(e.State), source: sourceText(e.After)}
	switch e.State {
	case render.AlreadyRight:
		r.color = green
	case render.Removed:
		r.color, r.source = red, "was "+sourceText(e.Before)
	default:
		r.color, r.was = yellow, sourceText(e.Before)
	}
	return r
}

// maxLiteral is the widest value that is printed whole.
const maxLiteral = 48

// sourceText says where a variable takes its value from; a value of its own is told
// from a reference by its quotes.
func sourceText(from render.Source) string {
	if from.Kind == render.ValueSource {
		return terminal().Truncate(printable.Line(from.Quoted()), maxLiteral, "…")
	}
	return printable.Line(from.String())
}

func secretText(s render.SecretState) string {
	switch s {
	case render.Present:
		return "with the credential"
	case render.Appended:
		return "from the values"
	case render.Hidden:
		return "left out by --hide-secret"
	case render.Unused:
		return "not in use"
	}
	return "in an unknown state"
}
