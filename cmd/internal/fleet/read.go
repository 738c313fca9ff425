package fleet

import (
	"fmt"
	"io"
	"os"
)

// maxFile is the size in bytes of the largest file that is read. Helm keeps values in
// the release, which has 1 MiB; this leaves room for everything but mistakes.
const maxFile = 64 << 20

// Read reads a file of values, or a manifest. The error names the file.
func Read(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() <= maxFile {
		return os.ReadFile(name) // it knows the size, and reads at once
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d MiB, which no values file and no manifest is", name, maxFile>>20)
	}
	return data, nil
}
