//go:build cluster

// Package fleet checks all Runtimes of a cluster. It finds them by the records that
// Helm keeps of what it has installed, and reads what the checks need across
// namespaces in pages instead of object by object, so that many Runtimes take few
// requests.
package fleet
