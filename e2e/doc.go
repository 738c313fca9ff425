// Package e2e runs the programs, and the real Helm 3 and Helm 4, against a real
// Kubernetes API server: make e2e. No controller runs behind it, so nothing becomes
// ready and no hook is executed.
package e2e
