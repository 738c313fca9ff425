package schema

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// appProxyUsername is the path of the username that charts from 0.24.4 on prefer to
// the block's, though they call it deprecated.
func appProxyUsername() []string { return []string{"app-proxy", "config", "argoCdUsername"} }

// settings reads what the values say beside the block, and warns of what gets in
// its way. In files that are not a Runtime's it says nothing.
func (r *run) settings(hasBlock bool) Settings {
	root := r.values.Root
	s := Settings{}
	s.BundledArgoCD = r.bundledArgoCD(hasBlock)
	if enabled := root.At("gitops-operator", "enabled"); enabled != nil {
		off := enabled.Kind == values.Null || enabled.Kind == values.Bool && !enabled.Scalar.(bool)
		s.GitOpsOperatorDisabled = &off
	}
	s.AppProxyUsername = root.At(appProxyUsername()...).Str()
	if hasBlock {
		r.envOverrides(root, nil)
	}
	return s
}
