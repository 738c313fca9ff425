package krm

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/helm-runtime-auth/runtime-auth/render"
	"github.com/helm-runtime-auth/runtime-auth/render/emit"
	"github.com/helm-runtime-auth/runtime-auth/render/stream"
	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// Process wires the items of the list by its functionConfig. What was done and what is
// worth knowing goes into its results. Where the error is not nil one of those has the
// severity error, none other has, and the list holds no items and no functionConfig:
// whoever goes on all the same has nothing to apply, and whoever logs it no credential.
// The error holds no credential. It is a *ConfigError, a *render.Error, or says that the
// items cannot be passed on. The expiry of tokens is held against now; where that is zero
// no token counts as expired.
func (l *List) Process(ctx context.Context, now time.Time) error {
	err := l.wire(ctx, now)
	if err != nil {
		l.Items, l.FunctionConfig = nil, nil // which may hold a credential
		l.Results = append(l.Results, failure(err)...)
	}
	return err
}

func (l *List) wire(ctx context.Context, now time.Time) error {
	c, err := readConfig(l.FunctionConfig.YNode(), now)
	if err != nil {
		return err
	}
	l.Results = append(l.Results, findings(c.found)...)
	items, err := withoutAliases(l.Items)
	if err != nil {
		return err
	}
	in, err := toStream(items)
	if err != nil {
		return err
	}
	c.options.Now = now
	var out bytes.Buffer
	report, err := render.Run(ctx, &c.settings, bytes.NewReader(in), &out, c.options)
	if err != nil {
		return err
	}
	if l.Items, err = takeBack(items, in, out.Bytes()); err != nil {
		return err
	}
	l.Results = append(l.Results, findings(report.Warnings)...)
	l.Results = append(l.Results, wired(report, l.Items)...)
	return nil
}

// withoutAliases writes out what aliases stand for, because they may lead from one
// item into another. Items without any stay the nodes that they are.
func withoutAliases(items []*yaml.RNode) ([]*yaml.RNode, error) {
	if !slices.ContainsFunc(items, func(n *yaml.RNode) bool { return hasAlias(n.YNode()) }) {
		return items, nil
	}
	// All of them: an item that lends its anchor must not keep it.
	out := make([]*yaml.RNode, len(items))
	for i, item := range items {
		node, err := yamldoc.Expand(emit.FromKyaml(item.YNode()))
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i+1, err)
		}
		out[i] = yaml.NewRNode(emit.ToKyaml(node))
	}
	return out, nil
}

func hasAlias(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || slices.ContainsFunc(n.Content, hasAlias)
}

// toStream writes every item as a document.
func toStream(items []*yaml.RNode) ([]byte, error) {
	var b bytes.Buffer
	for i, item := range items {
		if item.YNode().Kind != yaml.MappingNode {
			return nil, fmt.Errorf("item %d is no object", i+1)
		}
		text, err := item.String()
		if err != nil {
			return nil, fmt.Errorf("item %d cannot be written as YAML", i+1) // the cause may quote it
		}
		b.WriteString("---\n" + text)
	}
	return b.Bytes(), nil
}

// takeBack returns the items with those replaced that the stream now says otherwise,
// and what was appended to it.
func takeBack(items []*yaml.RNode, before, after []byte) ([]*yaml.RNode, error) {
	old, edited := stream.Split(before), stream.Split(after)
	if len(old) != len(items) || len(edited) < len(old) {
		return nil, fmt.Errorf("%d items became %d and then %d documents", len(items), len(old), len(edited))
	}
	out := make([]*yaml.RNode, len(edited))
	copy(out, items)
	for i, text := range edited {
		if i < len(old) && bytes.Equal(text, old[i]) {
			continue
		}
		item, err := yaml.Parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("document %d of the result is not YAML", i+1) // the cause may quote it
		}
		out[i] = item
	}
	return out, nil
}
