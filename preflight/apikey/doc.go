//go:build cluster

// Package apikey makes, lists and revokes the API keys with which a Runtime signs in
// to Argo CD, and writes them into Secrets. Its steps stand in an order in which no
// key is left behind that nobody knows of, and every session that it opens is ended.
// No error and no formatting of a result quotes a credential.
package apikey
