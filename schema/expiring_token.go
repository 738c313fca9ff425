package schema

import (
	"fmt"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/schema/token"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
)

const ruleExpiringToken = "expiring-token"

func expiringTokenRule() Rule {
	return Rule{
		ID: ruleExpiringToken, Severity: diag.Warning, Class: Content,
		Summary: "The token is an API key with an expiry date.",
		Help:    "GitOps stops on that day. Create an API key without an expiry, or note the date.",
	}
}

// expiry reports an API key that will stop working, or has stopped. Without a
// clock, no key has.
func (r *run) expiry(c credential, t token.Token) {
	switch {
	case t.Expires.IsZero():
	case !r.opts.Now.IsZero() && !t.Expires.After(r.opts.Now):
		r.expired(c, t)
	default:
		r.add(diag.Warning, ruleExpiringToken, c.field.value.Body, c.path,
			fmt.Sprintf("the token expires on %s, and the Runtime stops working with it", date(t.Expires)),
			"create one that does not expire: argocd account generate-token --account NAME, without --expires-in")
	}
}

// date is how findings write a day. Argo CD compares in seconds, so the time stands there too.
func date(t time.Time) string {
	if t.Year() >= 9999 {
		return "a day after the year 9999 (its exp counts seconds, not milliseconds)"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}
