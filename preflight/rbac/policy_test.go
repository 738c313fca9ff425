package rbac_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/preflight/rbac"
)

func parse(t *testing.T, data map[string]string) *rbac.Policy {
	t.Helper()
	p, err := rbac.Parse(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAllows holds what the recording has no world for. Each case was worked out from
// Argo CD's source.
func TestAllows(t *testing.T) {
	csv := func(lines ...string) map[string]string {
		return map[string]string{"policy.csv": strings.Join(lines, "\n")}
	}
	with := func(data map[string]string, key, value string) map[string]string {
		data[key] = value
		return data
	}
	for name, test := range map[string]struct {
		data map[string]string
		who  string
		what string // resource action object
		want bool
	}{
		"admin without a ConfigMap":       {who: "admin", what: "applications sync */*", want: true},
		"admin has no action of its own":  {who: "admin", what: "extensions invoke x"},
		"another without a ConfigMap":     {who: "ci", what: "applications get */*"},
		"a role of a role":                {data: csv("g, ci, role:ops", "g, role:ops, role:admin"), who: "ci", what: "clusters get *", want: true},
		"a denial beats a role":           {data: csv("g, ci, role:admin", "p, ci, applications, sync, */*, deny"), who: "ci", what: "applications sync */*"},
		"a denial of one action alone":    {data: csv("g, ci, role:admin", "p, ci, applications, sync, */*, deny"), who: "ci", what: "applications get */*", want: true},
		"a denial does not beat default":  {data: with(csv("p, ci, applications, get, */*, deny"), "policy.default", "role:readonly"), who: "ci", what: "applications get */*", want: true},
		"one project is not all":          {data: csv("p, ci, applications, *, p1/*, allow"), who: "ci", what: "applications get */*"},
		"an overlay":                      {data: with(csv("p, x, clusters, get, *, allow"), "policy.team.csv", "g, ci, role:readonly"), who: "ci", what: "projects get *", want: true},
		"an overlay of another name":      {data: map[string]string{"policies.csv": "g, ci, role:readonly"}, who: "ci", what: "projects get *"},
		"comments, quotes and spaces":     {data: csv("# who", "", ` p, "ci", "applications", get , "*/*",allow`), who: "ci", what: "applications get */*"},
		"quotes around fields":            {data: csv(`p, "ci", "applications", get, "*/*", allow`), who: "ci", what: "applications get */*", want: true},
		"the case of names":               {data: csv("g, CI, role:admin"), who: "ci", what: "projects get *"},
		"an effect that is none":          {data: csv("p, ci, projects, get, *, yes"), who: "ci", what: "projects get *"},
		"nobody is everybody":             {data: csv(`p, "", projects, get, *, allow`), who: "ci", what: "projects get *", want: true},
		"braces":                          {data: csv(`p, ci, "{projects,clusters}", get, *, allow`), who: "ci", what: "clusters get *", want: true},
		"a bad pattern":                   {data: csv("p, ci, [, get, *, allow"), who: "ci", what: "clusters get *"},
		"regex":                           {data: with(csv("p, ci, .*, .*, .*, allow"), "policy.matchMode", "regex"), who: "ci", what: "applications get */*", want: true},
		"regex breaks the built-in roles": {data: with(csv("g, ci, role:admin"), "policy.matchMode", "regex"), who: "ci", what: "applications get */*"},
		"regexes are no globs":            {data: csv("p, ci, .*, .*, .*, allow"), who: "ci", what: "applications get */*"},
		"an unknown mode is glob":         {data: with(csv("g, ci, role:admin"), "policy.matchMode", "Regex"), who: "ci", what: "applications get */*", want: true},
	} {
		t.Run(name, func(t *testing.T) {
			what := strings.Fields(test.what)
			if got := parse(t, test.data).Allows(test.who, what[0], what[1], what[2]); got != test.want {
				t.Errorf("%q may %s: %t", test.who, test.what, got)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	for _, line := range []string{"this is no policy", "g, ci", "g, ci, role:admin, x", "p, ci, applications, get, */*", "q, a, b", ", x", `p, "ci, x`, "p2, ci, x"} {
		_, err := rbac.Parse(map[string]string{"policy.csv": "# fine\n  " + line + "\n"}, nil)
		if bad, ok := errors.AsType[*rbac.LineError](err); !ok || bad.Line != line {
			t.Errorf("%q: %v", line, err)
		}
	}
	for text, ok := range map[string]bool{"": true, "[groups, email]": true, "- groups": true, "groups": false, "{}": false} {
		if _, err := rbac.Parse(map[string]string{"scopes": text}, nil); (err == nil) != ok {
			t.Errorf("scopes %q: %v", text, err)
		}
	}
	// Those of a project do not count, and spoil nothing else.
	p, err := rbac.Parse(nil, rbac.Projects{"p1": {"r1": {"nonsense"}}})
	if err != nil || p.Allows("proj:p1:r1", "projects", "get", "p1") || !p.Allows("admin", "applications", "get", "p1/app") {
		t.Errorf("a project's policy that cannot be read: %v", err)
	}
}

// TestProjects holds that the roles of a project count in it alone.
func TestProjects(t *testing.T) {
	roles := rbac.Projects{"p1": {"r1": {"p, proj:p1:r1, applications, sync, p1/*, allow", "p, proj:p2:r2, applications, sync, p1/*, allow"}}, "p2": {"r2": nil}}
	for who, want := range map[string]bool{"proj:p1:r1": true, "proj:p2:r2": false, "ci": false} {
		p, err := rbac.Parse(nil, roles)
		if err != nil || p.Allows(who, "applications", "sync", "p1/app") != want || p.Allows(who, "applications", "sync", "p2/app") {
			t.Errorf("%s: %v", who, err)
		}
	}
	p, err := rbac.Parse(map[string]string{"policy.default": "proj:p1:r1"}, roles)
	if err != nil || !p.Allows("ci", "applications", "sync", "p1/app") {
		t.Errorf("a default role of a project: %v", err)
	}
}
