// Package schema knows the auth block of the Codefresh GitOps Runtime chart: its
// JSON schema, what its fields mean together, and how to say what is wrong with it.
package schema
