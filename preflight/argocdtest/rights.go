package argocdtest

import (
	"regexp"
	"strings"
)

// allowed says whether the caller may do something (util/rbac/rbac.go, enforce, and
// server/rbacpolicy/rbacpolicy.go, EnforceClaims).
func (c *call) allowed(resource, action, object string) (bool, error) {
	if c.opts.DisableAuth {
		return true, nil
	}
	subject, policy := c.caller.name(), c.kept.RBAC["policy.csv"]
	if project, _, ok := strings.Cut(object, "/"); ok {
		for _, role := range c.kept.Projects[project] {
			policy += "\n" + strings.Join(role.Policies, "\n")
		}
	}
	for _, who := range []string{c.kept.RBAC["policy.default"], subject} {
		if ok, err := evaluate(policy, who, resource, action, object); ok && who != "" || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// builtin are the rights of the roles that Argo CD brings (assets/builtin-policy.csv).
const builtin = `
p, role:readonly, *, get, *
p, role:admin, *, *, *
g, admin, role:admin
`

// evaluate applies a policy of Argo CD.
func evaluate(policy, subject, resource, action, object string) (bool, error) {
	subjects := map[string]bool{subject: true}
	var rules [][]string
	for line := range strings.Lines(builtin + policy) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, ",")
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		switch {
		case fields[0] == "g" && len(fields) == 3:
			if subjects[fields[1]] {
				subjects[fields[2]] = true
			}
		case fields[0] == "p" && len(fields) >= 5:
			rules = append(rules, fields[1:])
		default:
			return false, refuse(internal, "error creating casbin enforcer: error loading policy line: invalid RBAC policy: %s", line)
		}
	}
	allow := false
	for _, r := range rules {
		if subjects[r[0]] && glob(r[1], resource) && glob(r[2], action) && glob(r[3], object) {
			if len(r) > 4 && r[4] == "deny" {
				return false, nil
			}
			allow = true
		}
	}
	// The roles that are built in name */* for what is in a project.
	if strings.HasPrefix(subject, "role:") || subjects["role:admin"] || subjects["role:readonly"] {
		allow = allow && (resource != "applications" || strings.Contains(object, "/"))
	}
	return allow, nil
}

func glob(pattern, text string) bool {
	ok, _ := regexp.MatchString("^"+strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")+"$", text)
	return ok
}
