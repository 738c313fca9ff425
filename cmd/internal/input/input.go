// Package input reads what a command line names: files, and also pipes and devices, which
// may never end.
package input

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

// MaxSize is how many bytes are read of one input. Helm keeps the values in the release,
// for which Kubernetes has 1 MiB; this leaves room for everything but mistakes.
const MaxSize = 16 << 20

// ErrTooLarge says that an input has more than MaxSize bytes.
var ErrTooLarge = errors.New("larger than 16 MiB, which no values file and no manifest is")

// Error says which file cannot be read. It is a *fs.PathError without the name of the
// system call in its message.
type Error struct{ *fs.PathError }

// Error returns the name and the cause.
func (e *Error) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns the error as the file system made it.
func (e *Error) Unwrap() error { return e.PathError }

// File returns the content of a file. It waits for whoever writes a pipe, and for nobody
// else: a signal ends the program as usual. The error is an *Error. With ErrTooLarge,
// data is how the file begins.
func File(name string) (data []byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, wrap(name, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() <= MaxSize {
		data = make([]byte, 0, info.Size()+1) // so that the end is seen without another page
	}
	return read(name, f, data)
}

// Stdin is what findings and errors call standard input.
const Stdin = "<stdin>"

// IsStdin reports whether Helm takes the name of a values file for standard input.
func IsStdin(name string) bool { return strings.TrimSpace(name) == "-" }

// Shown returns what findings call the file of an argument.
func Shown(name string) string {
	if name == "-" {
		return Stdin
	}
	return name
}

// Named is File, and for the name - it is Reader of stdin.
func Named(name string, stdin io.Reader) (data []byte, err error) {
	if name == "-" {
		return Reader(Stdin, stdin)
	}
	return File(name)
}

// Reader returns what r has to its end. name is what the error calls it; otherwise it is
// like File.
func Reader(name string, r io.Reader) (data []byte, err error) { return read(name, r, nil) }

// read appends to data, which is empty, what r has.
func read(name string, r io.Reader, data []byte) ([]byte, error) {
	for {
		if len(data) == cap(data) {
			data = append(data, make([]byte, max(len(data), 4096))...)[:len(data)]
		}
		n, err := r.Read(data[len(data):min(cap(data), MaxSize+1)])
		data = data[:len(data)+n]
		switch {
		case len(data) > MaxSize:
			return data[:MaxSize], wrap(name, ErrTooLarge)
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return data, wrap(name, err)
		}
	}
}

func wrap(name string, err error) error {
	return &Error{&fs.PathError{Op: "read", Path: name, Err: Cause(err)}}
}

// Cause returns what is wrong with a file, without its name, which may be one that nobody
// has heard of.
func Cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}
