package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/rewrite"
	"github.com/helm-runtime-auth/runtime-auth/gitops/export"
	"github.com/helm-runtime-auth/runtime-auth/render"
)

// application makes the Application and its folder, which holds the values.
func (x *exporter) application(c export.Changes, wired render.Report) ([]export.File, error) {
	given, _ := x.GivenValues()
	if given.IsEmpty() {
		return nil, exit.Usagef("--as application needs the values with -f or --set: they become a file of the folder")
	}
	isOne := len(given.Files) == 1
	given.Files = nil
	var err error
	if isOne && given.IsEmpty() {
		x.app.Values = x.Given.Files[0].Source.Text.Bytes() // as it is, comments and all
	} else if x.app.Values, err = yaml.Marshal(x.Given.Root.Data()); err != nil {
		return nil, err
	}
	if x.app.Chart.Version == "" {
		x.app.Chart.Version = wired.Chart.Version
	}
	files, err := export.Application(c, x.app)
	if err == nil {
		err = x.refuse(files) // the worse fault comes first
	}
	if err == nil && x.app.Chart.Version == "" {
		err = exit.Usagef("--as application needs --chart-version: the manifests do not tell")
	}
	return files, err
}

// refuse does not let a credential be written where it would be committed to git.
func (x *exporter) refuse(files []export.File) error {
	for _, f := range files {
		if f.Credential != "" && !x.includeCredentials {
			return plaintext(fmt.Errorf("%s: a credential is given in plaintext at %s, and this is a file for git", f.Name, f.Credential))
		}
	}
	return nil
}

// write writes the files into the folder, or as one stream. Of an Application in a
// folder the manifest itself, which is not part of the folder, goes to the stream, once
// the folder is there.
func (x *exporter) write(files []export.File) error {
	if err := x.refuse(files); err != nil {
		return err
	}
	switch {
	case x.output == "":
		return x.stream(files)
	case x.as != "application":
		return x.folder(files)
	}
	if err := x.folder(files[1:]); err != nil {
		return err
	}
	return x.stream(files[:1])
}

// folder writes the files into the folder. All are looked at before any is written: none
// may take the place of what the export reads or writes.
func (x *exporter) folder(files []export.File) error {
	old := make([][]byte, len(files))
	for i, f := range files {
		if err := x.CheckTarget(x.path(f)); err != nil {
			return exit.Hinted(exit.Usage, "choose another folder with --output",
				"--output: %q cannot be overwritten: %w", x.path(f), err)
		}
		data, err := input.File(x.path(f))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case !export.IsOurs(data) && !x.force:
			return exit.Hinted(exit.Failed, "choose another folder with --output, or overwrite it with --force",
				"%q is there, and no export has made it", x.path(f))
		default:
			old[i] = data
		}
	}
	for i, f := range files {
		if err := writeExport(x.path(f), old[i], f); err != nil {
			return err
		}
		if f.Credential != "" {
			if err := x.Say("warning: %q holds a credential in plaintext, keep it out of git", x.path(f)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *exporter) path(f export.File) string {
	return filepath.Join(x.output, filepath.FromSlash(f.Name))
}

// writeExport writes a file. One with a credential can be read by its owner alone.
func writeExport(name string, old []byte, f export.File) error {
	mode := fs.FileMode(0o644)
	if f.Credential != "" {
		mode = 0o600
	}
	if old != nil {
		if f.Credential != "" { // the new content keeps the permissions of the old one
			if err := os.Chmod(name, mode); err != nil {
				return err
			}
		}
		return rewrite.File(name, old, f.Data)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, f.Data, mode)
}

// stream writes the files as one stream of YAML documents.
func (x *exporter) stream(files []export.File) error {
	for i, f := range files {
		text := string(f.Data)
		if i > 0 {
			text = "---\n" + text
		}
		if _, err := fmt.Fprint(x.Stdout, text); err != nil {
			return exit.Failedf("cannot write the export: %w", err)
		}
		if f.Credential != "" {
			if err := x.Say("warning: the output holds a credential in plaintext, keep it out of git"); err != nil {
				return err
			}
		}
	}
	return nil
}
