package postrender

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/report"
	"github.com/helm-runtime-auth/runtime-auth/render"
)

// checkReport refuses a report that would take the place of what the run reads or writes.
// It has to be asked before anything is read, and then none is written after the refusal.
func (r *renderer) checkReport() error {
	if r.reportFile == "" {
		return nil
	}
	if err := r.CheckTarget(r.reportFile); err != nil {
		name := r.reportFile
		r.reportFile = ""
		return exit.Hinted(exit.Usage, "choose another file", "--report: %q cannot be the report: %w", name, err)
	}
	return nil
}

// writeReport writes what --report asks for: the plan as JSON. It is written after a
// failure too, so that no report of an earlier run is taken for this one's.
func (r *renderer) writeReport(wired render.Report, err error) error {
	if r.reportFile == "" {
		return nil
	}
	var data bytes.Buffer
	writeErr := report.PlanJSON(&data, report.NewPlan(wired, r.Found, err))
	if writeErr == nil {
		writeErr = writeWhole(r.reportFile, data.Bytes())
	}
	if writeErr != nil {
		return exit.Failedf("cannot write the report %q: %w", r.reportFile, input.Cause(writeErr))
	}
	return nil
}

// writeWhole makes data the content of a file so that nobody ever reads half of it: as
// a new file that takes the old one's place, with its permissions. What is no file,
// such as a pipe or a terminal, is written to as it is.
func writeWhole(name string, data []byte) error {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target // so that a link stays one
	}
	info, err := os.Lstat(name)
	isNew := errors.Is(err, fs.ErrNotExist)
	switch {
	case isNew:
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return os.WriteFile(name, data, 0o644)
	}
	temp := filepath.Join(filepath.Dir(name), ".runtime-auth-"+rand.Text())
	err = os.WriteFile(temp, data, 0o644)
	if err == nil && !isNew {
		err = os.Chmod(temp, info.Mode().Perm())
	}
	if err == nil {
		err = os.Rename(temp, name)
	}
	if err != nil {
		_ = os.Remove(temp) // there may be none
	}
	return err
}
