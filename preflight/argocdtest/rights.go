package argocdtest

import (
	"errors"

	"github.com/helm-runtime-auth/runtime-auth/preflight/rbac"
)

// allowed says whether the caller may do something (util/rbac/rbac.go, enforce). A
// policy that cannot be read is an error in the middle of the call.
func (c *call) allowed(resource, action, object string) (bool, error) {
	if c.opts.DisableAuth {
		return true, nil
	}
	if c.policy == nil {
		projects := rbac.Projects{}
		for name, p := range c.kept.Projects {
			projects[name] = map[string][]string{}
			for role, r := range p {
				projects[name][role] = r.Policies
			}
		}
		var err error
		if c.policy, err = rbac.Parse(c.kept.RBAC, projects); err != nil {
			if bad, ok := errors.AsType[*rbac.LineError](err); ok {
				err = refuse(internal, "error creating casbin enforcer: error loading policy line: invalid RBAC policy: %s", bad.Line)
			}
			return false, err
		}
	}
	return c.policy.Allows(c.caller.name(), resource, action, object), nil
}
