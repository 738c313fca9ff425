//go:build unix && !linux

package cli_test

import (
	"os"
	"testing"
)

func openTerminal(t *testing.T) (person, program *os.File) {
	t.Skip("pseudo terminals are opened here only under Linux")
	return nil, nil
}
