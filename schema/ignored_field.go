package schema

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleIgnoredField = "ignored-field"

func ignoredFieldRule() Rule {
	return Rule{
		ID: ruleIgnoredField, Severity: diag.Warning, Class: Advice,
		Summary: "The given chart version does not read the field.",
		Help:    "Charts from 0.24.4 on ignore usernameSecretKeyRef. The post-renderer wires it all the same.",
	}
}

// ignoredFields reports what the given chart does not read.
func (r *run) ignoredFields(b block) {
	r.ignoredUsername(b)
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

// ignoredUsername reports a username that charts from 0.24.4 on do not read, because they
// prefer another one that is set too. What the chart's own values set is no news.
func (r *run) ignoredUsername(b block) {
	v := r.opts.ChartVersion
	preferred := r.values.Root.At(appProxyUsername()...)
	if b.text(fieldType) == string(ModeToken) || !b.isSet(fieldUsername) || preferred.IsUnset() || v != nil && v.Less(0, 24, 4) {
		return
	}
	f := b.fields[fieldUsername]
	same := preferred.Str() == b.text(fieldUsername)
	if r.opts.Rendered || same || r.values.IsDefault(preferred) || r.values.IsDefault(f.value) {
		return
	}
	path := strings.Join(appProxyUsername(), ".")
	d := r.add(diag.Warning, ruleIgnoredField, keySpan(f.value), b.where(f.written),
		fmt.Sprintf("charts from 0.24.4 on ignore %q: they prefer %s", f.written, shownPath(r.at(path))),
		"remove one of them")
	d.Related = related(keySpan(preferred), "the username that counts")
}
