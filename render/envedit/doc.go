// Package envedit changes the environment variables of containers in one YAML
// document. It splices bytes at the places where a parser found the nodes, so
// that everything but the touched entries stays as it is. What an alias or a
// merge key brings is written out for the container that changes, and for it
// alone. Only where the container itself holds what others have aliases of, or
// the layout is odd, the document is written anew. Either way the result is
// parsed again and compared with the change made on the tree: what comes out is
// what was asked for, or an error.
package envedit
