//go:build !linux

// Package ptytest gives tests a terminal.
package ptytest

import (
	"os"
	"testing"
)

// Open skips the test.
func Open(t *testing.T) (person, program *os.File) {
	t.Helper()
	t.Skip("pseudo terminals are opened here only under Linux")
	return nil, nil
}
