package helm

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// Private is a folder that nobody else can look into, for what helm and the
// post-renderer are to read. It is made when it is first needed. Its methods can be
// called from several goroutines.
type Private struct {
	mu     sync.Mutex
	dir    string
	closed bool
}

// Write keeps data in a new file and returns its path.
func (p *Private) Write(name string, data []byte) (string, error) {
	path, err := p.Folder()
	if err != nil {
		return "", err
	}
	path = filepath.Join(path, name)
	return path, os.WriteFile(path, data, 0o600)
}

// Folder makes a new folder and returns its path.
func (p *Private) Folder() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return "", errors.New("interrupted")
	}
	if p.dir == "" {
		dir, err := os.MkdirTemp("", "runtime-auth-")
		if err != nil {
			return "", err
		}
		p.dir = dir
	}
	return os.MkdirTemp(p.dir, "")
}

// Remove removes the folder, for good.
func (p *Private) Remove() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.dir == "" {
		return nil
	}
	return os.RemoveAll(p.dir)
}
