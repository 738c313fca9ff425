//go:build cluster

// Package preflight tells, before anything is installed, whether the credential
// that values declare will work: whether the Secret is there, whether what it holds
// is a credential, and whether the Argo CD beside it would accept it. It reads and
// never writes; no result quotes a credential.
package preflight
