package krm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

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

// Execute reads a ResourceList from in, lets f work on it, and writes it to out, after
// a failure too, with the results that explain it. The error is f's, or says that the
// list cannot be read or written; then nothing was written.
//
// It replaces kyaml's framework.Execute, which adds annotations to the items and takes
// empty ones away: here an item that f leaves alone is written as it was read. Linking
// the framework would also cost every start of the program 1.5 ms.
func Execute(f Function, in io.Reader, out io.Writer) error {
	list, err := read(in)
	if err != nil {
		return err
	}
	failed := f.Process(&list)
	if err := write(out, list); err != nil {
		return errors.Join(failed, fmt.Errorf("write the ResourceList: %w", err))
	}
	return failed
}

// maxList is how many bytes of a ResourceList are read: what never ends is none.
const maxList = 64 << 20

// read reads the one document of in. Windows line ends become plain ones, as in kyaml.
func read(in io.Reader) (List, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxList+1))
	switch {
	case err != nil:
		return List{}, fmt.Errorf("read the ResourceList: %w", err)
	case len(data) > maxList:
		return List{}, fmt.Errorf("the input is larger than %d MiB, which no ResourceList is", maxList>>20)
	}
	var documents []*yaml.Node
	for d := yaml.NewDecoder(strings.NewReader(strings.ReplaceAll(string(data), "\r\n", "\n"))); ; {
		var node yaml.Node
		if err := d.Decode(&node); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return List{}, errors.New("the input is not YAML, it must be a ResourceList") // the cause may quote it
		}
		documents = append(documents, &node)
	}
	none := fmt.Errorf("the input is no ResourceList of %s, as kustomize passes it to its functions", listAPIVersion)
	if len(documents) != 1 {
		return List{}, none
	}
	node := yaml.NewRNode(documents[0])
	if node.YNode().Kind != yaml.MappingNode || node.GetKind() != listKind {
		return List{}, none
	}
	list := List{apiVersion: node.GetApiVersion()}
	items, config := node.Field("items"), node.Field("functionConfig")
	if items == nil && config == nil {
		return List{}, none
	}
	if items != nil {
		for _, item := range items.Value.Content() {
			list.Items = append(list.Items, yaml.NewRNode(item))
		}
	}
	if config != nil {
		list.FunctionConfig = config.Value
	}
	return list, nil
}

// write writes the list in the version in which it came.
func write(out io.Writer, list List) error {
	items := &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range list.Items {
		items.Content = append(items.Content, item.YNode())
	}
	doc := struct {
		APIVersion     string     `yaml:"apiVersion"`
		Kind           string     `yaml:"kind"`
		Items          *yaml.Node `yaml:"items"`
		FunctionConfig *yaml.Node `yaml:"functionConfig,omitempty"`
		Results        []*Result  `yaml:"results,omitempty"`
	}{list.apiVersion, listKind, items, list.FunctionConfig.YNode(), list.Results}
	if len(items.Content) == 0 {
		items.Style = yaml.FlowStyle
	}
	var text bytes.Buffer
	if err := yaml.NewEncoder(&text).Encode(doc); err != nil {
		return err
	}
	_, err := text.WriteTo(out)
	return err
}
