package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/count"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/fleet"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/printable"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

// search is what became of the files of a run, and of the Runtimes in them.
type search struct {
	files, blocks, unread         int // files with an auth block, and those that are not read
	clean, warned, broken, partly int // Runtimes; partly if it is not known what they declare
	// empty holds the folders in which no auth block was found yet.
	empty []string
	// notRead holds what is not read, each with what it is.
	notRead []string
	notes   []note
}

// note is a remark on releases that is no finding, with the first of those that it is
// about and how many more there are: in a large repository it may be all.
type note struct {
	first, text string
	more        int
}

// note makes a remark on a file or a release.
func (s *search) note(place, text string) {
	if i := slices.IndexFunc(s.notes, func(n note) bool { return n.text == text }); i >= 0 {
		s.notes[i].more++
		return
	}
	s.notes = append(s.notes, note{first: place, text: text})
}

// addFile counts a file. hasBlock is set if it has an auth block, or a slip for one.
func (s *search) addFile(f fleet.File, hasBlock, isRead bool) {
	switch {
	case hasBlock:
		s.blocks++
		s.empty = slices.DeleteFunc(s.empty, func(folder string) bool { return slices.Contains(f.Folders, folder) })
	case !isRead:
		s.unread++
	}
}

func (s *search) addNotRead(place, what string) {
	s.notRead = append(s.notRead, fmt.Sprintf("%s (%s)", place, what))
}

// addRuntime counts a Runtime. isPartly is set if it is not known what it declares.
func (s *search) addRuntime(ds []diag.Diagnostic, isPartly bool) {
	worst := diag.Info
	for _, d := range ds {
		worst = min(worst, d.Severity)
	}
	switch {
	case worst == diag.Error:
		s.broken++
	case worst == diag.Warning:
		s.warned++
	case isPartly:
		s.partly++
	default:
		s.clean++
	}
}

// String returns "12 files: 3 with an auth block, 9 without; 4 Runtimes: 4 clean".
func (s *search) String() string {
	text := count.Of(s.files, "file") + ": "
	if s.blocks == 0 && s.unread == 0 {
		text += "no auth block"
	} else {
		text += count.List(count.Are(s.blocks, "with an auth block"), count.Are(s.files-s.blocks-s.unread, "without"),
			count.Are(s.unread, "not read"))
	}
	if runtimes := s.clean + s.warned + s.broken + s.partly; runtimes > 0 {
		text += "; " + count.Of(runtimes, "Runtime") + ": " + count.List(count.Are(s.clean, "clean"),
			count.Are(s.warned, "with warnings"), count.Are(s.broken, "with errors"), count.Are(s.partly, "not read"))
	}
	return text
}

// missing is the error for a search that must not come out empty; nil if it did not.
func (s *search) missing() error {
	switch {
	case len(s.empty) > 0:
		return exit.Hinted(exit.Findings, "", "no auth block in %s", strings.Join(s.empty, ", "))
	case len(s.notRead) > 0:
		return exit.Hinted(exit.Findings, "lint the values files themselves, or what renders them",
			"there are values that were not read")
	}
	return nil
}

// printNotes says at the end what is no finding: what could not be looked into.
func (s *search) printNotes(w io.Writer) {
	for _, n := range s.notes {
		line := "note: " + printable.Line(n.first+": "+n.text)
		if n.more > 0 {
			line += fmt.Sprintf(" (and %d more like it)", n.more)
		}
		fmt.Fprintln(w, line)
	}
	const most = 20
	for _, place := range s.notRead[:min(most, len(s.notRead))] {
		fmt.Fprintln(w, "not read: "+printable.Line(place))
	}
	if more := len(s.notRead) - most; more > 0 {
		fmt.Fprintf(w, "not read: %d more\n", more)
	}
}
