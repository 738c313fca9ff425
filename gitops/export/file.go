package export

import (
	"bytes"
	"fmt"
	"github.com/helm-runtime-auth/runtime-auth/render/emit"
)

// Header is the first line of every exported file. It tells them from files that are
// somebody's own.
const Header = "# Made by helm runtime-auth export; a new export overwrites it."

// File is one exported file.
type File struct {
	Name string // with slashes, relative to the folder of the export
	Data []byte
	// Credential says where in the file a credential stands in plaintext: the path of
	// a field, or "line N" for a comment, in which the Header is not counted; "" if there
	// is none.
	Credential string
}

// IsOurs reports whether a file was exported before.
func IsOurs(data []byte) bool { return bytes.HasPrefix(data, []byte(Header)) }

// FileNames returns the names that the files of an export may have: of an engine, and for
// argocd of what is made, the Application itself excepted, which is part of no folder.
func FileNames(engine, as string) []string {
	switch {
	case engine == "flux":
		return []string{"post-renderers.yaml", secretFile}
	case as == "plugin":
		return []string{"kustomization.yaml", "plugin.yaml"}
	case as == "application":
		return []string{"kustomization.yaml", "values.yaml", "runtime-auth/kustomization.yaml", "runtime-auth/" + secretFile}
	}
	return []string{"kustomization.yaml", secretFile}
}

// newFile writes v as YAML; the lines of note come as comments above it.
func newFile(name string, v any, note ...string) (File, error) {
	text, err := emit.YAML(v)
	if err != nil {
		return File{}, fmt.Errorf("write %s as YAML: %w", name, err)
	}
	return fileOf(name, text, note...)
}

// fileOf returns a file of that text, which was searched for credentials.
func fileOf(name string, text []byte, note ...string) (File, error) {
	var b bytes.Buffer
	fmt.Fprintln(&b, Header)
	for _, line := range note {
		fmt.Fprintln(&b, "# "+line)
	}
	b.Write(bytes.TrimPrefix(text, []byte("\ufeff"))) // which may only stand first
	found, err := credentialIn(text)
	if err != nil {
		return File{}, fmt.Errorf("search %s for credentials: %w", name, err)
	}
	return File{Name: name, Data: b.Bytes(), Credential: found}, nil
}
