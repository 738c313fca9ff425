package schema

import (
	"fmt"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleInheritedDefault = "inherited-default"

func inheritedDefaultRule() Rule {
	return Rule{
		ID: ruleInheritedDefault, Severity: diag.Info, Class: Absence,
		Summary: "A passwordSecretKeyRef gives only one of its two fields, and the chart fills in the other.",
		Help:    "Helm merges the reference into the chart's default, argocd-initial-admin-secret and password. Write down what you mean.",
	}
}

// inheritedDefault tells what the chart fills in where a passwordSecretKeyRef gives
// only one of its two fields (Helm merges it into the chart's default).
func (r *run) inheritedDefault(b block, ref ref, whole SecretRef) {
	f := b.fields[fieldPasswordRef]
	written := rightNames(f.value, refFieldNames())
	hasName := isFilled(ref.name) && !r.values.IsDefault(written[refName].value)
	hasKey := isFilled(ref.key) && !r.values.IsDefault(written[refKey].value)
	if hasName == hasKey {
		return
	}
	field, value := refName, whole.Name
	if hasName {
		field, value = refKey, whole.Key
	}
	r.add(diag.Info, ruleInheritedDefault, keySpan(f.value), b.where(f.written, field),
		fmt.Sprintf("%q gives no %q, so the chart's default %q is used", f.written, field, value),
		fmt.Sprintf("write %q down if that is what you mean", field))
}
