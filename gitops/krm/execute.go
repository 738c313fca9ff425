package krm

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Execute reads a ResourceList from in, lets p work on it, and writes it to out, after
// a failure too, with the results that explain it. The error is p's, or says that the
// list cannot be read or written; then nothing was written.
//
// It stands in for framework.Execute, which adds annotations to the items and takes
// empty ones away: here an item that p leaves alone is written as it was read.
func Execute(p framework.ResourceListProcessor, in io.Reader, out io.Writer) error {
	r := kio.ByteReader{Reader: in, OmitReaderAnnotations: true}
	items, err := r.Read()
	switch {
	case err != nil:
		return errors.New("the input is not YAML, it must be a ResourceList") // the cause may quote it
	case r.WrappingKind != kio.ResourceListKind:
		return fmt.Errorf("the input is no ResourceList of %s, as kustomize passes it to its functions", kio.ResourceListAPIVersion)
	}
	list := framework.ResourceList{Items: items, FunctionConfig: r.FunctionConfig}
	failed := p.Process(&list)
	if err := write(out, r.WrappingAPIVersion, list); err != nil {
		return errors.Join(failed, fmt.Errorf("write the ResourceList: %w", err))
	}
	return failed
}

// write writes the list in the version in which it came.
func write(out io.Writer, apiVersion string, list framework.ResourceList) error {
	items := &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range list.Items {
		items.Content = append(items.Content, item.YNode())
	}
	doc := struct {
		APIVersion     string            `yaml:"apiVersion"`
		Kind           string            `yaml:"kind"`
		Items          *yaml.Node        `yaml:"items"`
		FunctionConfig *yaml.Node        `yaml:"functionConfig,omitempty"`
		Results        framework.Results `yaml:"results,omitempty"`
	}{apiVersion, kio.ResourceListKind, items, list.FunctionConfig.YNode(), list.Results}
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
