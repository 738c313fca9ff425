// Package rewrite replaces the content of a file so that at every moment either the
// old or the new content is there as a whole, whatever happens to the program or the
// machine.
package rewrite

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrChanged says that a file is not what it was when it was read. Somebody else is at
// work on it, and their work must not be lost.
var ErrChanged = errors.New("the file has changed since it was read")

// File replaces the content of the named file by data. old is what was read from it:
// if it holds anything else by now, the error is ErrChanged. The file keeps its
// permissions and its owner, or else it stays as it is and the error says why. Where
// name is a symbolic link, the file that it leads to is replaced and the link stays.
// What the file cannot keep are hard links and extended attributes, because the new
// content comes as a new file that takes the old one's place.
func File(name string, old, data []byte) error {
	if err := replace(name, old, data); err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	return nil
}

func replace(name string, old, data []byte) error {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	if err := unchanged(target, old); err != nil {
		return err
	}
	temp, err := written(filepath.Dir(target), info, data)
	if err != nil {
		return err
	}
	// Writing may have taken a while. What remains is the moment until the rename.
	if err := unchanged(target, old); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if err := os.Rename(temp, target); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	syncDir(filepath.Dir(target))
	return nil
}

// unchanged opens the file as if to write into it, so that one that is write-protected
// is left alone though its folder would let us replace it.
func unchanged(target string, old []byte) error {
	f, err := os.OpenFile(target, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	now, err := io.ReadAll(io.LimitReader(f, int64(len(old))+1)) // one byte more would be too many
	if err != nil {
		return err
	}
	if !bytes.Equal(now, old) {
		return ErrChanged
	}
	return nil
}

// written puts data into a new file beside the old one and returns its name. The
// file is on the disk when it returns, and is gone if there is an error.
func written(dir string, like fs.FileInfo, data []byte) (name string, err error) {
	f, err := os.CreateTemp(dir, ".runtime-auth-*")
	if err != nil {
		return "", err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	// The owner first, because changing it takes some permissions away. The content
	// last, so that nobody can read it who could not read the old one.
	if err := keepOwner(f, like); err != nil {
		return "", err
	}
	if err := f.Chmod(like.Mode()); err != nil {
		return "", err
	}
	if _, err := f.Write(data); err != nil {
		return "", err
	}
	return f.Name(), f.Sync()
}
