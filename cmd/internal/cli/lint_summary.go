package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// runtimes counts Runtimes by how well they do.
type runtimes struct {
	clean, warned, broken, partly int
}

// add counts a Runtime. partly is set if it is not known what it declares.
func (c *runtimes) add(ds []diag.Diagnostic, partly bool) {
	worst := diag.Info
	for _, d := range ds {
		worst = min(worst, d.Severity)
	}
	switch {
	case worst == diag.Error:
		c.broken++
	case worst == diag.Warning:
		c.warned++
	case partly:
		c.partly++
	default:
		c.clean++
	}
}

// String returns "3 Runtimes: 2 clean, 1 with errors", "" if there are none.
func (c runtimes) String() string {
	total := c.clean + c.warned + c.broken + c.partly
	if total == 0 {
		return ""
	}
	return fmt.Sprintf("%s: %s", fleet.Count(total, "Runtime"),
		counts(count{c.clean, "clean"}, count{c.warned, "with warnings"}, count{c.broken, "with errors"}, count{c.partly, "not read"}))
}

// count is how many there are of something.
type count struct {
	n    int
	what string
}

// counts lists what there is any of.
func counts(all ...count) string {
	var parts []string
	for _, c := range all {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(parts, ", ")
}

// search is what became of the files of a run.
type search struct {
	files, blocks, unread int
	runtimes              runtimes
	// empty holds the folders in which no auth block was found yet.
	empty []string
	// notRead holds what is not read, each with what it is.
	notRead []string
}

// add counts a file. hasBlock is set if it has an auth block, or what was meant for one.
func (s *search) add(f fleet.File, hasBlock, isRead bool) {
	s.files++
	switch {
	case hasBlock:
		s.blocks++
		s.empty = slices.DeleteFunc(s.empty, func(folder string) bool { return slices.Contains(f.Folders, folder) })
	case !isRead:
		s.unread++
	}
}

// String returns "12 files: 3 with an auth block, 9 without; 4 Runtimes: 4 clean".
func (s search) String() string {
	text := fleet.Count(s.files, "file") + ": "
	if s.blocks == 0 && s.unread == 0 {
		text += "no auth block"
	} else {
		text += counts(count{s.blocks, "with an auth block"}, count{s.files - s.blocks - s.unread, "without"}, count{s.unread, "not read"})
	}
	if all := s.runtimes.String(); all != "" {
		text += "; " + all
	}
	return text
}

// missing is the error for a search that must not come out empty; nil if it did not.
func (s search) missing() error {
	switch {
	case len(s.empty) > 0:
		return &exit.Error{Code: exit.Findings, Err: fmt.Errorf("no auth block in %s", strings.Join(s.empty, ", "))}
	case len(s.notRead) > 0:
		return &exit.Error{Code: exit.Findings, Err: errors.New("there are values that were not read"), Hint: "lint the values files themselves, or what renders them"}
	}
	return nil
}

// maxNotRead is how many of the places are named that are not read.
const maxNotRead = 20

// notReadLines returns those places for people.
func (s search) notReadLines() []string {
	var lines []string
	for i, place := range s.notRead {
		if i == maxNotRead {
			lines = append(lines, fmt.Sprintf("not read: %d more", len(s.notRead)-i))
			break
		}
		lines = append(lines, "not read: "+printable.Line(place))
	}
	return lines
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
// where files were searched for Runtimes, what they hold.
func (o *output) summarize() {
	for _, line := range slices.Concat(o.elsewhere.lines(), o.search.notReadLines()) {
		fmt.Fprintln(o.env.Stderr, line)
	}
	if o.summary && o.format == "text" {
		fmt.Fprintln(o.env.Stderr, o.search)
	}
}
