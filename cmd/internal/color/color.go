// Package color decides whether what is printed may have colours.
package color

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Enabled reports whether to use colours on w: where it is a terminal, unless the
// environment says otherwise in the way of no-color.org, force-color.org and
// TERM=dumb. never is the user's own --no-color, which beats them all.
func Enabled(w io.Writer, getenv func(string) string, never bool) bool {
	switch {
	case never || getenv("NO_COLOR") != "":
		return false
	case getenv("FORCE_COLOR") != "":
		return true
	case getenv("TERM") == "dumb":
		return false
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
