package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/exit"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/rewrite"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/valuesflag"
	"github.com/helm-runtime-auth/runtime-auth/gitops/export"
	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// application makes the Application and its folder, which holds the values.
func (x *exporter) application(c export.Changes, wired render.Report) ([]export.File, error) {
	given, _ := x.GivenValues()
	if given.IsEmpty() {
		return nil, exit.Usagef("--as application needs the values with -f or --set: they become a file of the folder")
	}
	loaded, broken, err := valuesflag.Load(given, nil)
	switch {
	case err != nil:
		return nil, err
	case broken != nil:
		return nil, errors.New("the values do not parse any more")
	}
	name := credentialIn(loaded.Root)
	if name != "" && !x.includeCredentials {
		refused := *exit.As(plaintext())
		refused.Err = fmt.Errorf("%s is given in plaintext, and the values would be a file in git", name)
		return nil, &refused
	}
	if x.app.Values, err = oneFile(&given, loaded); err != nil {
		return nil, err
	}
	if x.app.Chart.Version == "" {
		x.app.Chart.Version = wired.Chart.Version
	}
	if x.app.Chart.Version == "" {
		return nil, exit.Usagef("--as application needs --chart-version: the manifests do not tell")
	}
	x.app.HasCredential = name != ""
	return export.Application(c, x.app)
}

// credentialIn returns the path of a credential that stands in the values: of the auth
// block, or the token of the Runtime itself.
func credentialIn(root *values.Value) string {
	for _, path := range [][]string{
		{"global", "external-argo-cd", "auth", "token"},
		{"global", "external-argo-cd", "auth", "password"},
		{"global", "integrations", "argo-cd", "server", "auth", "token"},
		{"global", "integrations", "argo-cd", "server", "auth", "password"},
		{"global", "codefresh", "userToken", "token"},
	} {
		if !root.At(path...).IsUnset() {
			return strings.Join(path, ".")
		}
	}
	return ""
}

// oneFile returns the values as one file: the very one that was given, or what several
// of them and the flags come to.
func oneFile(o *values.Options, loaded *values.Values) ([]byte, error) {
	given := *o
	given.Files = nil
	if len(o.Files) == 1 && given.IsEmpty() {
		return os.ReadFile(o.Files[0])
	}
	return yaml.Marshal(loaded.Root.Data())
}

// write writes the files into the folder, or as one stream. Of an Application in a
// folder the manifest itself, which is not part of the folder, goes to the stream.
func (x *exporter) write(files []export.File) error {
	if x.output == "" {
		return x.stream(files)
	}
	if x.as == "application" {
		if err := x.stream(files[:1]); err != nil {
			return err
		}
		files = files[1:]
	}
	// All are looked at before any is written.
	old := make([][]byte, len(files))
	for i, f := range files {
		data, err := os.ReadFile(x.path(f))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return exit.Failedf("%w", err)
		case !export.IsOurs(data) && !x.force:
			return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("%q is there, and no export has made it", x.path(f)),
				Hint: "choose another folder with --output, or overwrite it with --force"}
		default:
			old[i] = data
		}
	}
	for i, f := range files {
		if err := writeExport(x.path(f), old[i], f); err != nil {
			return exit.Failedf("%w", err)
		}
		if f.Secret {
			x.say("warning: %q holds a credential in plaintext, keep it out of git", x.path(f))
		}
	}
	return nil
}

func (x *exporter) path(f export.File) string {
	return filepath.Join(x.output, filepath.FromSlash(f.Name))
}

// writeExport writes a file. One with a credential can be read by its owner alone.
func writeExport(name string, old []byte, f export.File) error {
	if old != nil {
		return rewrite.File(name, old, f.Data)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if f.Secret {
		mode = 0o600
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
		if _, err := fmt.Fprint(x.env.Stdout, text); err != nil {
			return exit.Failedf("cannot write the export: %w", err)
		}
		if f.Secret {
			x.say("warning: the output holds a credential in plaintext, keep it out of git")
		}
	}
	return nil
}
