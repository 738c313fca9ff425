package schema

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// settings reads what the values say beside the block, and warns of what gets in
// its way. In files that are not a Runtime's it says nothing.
func (r *run) settings(hasBlock bool) Settings {
	root := r.values.Root
	s := Settings{}
	s.BundledArgoCD = r.bundledArgoCD(hasBlock)
	if enabled := root.At("gitops-operator", "enabled"); enabled != nil && enabled.Kind == values.Bool {
		s.GitOpsOperatorDisabled = !enabled.Scalar.(bool)
	}
	if hasBlock {
		r.envOverrides(root, nil)
	}
	return s
}
