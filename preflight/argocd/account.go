package argocd

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// Account is a local account of Argo CD. Its texts are the server's: quote them where
// they are shown.
type Account struct {
	Name         string
	Enabled      bool
	Capabilities []string // of "login" and "apiKey"
	Tokens       []Token  // the newest first
}

// Token is an API key of an account, without the key itself. Its JSON is that of the
// command line, not of Argo CD.
type Token struct {
	ID        string    `json:"id"`
	IssuedAt  time.Time `json:"issuedAt"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"` // zero: never
}

// UnmarshalJSON reads what Argo CD writes.
func (t *Token) UnmarshalJSON(text []byte) error {
	var said struct {
		ID                  string
		IssuedAt, ExpiresAt seconds
	}
	err := json.Unmarshal(text, &said)
	*t = Token{ID: said.ID, IssuedAt: said.IssuedAt.Time, ExpiresAt: said.ExpiresAt.Time}
	return err
}

// seconds is a time as Argo CD's gateway writes it: a number of seconds. It is read
// in quotes too, as most other gateways write 64-bit integers.
type seconds struct{ time.Time }

const minSeconds, maxSeconds = -62135596800 + 1, 253402300799

// UnmarshalJSON implements json.Unmarshaler.
func (s *seconds) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(text), `"`), 10, 64)
	if n != 0 { // within the years that a calendar, and JSON, can write
		s.Time = time.Unix(min(max(n, minSeconds), maxSeconds), 0).UTC()
	}
	return err
}

// Account returns an account. With a token that Argo CD refuses, the *Error says
// why, which Userinfo does not. Every account may look at itself; at others it may by
// role (server/account/account.go).
func (c *Client) Account(ctx context.Context, token auth.Secret, name string) (a Account, err error) {
	k := call{op: fmt.Sprintf("look at account %q", name), method: http.MethodGet, path: accountPath(name), token: token}
	err = c.do(ctx, k, &a)
	if err == nil && a.Name != name {
		err = foreign(k.op, "the answer is not about that account")
	}
	return a, err
}

// CreateToken makes an API key with the given id for an account. It never expires
// where expiresIn is zero; a part of a second counts as one. After an error
// without a Status that is not Unsent the key may have been made all the same: Account
// tells. An id that DeleteToken could not name is refused.
func (c *Client) CreateToken(ctx context.Context, token auth.Secret, account, id string, expiresIn time.Duration) (auth.Secret, error) {
	if err := c.CheckToken(ctx, account, id, expiresIn); err != nil {
		return auth.Secret{}, err
	}
	k := call{op: creating(account), method: http.MethodPost, path: accountPath(account, "token"), token: token}
	k.body = map[string]any{"name": account, "id": id, "expiresIn": int64(math.Ceil(expiresIn.Seconds()))}
	return c.issued(ctx, k)
}

// CheckToken calls nobody, and says why CreateToken would not: with an *Error that is
// Unsent. An account or an id that no path can hold could not be looked at or revoked, and
// Argo CD reckons in nanoseconds of 64 bits (util/session/sessionmanager.go): what does not
// go into them has ended already, or never ends (recorded on 3.5.1).
func (c *Client) CheckToken(ctx context.Context, account, id string, expiresIn time.Duration) error {
	k := call{op: creating(account), path: accountPath(account, "token", id)}
	switch {
	case expiresIn < 0:
		return &Error{Op: k.op, Unsent: true, Reason: "it would expire before it is made"}
	case int64(math.Ceil(expiresIn.Seconds())) > math.MaxInt64/int64(time.Second):
		return &Error{Op: k.op, Unsent: true, Reason: "Argo CD cannot reckon with so long a time"}
	}
	_, err := c.request(ctx, k)
	return err
}

func creating(account string) string { return fmt.Sprintf("create an API key for account %q", account) }

// DeleteToken revokes an API key by its id. One that is not there is an *Error of
// status 404.
func (c *Client) DeleteToken(ctx context.Context, token auth.Secret, account, id string) error {
	op := fmt.Sprintf("revoke API key %q of account %q", id, account)
	var answer map[string]any
	err := c.do(ctx, call{op: op, method: http.MethodDelete, path: accountPath(account, "token", id), token: token}, &answer)
	if err == nil && (answer == nil || len(answer) > 0) {
		err = foreign(op, "the answer is not the empty object with which Argo CD agrees")
	}
	return err
}

// CanI asks whether the account of a token may do something: yes or no. object is what
// policies name, such as "p1/*"; of applications it has a slash, without which even admin
// may not (Argo CD 3.5.1, recorded). What an account may do to itself by being itself is
// not in the answer.
func (c *Client) CanI(ctx context.Context, token auth.Secret, resource, action, object string) (bool, error) {
	k := call{op: fmt.Sprintf("ask whether the account may %s %s", action, resource), method: http.MethodGet, token: token,
		path: append(accountPath("can-i", resource, action), strings.Split(object, "/")...)}
	var answer struct{ Value string }
	err := c.do(ctx, k, &answer)
	if err == nil && answer.Value != "yes" && answer.Value != "no" {
		err = foreign(k.op, "the answer is neither yes nor no")
	}
	return answer.Value == "yes", err
}

func accountPath(segments ...string) []string {
	return append([]string{"api", "v1", "account"}, segments...)
}
