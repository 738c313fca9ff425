// Package stream splits a stream of manifests into its documents without
// losing a byte: concatenating the documents gives the input back, whatever
// stands between, before and behind the separators.
//
// A `---` at the beginning of a line separates wherever it stands, as YAML says
// (spec 1.2.2, 6.8 and 9.1.2, c-forbidden): a block scalar at column 0, a quoted
// scalar or a flow collection of several lines cannot hold one. Helm is broader:
// it cuts what templates print at every line that begins with three dashes, before
// any parser sees it, and puts separators of its own between the parts (helm 3.22
// and 4.3, SplitManifests in pkg/releaseutil and pkg/release/v1/util). So whatever
// Helm passes to a post-renderer is cut alike by both rules, and for what others
// pass YAML's is the one that the API server's clients go by: `---x` is content,
// and so is a `---` that is indented or glued to the end of a line.
//
// The stream is read into segments, which stay, so that a document costs no memory of its
// own. Nothing is copied but one that lies across two segments and is asked for as a whole.
package stream
