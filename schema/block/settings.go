package block

import (
	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// AppProxyUsername is the path of the username that charts from 0.24.4 on prefer to
// the block's, though they call it deprecated.
func AppProxyUsername() []string { return []string{"app-proxy", "config", "argoCdUsername"} }

// Settings reads what the values say beside the block.
func Settings(root *values.Value) auth.Settings {
	s := auth.Settings{AppProxyUsername: root.At(AppProxyUsername()...).Str()}
	if v := root.At("argo-cd", "enabled"); v != nil && v.Kind == values.Bool {
		bundled := v.Scalar.(bool)
		s.BundledArgoCD = &bundled
	}
	if v := root.At("gitops-operator", "enabled"); v != nil {
		off := v.Kind == values.Null || v.Kind == values.Bool && !v.Scalar.(bool)
		s.GitOpsOperatorDisabled = &off
	}
	return s
}
