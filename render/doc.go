// Package render is the post-renderer: it reads the manifests that Helm made from
// the gitops-runtime chart, makes every service use the declared Argo CD
// credential, and leaves every other byte as it came.
//
// What already is right is not touched, so that the output of a run is its own
// fixed point, and a chart that wires its values correctly comes out unchanged.
// Whatever cannot be decided or done safely is an error, and then nothing is
// written.
package render
