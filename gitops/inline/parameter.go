package inline

import (
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// parameter is one entry of an Application's parameters.
type parameter struct {
	name, value string
	asString    bool
	at          values.Span // of the value, or of the entry where it has none
	unknown     bool        // Argo CD replaces something in it
}

// parametersOf reads entries. Of two with one name the later counts, to Argo CD as to helm.
func parametersOf(entries []*values.Value) []parameter {
	var found []parameter
	for _, e := range entries {
		p := parameter{name: e.Field("name").Str(), at: e.Body}
		if p.name == "" {
			continue
		}
		if v := e.Field("value"); v != nil {
			p.at, p.value = v.Body, v.Str()
			if v.Kind == values.Bool || v.Kind == values.Number {
				p.value = v.Body.Text()
			}
		}
		force := e.Field("forceString")
		p.asString = force != nil && force.Kind == values.Bool && force.Scalar.(bool)
		p.unknown = strings.Contains(p.value, "$ARGOCD_") || strings.Contains(p.value, "${ARGOCD_")
		found = append(found, p)
	}
	return found
}

// flag returns the parameter as Argo CD gives it to helm: commas separate nothing in
// it, unless it is a {list} or they are escaped (v3.6, cleanSetParameters in util/helm).
func (p parameter) flag() string {
	if strings.HasPrefix(p.value, "{") && strings.HasSuffix(p.value, "}") {
		return p.name + "=" + p.value
	}
	var b strings.Builder
	for i := range len(p.value) {
		if p.value[i] == ',' && (i == 0 || p.value[i-1] != '\\') {
			b.WriteByte('\\')
		}
		b.WriteByte(p.value[i])
	}
	return p.name + "=" + b.String()
}

// options are the flags of helm that set the parameter.
func (p parameter) options() values.Options {
	if p.asString {
		return values.Options{String: []string{p.flag()}}
	}
	return values.Options{Set: []string{p.flag()}}
}
