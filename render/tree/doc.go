// Package tree reads manifests as trees of YAML nodes and sees in them what the
// API server would: aliases followed, merge keys applied, the last of duplicate
// keys in force.
//
// The API server, Helm and kubectl read YAML through sigs.k8s.io/yaml, which
// stands on go.yaml.in/yaml/v2. There a merge key takes effect where it stands:
// keys behind it beat it, and it beats keys in front of it. (The YAML type
// repository would let explicit keys win always.)
package tree
