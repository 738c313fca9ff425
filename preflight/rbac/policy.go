// Package rbac tells what a policy of Argo CD allows: it reads the ConfigMap
// argocd-rbac-cm as argocd-server does, with the library that argocd-server uses.
//
// Where a comment names a file, it is one of github.com/argoproj/argo-cd/v3 at v3.5.1.
package rbac

import (
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"github.com/casbin/casbin/v2/util"
	"github.com/gobwas/glob"
	"sigs.k8s.io/yaml"
)

// ConfigMap is where Argo CD keeps its policy; without it, the built-in one is in force.
const ConfigMap = "argocd-rbac-cm"

// The keys of the ConfigMap (util/rbac/rbac.go). Lines of policy.csv are continued in
// every other policy.NAME.csv.
const (
	keyPolicy    = "policy.csv"
	keyDefault   = "policy.default"
	keyMatchMode = "policy.matchMode"
	keyScopes    = "scopes"
	modeRegex    = "regex"
)

// rules is Argo CD's model (assets/model.conf) in casbin's language: a request is allowed
// by a line that allows it, unless another one denies it.
const rules = `
[request_definition]
r = sub, res, act, obj
[policy_definition]
p = sub, res, act, obj, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = g(r.sub, p.sub) && match(r.res, p.res) && match(r.act, p.act) && match(r.obj, p.obj)
`

// LineError is the error for a line of a policy that Argo CD cannot read. While it is
// there, Argo CD answers 500 whenever it has to look up a right, and an argocd-server that
// starts ends itself (recorded on 3.5.1; server/server.go, rbacPolicyLoader).
type LineError struct{ Line string }

// Error quotes the line.
func (e *LineError) Error() string { return fmt.Sprintf("invalid policy line %q", e.Line) }

// Policy is what accounts, roles and projects may do.
type Policy struct {
	data        map[string]string
	defaultRole string
	general     *casbin.Enforcer
	projects    map[string]*casbin.Enforcer
}

// Projects holds the policies of AppProjects: project, role, lines.
type Projects map[string]map[string][]string

// Parse reads the data of argocd-rbac-cm; nil where there is no such ConfigMap. projects
// may be nil where nobody asks for what their roles may do. The error is a *LineError, or
// says that the scopes are no list; scopes themselves do not matter to local accounts,
// whose tokens claim no groups.
func Parse(data map[string]string, projects Projects) (*Policy, error) {
	var scopes []string
	if err := yaml.Unmarshal([]byte(data[keyScopes]), &scopes); err != nil {
		return nil, fmt.Errorf("%s is not a list of names", keyScopes)
	}
	match := globMatch
	if data[keyMatchMode] == modeRegex {
		match = util.RegexMatchFunc
	}
	lines := append(builtIn(), strings.Split(policy(data), "\n")...)
	p := &Policy{data: data, defaultRole: data[keyDefault], projects: map[string]*casbin.Enforcer{}}
	var err error
	if p.general, err = enforcer(lines, match); err != nil {
		return nil, err
	}
	for name, roles := range projects {
		own := slices.Clone(lines)
		for role, policies := range roles {
			own = append(append(own, fmt.Sprintf("p, proj:%s:%s, projects, get, %[1]s, allow", name, role)), policies...)
		}
		// A project's unreadable policy counts as none (tryGetCasbinEnforcer).
		if e, err := enforcer(own, match); err == nil {
			p.projects[name] = e
		}
	}
	return p, nil
}

// policy joins the lines of the ConfigMap: those of policy.csv first.
func policy(data map[string]string) string {
	all := []string{data[keyPolicy]}
	for _, key := range slices.Sorted(maps.Keys(data)) {
		if key != keyPolicy && strings.HasPrefix(key, "policy.") && strings.HasSuffix(key, ".csv") {
			all = append(all, data[key])
		}
	}
	return strings.Join(all, "\n")
}

