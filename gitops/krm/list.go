// Package krm is the post-renderer as a function of the Kubernetes Resource Model: a
// ResourceList comes in, and goes out with the Argo CD credential wired into its items.
// The protocol is that of kustomize, kpt and their kin
// (https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md).
//
// The wiring is package render's: the items are passed through it as a stream of
// manifests, and what it did not touch stays the very node that was read.
package krm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// What a list is called (kyaml, kio.ResourceListKind and kio.ResourceListAPIVersion).
const (
	listKind       = "ResourceList"
	listAPIVersion = "config.kubernetes.io/v1"
)

// List is a ResourceList: what a function reads and writes.
type List struct {
	Items          []*yaml.RNode
	FunctionConfig *yaml.RNode
	Results        []*Result
	apiVersion     string
}

// Execute reads a ResourceList from in, wires its items, and writes it to out, after a
// failure too, with the results that explain it. The error is Process's, or says that the
// list cannot be read or written; then nothing was written.
//
// It replaces kyaml's framework.Execute, which adds annotations to the items and takes
// empty ones away: here an item that is left alone is written as it was read. Linking
// the framework would also cost every start of the program 1.5 ms.
func Execute(ctx context.Context, now time.Time, in io.Reader, out io.Writer) error {
	list, err := read(in)
	if err != nil {
		return err
	}
	failed := list.Process(ctx, now)
	if err := list.write(out); err != nil {
		return errors.Join(failed, fmt.Errorf("write the ResourceList: %w", err))
	}
	return failed
}

// maxList is how many bytes of a ResourceList are read: what never ends is none.
const maxList = 64 << 20

// read reads the one document of in. Windows line ends become plain ones, as in kyaml.
func read(in io.Reader) (*List, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxList+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the ResourceList: %w", err)
	case len(data) > maxList:
		return nil, fmt.Errorf("the input is larger than %d MiB, which no ResourceList is", maxList>>20)
	}
	var documents []*yaml.Node
	for d := yaml.NewDecoder(bytes.NewReader(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))); ; {
		var node yaml.Node
		if err := d.Decode(&node); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, errors.New("the input is not YAML, it must be a ResourceList") // the cause may quote it
		}
		documents = append(documents, &node)
	}
	if len(documents) == 1 {
		root := yaml.NewRNode(documents[0])
		items, config := fieldOf(root.YNode(), "items"), fieldOf(root.YNode(), "functionConfig")
		if root.YNode().Kind == yaml.MappingNode && root.GetKind() == listKind && (items != nil || config != nil) {
			list := &List{apiVersion: root.GetApiVersion(), FunctionConfig: yaml.NewRNode(config)}
			if items != nil {
				for _, item := range items.Content {
					list.Items = append(list.Items, yaml.NewRNode(item))
				}
			}
			return list, nil
		}
	}
	return nil, fmt.Errorf("the input is no ResourceList of %s, as kustomize passes it to its functions", listAPIVersion)
}

// write writes the list in the version in which it came.
func (l *List) write(out io.Writer) error {
	items := &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range l.Items {
		items.Content = append(items.Content, item.YNode())
	}
	var text bytes.Buffer
	err := yaml.NewEncoder(&text).Encode(struct {
		APIVersion     string     `yaml:"apiVersion"`
		Kind           string     `yaml:"kind"`
		Items          *yaml.Node `yaml:"items"`
		FunctionConfig *yaml.Node `yaml:"functionConfig,omitempty"`
		Results        []*Result  `yaml:"results,omitempty"`
	}{l.apiVersion, listKind, items, l.FunctionConfig.YNode(), l.Results})
	if err != nil {
		return err
	}
	_, err = text.WriteTo(out)
	return err
}
