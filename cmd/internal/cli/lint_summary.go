package cli

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// runtimes counts Runtimes by how well they do.
type runtimes struct {
	clean, warned, broken int
	files                 int
	last                  string // file, of which several releases count once
}

// add counts a Runtime in a file; those of one file come one after the other.
func (c *runtimes) add(file string, ds []diag.Diagnostic) {
	if c.files == 0 || file != c.last {
		c.files, c.last = c.files+1, file
	}
	worst := diag.Info
	for _, d := range ds {
		worst = min(worst, d.Severity)
	}
	switch worst {
	case diag.Error:
		c.broken++
	case diag.Warning:
		c.warned++
	default:
		c.clean++
	}
}

// String returns "3 Runtimes in 2 files: 2 clean, 1 with errors".
func (c runtimes) String() string {
	total := c.clean + c.warned + c.broken
	if total == 0 {
		return "no Runtimes found"
	}
	var parts []string
	for _, p := range []struct {
		n    int
		name string
	}{{c.clean, "clean"}, {c.warned, "with warnings"}, {c.broken, "with errors"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.name))
		}
	}
	return fmt.Sprintf("%s in %s: %s", fleet.Count(total, "Runtime"), fleet.Count(c.files, "file"), strings.Join(parts, ", "))
}

// notes are remarks on releases that are no findings, each with how many releases it is
// about and the first of them: in a large repository it may be all.
type notes struct {
	order []string
	count map[string]int
	first map[string]string
}

// add makes a remark on a release.
func (n *notes) add(remark, release string) {
	if n.count[remark] == 0 {
		if n.count == nil {
			n.count, n.first = map[string]int{}, map[string]string{}
		}
		n.order = append(n.order, remark)
		n.first[remark] = release
	}
	n.count[remark]++
}

// lines returns the remarks for people.
func (n *notes) lines() []string {
	var lines []string
	for _, remark := range n.order {
		line := "note: " + printable.Line(n.first[remark]+": "+remark)
		if more := n.count[remark] - 1; more > 0 {
			line += fmt.Sprintf(" (and %d more like it)", more)
		}
		lines = append(lines, line)
	}
	return lines
}

// summarize says at the end what is no finding: what could not be looked into, and,
// where a folder was given, how its Runtimes do.
func (o *output) summarize() {
	for _, line := range o.elsewhere.lines() {
		fmt.Fprintln(o.env.Stderr, line)
	}
	if o.summary && o.format == "text" {
		fmt.Fprintln(o.env.Stderr, o.runtimes)
	}
}
