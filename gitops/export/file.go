package export

import (
	"bytes"
	"fmt"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Header is the first line of every exported file. It tells them from files that are
// somebody's own.
const Header = "# Made by helm runtime-auth export; a new export overwrites it."

// File is one exported file.
type File struct {
	Name string // with slashes, relative to the folder of the export
	Data []byte
	// Secret is set where the file holds a credential.
	Secret bool
}

// IsOurs reports whether a file was exported before.
func IsOurs(data []byte) bool { return bytes.HasPrefix(data, []byte(Header)) }

// newFile writes v as YAML; the lines of note come as comments above it.
func newFile(name string, v any, note ...string) (File, error) {
	text, err := yaml.Marshal(v)
	if err != nil {
		return File{}, fmt.Errorf("write %s as YAML: %w", name, err)
	}
	return File{Name: name, Data: withHeader(text, note...)}, nil
}

func withHeader(text []byte, note ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, Header)
	for _, line := range note {
		fmt.Fprintln(&b, "# "+line)
	}
	b.Write(bytes.TrimPrefix(text, []byte("\ufeff"))) // which may only stand first
	return b.Bytes()
}
