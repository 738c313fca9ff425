//go:build !unix

package rewrite

import (
	"io/fs"
	"os"
)

// keepOwner does nothing: a new file here has the rights of its folder.
func keepOwner(*os.File, fs.FileInfo) error { return nil }

// syncDir does nothing: folders cannot be synced here.
func syncDir(string) {}