func enforcer(lines []string, match func(...any) (any, error)) (*casbin.Enforcer, error) {
	m, err := model.NewModelFromString(rules)
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		if err := add(m, strings.TrimSpace(line)); err != nil {
			return nil, err
		}
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, err
	}
	e.AddFunction("match", match)
	return e, e.BuildRoleLinks()
}

// add reads one line (loadPolicyLine). Each is a CSV file by itself, so that quotes end
// with it.
func add(m model.Model, line string) error {
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	r := csv.NewReader(strings.NewReader(line))
	r.TrimLeadingSpace = true
	fields, err := r.Read()
	kind := strings.Join(fields[:min(1, len(fields))], "")
	switch {
	case err != nil, kind == "", kind == "p" && len(fields) != 6, kind == "g" && len(fields) != 3, m[kind[:1]][kind] == nil:
		return &LineError{line}
	}
	return m.AddPolicy(kind[:1], kind, fields[1:])
}

// globMatch is how a line matches unless the mode is regex; a bad pattern matches nothing
// (util/glob/glob.go). An asterisk stands for slashes too.
func globMatch(args ...any) (any, error) {
	if len(args) != 2 {
		return false, nil
	}
	text, _ := args[0].(string)
	pattern, _ := args[1].(string)
	g, err := glob.Compile(pattern)
	return err == nil && g.Match(text), nil
}

// Allows reports whether a subject may do something: an account by its name, a project's
// token as proj:PROJECT:ROLE, somebody who is not signed in as "". What an account may do
// to itself by being itself is not in the answer (server/account/account.go).
func (p *Policy) Allows(subject, resource, action, object string) bool {
	may := func(e *casbin.Enforcer, subject string) bool {
		ok, err := e.Enforce(subject, resource, action, object)
		return ok && err == nil // an error, as for a bad expression, is a no
	}
	project := projectOf(resource, object)
	e := p.projects[project]
	parts := strings.Split(subject, ":")
	isForeign := e != nil && len(parts) == 3 && parts[0] == "proj" && parts[1] != project
	if e == nil {
		e = p.general
	}
	switch {
	case p.defaultRole != "" && (may(p.general, p.defaultRole) || may(e, p.defaultRole)):
		return true
	case !isForeign && may(e, subject):
		return true
	}
	return may(p.general, "") // what is granted to nobody is granted to everybody
}

// projectOf is the project whose roles count for a request
// (server/rbacpolicy/rbacpolicy.go, getProjectFromRequest).
func projectOf(resource, object string) string {
	switch resource {
	case "applications", "applicationsets", "repositories", "clusters", "logs", "exec":
		if project, _, ok := strings.Cut(object, "/"); ok {
			return project
		}
	case "projects":
		return object
	}
	return ""
}

// builtIn returns the lines of the two roles that are always there, and of who is admin
// (assets/builtin-policy.csv).
func builtIn() (lines []string) {
	const readonly, admin, inProject, anything = "role:readonly", "role:admin", "*/*", "*"
	grant := func(role, resources, actions, object string) {
		for resource := range strings.FieldsSeq(resources) {
			for action := range strings.FieldsSeq(actions) {
				lines = append(lines, strings.Join([]string{"p", role, resource, action, object, "allow"}, ","))
			}
		}
	}
	grant(readonly, "applications applicationsets logs", "get", inProject)
	grant(readonly, "certificates clusters repositories write-repositories projects accounts gpgkeys", "get", anything)
	grant(admin, "applications", "create update update/* delete delete/* sync override action/*", inProject)
	grant(admin, "applicationsets", "get create update delete", inProject)
	grant(admin, "exec", "create", inProject)
	grant(admin, "certificates clusters repositories write-repositories projects", "create update delete", anything)
	grant(admin, "accounts", "update", anything)
	grant(admin, "gpgkeys", "create delete", anything)
	return append(lines, "g,role:admin,role:readonly", "g,admin,role:admin")
}
