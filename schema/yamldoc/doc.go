// Package yamldoc reads YAML documents. It finds the bytes of a node (Text): a parser
// says where one begins, as a line and a column in runes. It parses manifests within
// limits, and sees in their nodes what the API server would: aliases followed, merge
// keys applied, the last of duplicate keys in force. And it says what needs quotes.
//
// The API server, Helm and kubectl read YAML through sigs.k8s.io/yaml, which
// stands on go.yaml.in/yaml/v2. There a merge key takes effect where it stands:
// keys behind it beat it, and it beats keys in front of it. (The YAML type
// repository would let explicit keys win always.)
package yamldoc
