//go:build e2e && !linux

package e2e

import "syscall"

// dieWithParent is known to Linux alone.
func dieWithParent() *syscall.SysProcAttr { return nil }
