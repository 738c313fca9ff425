package argocd

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/schema/token"
)

// elided stands in a message for what only the server knows.
const elided = "…"

// settings is what Argo CD says where it cannot read its configuration, a message a
// line; then it refuses everybody. An asterisk stands for something that differs. Recorded
// on 3.5.1, and for the first two read in util/session and util/settings.
const settings = `unable to load settings: *
Failed to retrieve argoCD settings: *
server.secretkey is missing
error retrieving argocd-cm: *
error retrieving argocd-secret: *
configmap "argocd-cm" not found
secret "argocd-secret" not found
strconv.ParseBool: parsing "*": invalid syntax
parsing time "*" as "2006-01-02T15:04:05Z07:00": *
invalid character *
unexpected end of JSON input
json: cannot unmarshal * into Go value of type []settings.Token
error creating casbin enforcer: *
error loading policy line: *
invalid RBAC policy: *`

// words is what else Argo CD says to refuse a call, in the same form: recorded on 3.5.1,
// and the words of golang-jwt 4 for those before 2.13.
const words = `Invalid username or password
no credentials supplied
Username is too long (* bytes max)
Account * is disabled
Account * does not have * capability
no session information
SSO is not configured
invalid session: *
rpc error: code = * desc = *
account * is disabled
account '*' does not exist
account '*' does not have * capability
account * does not have '*' capability
account * does not have token with id *
account already has token with id '*'
account password has changed since token issued
failed to update account with new token: *
token with id '*' does not exist
token does not have a unique identifier (jti claim) and cannot be validated
token does not have iat claim
token is revoked, please re-login
token is malformed: *
token contains an invalid number of segments
could not base64 decode header: *
could not JSON decode header: *
could not JSON decode claim: *
could not base64 decode claim: *
could not base64 decode signature: *
illegal base64 data at input byte *
token is unverifiable: *
error while executing keyfunc: *
unexpected signing method: *
token signature is invalid: *
signature is invalid
token has invalid claims: *
token is expired
token is expired by *
token is not valid yet
token used before issued
JWT token for role '*' issued at '*' does not exist in project '*'
appproject.argoproj.io "*" not found
permission denied
permission denied: *, *, *, sub: *, iat: *
permission denied: *, *, *
token-based session creation no longer supported. please upgrade argocd cli to v0.7+
[*] does not contain *
json: cannot unmarshal * into Go * of type *
unexpected EOF
context deadline exceeded
context canceled
connection error: *
Failed to retrieve ArgoCD auth token
Failed to retrieve ArgoCD auth token: *
failed to retrieve cookie argocd.token
404 page not found`

// constant is what may stand for an asterisk whatever was asked.
const constant = `apiKey login accounts get create update delete 32
Unknown NotFound Unauthenticated PermissionDenied Internal Unavailable InvalidArgument FailedPrecondition`

// recognised returns a message as far as it is Argo CD's: the words that are known to be,
// with what known holds in the places that differ. A server may have put what it was sent
// there, in a form that nobody would find. It is "" for words of somebody else. broken is
// set where they say that Argo CD cannot read its configuration.
func recognised(message string, known []string) (shown string, broken bool) {
	message = strings.TrimSpace(message)
	if len(message) > maxMessage {
		return "", false
	}
	for i, list := range []string{settings, words} {
		for line := range strings.SplitSeq(list, "\n") {
			differs, ok := fits(line, message)
			if !ok {
				continue
			}
			broken = i == 0
			for _, text := range differs {
				if !slices.Contains(known, text) {
					inner := false
					text, inner = recognised(text, known)
					broken = broken || inner
				}
				line = strings.Replace(line, "*", strings.ReplaceAll(cmp.Or(text, elided), "*", elided), 1)
			}
			return line, broken
		}
	}
	return "", false
}

// fits returns what a message has in the places of a line's asterisks.
func fits(line, message string) (differs []string, ok bool) {
	parts := strings.Split(line, "*")
	rest, ok := strings.CutPrefix(message, parts[0])
	for i, part := range parts[1:] {
		if !ok {
			return nil, false
		}
		between, after := "", ""
		if i == len(parts)-2 {
			between, ok = strings.CutSuffix(rest, part)
		} else {
			between, after, ok = strings.Cut(rest, part)
		}
		differs, rest = append(differs, between), after
	}
	return differs, ok && rest == ""
}

// known is what a call says itself, and may be repeated in the answer to it.
func (k call) known() []string {
	all := append(strings.Fields(constant), k.path...)
	for _, key := range []string{"username", "name", "id"} {
		if text, ok := k.body[key].(string); ok {
			all = append(all, text)
		}
	}
	if t, err := token.Parse(k.token.Reveal()); err == nil {
		all = append(all, t.Account, t.ID, t.IssuedAt.UTC().Format(time.RFC3339))
	}
	return all
}
