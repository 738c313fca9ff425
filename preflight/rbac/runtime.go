package rbac

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/preflight/shell"
)

// Right is something that a policy allows or not, in Argo CD's own words.
type Right struct{ Resource, Action, Object string }

// String writes it as `argocd account can-i` takes it.
func (r Right) String() string { return r.Action + " " + r.Resource + " " + r.Object }

// runtime returns the rights without which a Runtime is of no use. Codefresh asks for a
// token of an admin of Argo CD; these are what it does all the time, of what an admin may
// do and an account without a role may not. An object with a slash names a project too:
// without one even admin would get a no (recorded on 3.5.1).
func runtime() []Right {
	return []Right{
		{"applications", "get", "*/*"},  // the event reporters and the gateway: Applications, their trees and manifests
		{"applications", "sync", "*/*"}, // app-proxy and the operator: on request, and in promotions
		{"projects", "get", "*"},
		{"clusters", "get", "*"},
		{"repositories", "get", "*"},
	}
}

// Lacking asks for every right that a Runtime needs and returns those that are refused. The
// first error ends it.
func Lacking(may func(Right) (bool, error)) (lacking []Right, _ error) {
	for _, right := range runtime() {
		ok, err := may(right)
		if err != nil {
			return nil, err
		}
		if !ok {
			lacking = append(lacking, right)
		}
	}
	return lacking, nil
}

// Lacking returns the rights that a Runtime needs and an account has not got.
func (p *Policy) Lacking(account string) []Right {
	lacking, _ := Lacking(func(r Right) (bool, error) { return p.Allows(account, r.Resource, r.Action, r.Object), nil })
	return lacking
}

// Lacks says on one line what an account lacks; lacking must not be empty.
func Lacks(account string, lacking []Right) string {
	var names []string
	for _, right := range lacking {
		names = append(names, right.String())
	}
	what := "lacks rights that a Runtime needs"
	if len(lacking) == len(runtime()) {
		what = "has none of the rights that a Runtime needs"
	}
	return fmt.Sprintf("account %q %s: %s", account, what, strings.Join(names, ", "))
}

// Grant says how an account gets what a Runtime needs, in a namespace of Argo CD: with a
// line for the policy, and as a command that adds it and leaves the lines that are there.
// Where p is nil, because the policy could not be read, it is what does in most.
func (p *Policy) Grant(namespace, account string) string {
	line := fmt.Sprintf("g, %s, role:admin", account)
	// In a ConfigMap, keys of other names count as well. This one is the account's.
	key := "policy.runtime-auth." + account + ".csv"
	if p != nil && p.data[keyMatchMode] == modeRegex {
		line = fmt.Sprintf("p, %s, .*, .*, .*, allow", account) // the built-in roles are no expressions
	}
	if p != nil {
		data := map[string]string{}
		maps.Copy(data, p.data)
		data[key] = line
		if granted, err := Parse(data, nil); err != nil || len(granted.Lacking(account)) > 0 {
			return fmt.Sprintf("a policy in ConfigMap %s denies it: remove the line with deny that is for the account, or for a role of it", ConfigMap)
		}
	}
	change := []string{"create", "configmap", ConfigMap, "--from-literal=" + keyPolicy + "=" + line}
	if p == nil || p.data != nil {
		patch, _ := json.Marshal(map[string]any{"data": map[string]string{key: line}}) // texts: nothing can be wrong with them
		change = []string{"patch", "configmap", ConfigMap, "--type", "merge", "-p", string(patch)}
	}
	return fmt.Sprintf("add the line %q to %s in ConfigMap %s, or run: %s", line, keyPolicy, ConfigMap, shell.Kubectl(cmp.Or(namespace, "NAMESPACE"), change...))
}
