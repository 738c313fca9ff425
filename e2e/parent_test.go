//go:build e2e && linux

package e2e

import "syscall"

// dieWithParent ends a server also when the tests are killed outright.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
