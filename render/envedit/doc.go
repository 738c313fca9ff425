// Package envedit changes the environment variables of containers in one YAML
// document. It splices bytes at the places where a parser found the nodes, so
// that everything but the touched entries stays as it is; where that cannot be
// done (aliases, anchors that others use, odd layouts) it writes the document
// anew. Either way the result is parsed again and compared with the change made
// on the tree: what comes out is what was asked for, or an error.
package envedit
