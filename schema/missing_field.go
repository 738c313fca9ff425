package schema

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleMissingField = "missing-field"

func missingFieldRule() Rule {
	return Rule{
		ID: ruleMissingField, Severity: diag.Error, Class: Absence, Waits: true,
		Summary: "A reference lacks the name of the Secret or the key in it.",
		Help:    "Kubernetes refuses a secretKeyRef without both. Only passwordSecretKeyRef has defaults in the chart.",
	}
}

func (r *run) missing(b block, name string, ref ref, fields []string) {
	if r.explained() {
		return
	}
	f := b.fields[name]
	quoted := make([]string, len(fields))
	for i, field := range fields {
		quoted[i] = fmt.Sprintf("%q", field)
	}
	why := ""
	if name != fieldPasswordRef {
		why = ", and the chart has no default for it"
	}
	r.add(diag.Error, ruleMissingField, keySpan(f.value), b.where(f.written, fields[0]),
		fmt.Sprintf("%q lacks %s%s", f.written, strings.Join(quoted, " and "), why),
		"give both the name of the Secret and the key inside it")
}
