// Package envedit changes the environment variables of containers in the tree of a YAML
// document, and leaves the bytes to package edit. What an alias or a merge key brings is
// written out for the container that changes, and for it alone. Only where the container
// itself holds what others have aliases of, the document is written anew.
package envedit
