package export

import (
	"bytes"
	"cmp"
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/render/emit"
)

// Header is the first line of every exported file. It tells them from files that are
// somebody's own.
const Header = "# Made by helm runtime-auth export; a new export overwrites it."

// secretFile is the file of the Secret that the post-renderer appended.
const secretFile = "secret.yaml"

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

// files collects the files of an export. After an error it takes no more.
type files struct {
	made []File
	err  error
}

// add adds a tree as YAML; the lines of note come as comments above it.
func (f *files) add(name string, root *yaml.Node, note ...string) {
	text, err := emit.YAML(root)
	if err != nil {
		f.err = cmp.Or(f.err, fmt.Errorf("write %s as YAML: %w", name, err))
		return
	}
	f.addText(name, text, note...)
}

// addText adds a text, which it searches for credentials.
func (f *files) addText(name string, text []byte, note ...string) {
	if f.err != nil {
		return
	}
	var b bytes.Buffer
	fmt.Fprintln(&b, Header)
	for _, line := range note {
		fmt.Fprintln(&b, "# "+line)
	}
	b.Write(bytes.TrimPrefix(text, []byte("\ufeff"))) // which may only stand first
	found, err := credentialIn(text)
	if err != nil {
		f.err = fmt.Errorf("search %s for credentials: %w", name, err)
	}
	f.made = append(f.made, File{Name: name, Data: b.Bytes(), Credential: found})
}

// addSecret adds the Secret that the post-renderer appended, if there is one.
func (f *files) addSecret(folder string, c Changes, note ...string) {
	if c.HasSecret() {
		f.add(folder+secretFile, c.secret, append([]string{"It holds a credential in plaintext."}, note...)...)
	}
}
