package schema

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleIgnoredField = "ignored-field"

func ignoredFieldRule() Rule {
	return Rule{
		ID: ruleIgnoredField, Severity: diag.Warning,
		Summary: "The given chart version does not read the field.",
		Help:    "Charts from 0.24.4 on ignore usernameSecretKeyRef. The post-renderer wires it all the same.",
	}
}

// ignoredFields reports what the given chart does not read.
func (r *run) ignoredFields(b block) {
	v := r.opts.ChartVersion
	f, ok := b.fields[fieldUsernameRef]
	if v == nil || v.Less(0, 24, 4) || !ok || !b.isSet(fieldUsernameRef) {
		return
	}
	hint := "give \"username\", or install with the post-renderer, which wires it"
	if b.text(fieldUsername) != "" {
		hint = "remove it, or install with the post-renderer, which wires it"
	}
	r.add(diag.Warning, ruleIgnoredField, keySpan(f.value), b.where(f.written),
		fmt.Sprintf("chart %s ignores %q: only charts up to 0.24.3 read it", v, f.written),
		hint)
}
