// Package stream splits a stream of manifests into its documents without
// losing a byte: concatenating the documents gives the input back, whatever
// stands between, before and behind the separators.
package stream
