package argocdtest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// may says whether the caller may do something to an account: its own, or by the rights
// of the caller (server/account/account.go, ensureHasAccountPermission).
func (c *call) may(action, name string) error {
	if c.caller.name() == name && c.caller.claims["iss"] == issuer {
		return nil
	}
	ok, err := c.allowed("accounts", action, name)
	if ok || err != nil {
		return err
	}
	words := []string{"accounts", action, name}
	if sub := c.caller.name(); sub != "" {
		words = append(words, "sub: "+sub)
	}
	if iat, err := number(c.caller.claims, "iat"); err == nil {
		words = append(words, "iat: "+time.Unix(iat, 0).UTC().Format(time.RFC3339))
	}
	return refuse(denied, "permission denied: %s", strings.Join(words, ", "))
}

// find returns the account of the path, for a call that does something to it.
func (c *call) find(action string) (*account, error) {
	name := c.segments[2]
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	if err := c.may(action, name); err != nil {
		return nil, err
	}
	all, err := c.kept.accounts()
	if err == nil && all[name] == nil {
		err = noAccount(name)
	}
	return all[name], err
}

func isDenied(err error) bool {
	refused, ok := errors.AsType[*refusal](err)
	return ok && refused.code == denied
}

func noAccount(name string) error { return refuse(notFound, "account '%s' does not exist", name) }

func (c *call) getAccount() (any, error) {
	a, err := c.find("get")
	if err != nil {
		return nil, err
	}
	return a.show(), nil
}

// listAccounts leaves out those that the caller may not get.
func (c *call) listAccounts() (any, error) {
	var list struct {
		Items []*account `json:"items,omitempty"`
	}
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	all, err := c.kept.accounts()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch err := c.may("get", name); {
		case err == nil:
			list.Items = append(list.Items, all[name].show())
		case !isDenied(err):
			return nil, err
		}
	}
	return list, nil
}

// canI answers a question about rights. The object has any number of segments.
func (c *call) canI() (any, error) {
	resource, action, object := c.segments[3], c.segments[4], strings.Join(c.segments[5:], "/")
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	known := func(all []string, one string) error {
		if !slices.Contains(all, one) {
			return refuse(invalid, "%v does not contain %s", all, one)
		}
		return nil
	}
	if err := known(strings.Fields("clusters projects applications applicationsets repositories write-repositories certificates accounts gpgkeys logs exec extensions"), resource); err != nil {
		return nil, err
	}
	if err := known(strings.Fields("get create update delete sync override action invoke"), action); err != nil {
		return nil, err
	}
	ok, err := c.allowed(resource, action, object)
	return map[string]string{"value": map[bool]string{true: "yes", false: "no"}[ok]}, err
}

func (c *call) createToken() (any, error) {
	type CreateTokenRequest struct {
		ExpiresIn int64  `json:"expiresIn"` // seconds, as a number: a text is refused
		ID        string `json:"id"`
	}
	var body CreateTokenRequest
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	a, err := c.find("update")
	if err != nil {
		return nil, err
	}
	if body.ID == "" {
		body.ID = newID()
	}
	switch {
	case a.index(body.ID) >= 0:
		err = fmt.Errorf("account already has token with id '%s'", body.ID)
	case !a.can(capAPIKey):
		err = fmt.Errorf("account '%s' does not have %s capability", a.Name, capAPIKey)
	}
	k := Key{ID: body.ID, IAT: c.opts.Now().Unix()}
	if body.ExpiresIn > 0 { // the product wraps around, as in Argo CD
		k.Exp = c.opts.Now().Add(time.Duration(body.ExpiresIn) * time.Second).Unix()
	}
	if err == nil {
		a.keys = append(a.keys, k)
		err = c.save(a)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to update account with new token: %w", err)
	}
	return map[string]string{"token": c.sign(a.Name+":"+capAPIKey, k)}, nil
}

// deleteToken removes the first key of that id.
func (c *call) deleteToken() (any, error) {
	a, err := c.find("update")
	if err != nil {
		return nil, err
	}
	id := c.segments[4]
	i := a.index(id)
	if i < 0 {
		return nil, refuse(notFound, "token with id '%s' does not exist", id)
	}
	a.keys = slices.Delete(a.keys, i, i+1)
	return struct{}{}, c.save(a)
}
