package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/wiring"
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// row is one row of the table.
type row struct {
	name, state, source string
	// was is what the source was before, "" if there was none. Where the two are too
	// wide for a terminal side by side, it gets a line of its own.
	was   string
	color string // of the state
}

// PlanTable prints a plan for people: a row for every service and one for each of
// its variables, then the Secrets, and a line that sums it up. The error is that of the
// writer.
func PlanTable(to io.Writer, p Plan, color bool) error {
	w := bufio.NewWriter(to)
	if r := p.Wiring; r.Credential != (auth.SecretRef{}) {
		fmt.Fprintf(w, "credential  secret %s, type %s\n", printable.Line(r.Credential.Name+"/"+r.Credential.Key), r.Mode)
		if r.Values != "" {
			fmt.Fprintf(w, "values      %s\n", printable.Line(r.Values))
		}
		if r.Chart.Version != "" {
			fmt.Fprintf(w, "chart       %s\n", printable.Line(r.Chart.Version))
		}
		fmt.Fprintln(w)
	}
	rows := append([]row{{name: "SERVICE / VARIABLE", state: "STATE", source: "SOURCE", color: bold}}, rowsOf(p.Wiring)...)
	names, states := 0, 0
	for _, r := range rows {
		names, states = max(names, columns(r.name)), max(states, columns(r.state))
	}
	const maxName = 40 // a longer name pushes its own row aside only
	for _, r := range rows {
		r.print(w, color, min(names, maxName), states)
	}
	fmt.Fprintf(w, "\n%s\n", p.Summary)
	return w.Flush()
}

func (r row) print(w *bufio.Writer, color bool, names, states int) {
	name, state := terminal().FillRight(r.name, names), terminal().FillRight(r.state, states)
	painted := strings.Replace(state, r.state, printable.Painted(color, r.color, r.state), 1)
	fmt.Fprintf(w, "%s  %s  %s", name, painted, r.source) // Flush reports it
	switch was := "was " + r.was; {
	case r.was == "":
	case columns(name+state+r.source+was)+len("    , ") <= maxWidth:
		fmt.Fprintf(w, ", %s", was)
	default:
		fmt.Fprintf(w, "\n%*s    %s", names+states, "", was)
	}
	fmt.Fprintln(w)
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
	meanings := map[render.SecretState]string{
		render.Present: "with the credential", render.Appended: "from the values",
		render.Hidden: "left out by --hide-secret", render.Unused: "not in use",
	}
	for _, s := range r.Secrets {
		means := cmp.Or(meanings[s.State], "in an unknown state")
		rows = append(rows, row{name: "Secret", state: string(s.State), source: printable.Line(s.Name) + ", " + means})
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

func envRow(e wiring.Env) row {
	r := row{name: "  " + printable.Line(e.Name), state: string(e.State), source: sourceText(e.After)}
	switch e.State {
	case wiring.AlreadyRight:
		r.color, r.state = green, alreadyRight
	case wiring.Removed:
		r.color, r.source = red, "was "+sourceText(e.Before)
	default:
		r.color, r.was = yellow, sourceText(e.Before)
	}
	return r
}

// sourceText says where a variable takes its value from; a value of its own is told
// from a reference by its quotes.
func sourceText(from wiring.Source) string {
	if from.Kind == wiring.ValueSource {
		const widest = 48
		return terminal().Truncate(printable.Line(from.Quoted()), widest, "…")
	}
	return printable.Line(from.String())
}
