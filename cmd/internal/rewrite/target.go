package rewrite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Streams are the standard streams of a program. Those that are no *os.File are nothing
// that a name could lead to.
type Streams struct{ In, Out, Err any }

// CheckTarget returns an error that says why a file of this name must not be written,
// whatever links lead to it: it is one of the streams, an input, a device, or a folder.
// The inputs are names of files; a folder stands for everything in it. Names that lead
// nowhere are not looked at, and pipes may be written to.
func CheckTarget(name string, streams Streams, inputs []string) error {
	if name == "-" {
		return errors.New("it would be standard output")
	}
	target, err := os.Stat(name)
	if err != nil {
		return nil // it is new, or writing it fails in the end
	}
	for _, s := range []struct {
		stream any
		is     string
	}{{streams.Out, "it is standard output"}, {streams.In, "it is standard input"}, {streams.Err, "it is standard error"}} {
		if f, ok := s.stream.(*os.File); ok {
			if info, err := f.Stat(); err == nil && os.SameFile(info, target) {
				return errors.New(s.is)
			}
		}
	}
	switch mode := target.Mode(); {
	case mode.IsDir():
		return errors.New("it is a folder")
	case mode&fs.ModeNamedPipe == 0 && !mode.IsRegular():
		return errors.New("it is a device")
	}
	for _, input := range inputs {
		if isIn(name, target, input) {
			return errors.New("it is an input")
		}
	}
	return nil
}

// isIn reports whether a name leads to an input, or into it where that is a folder.
func isIn(name string, target fs.FileInfo, input string) bool {
	info, err := os.Stat(input)
	if err != nil {
		return false // reading it fails
	}
	if !info.IsDir() {
		return os.SameFile(info, target)
	}
	path, err := filepath.Abs(name)
	if resolved, linkErr := filepath.EvalSymlinks(path); linkErr == nil {
		path = resolved
	}
	for err == nil && path != filepath.Dir(path) {
		path = filepath.Dir(path)
		if folder, err := os.Stat(path); err == nil && os.SameFile(info, folder) {
			return true
		}
	}
	return false
}
