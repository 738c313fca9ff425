// Package settings judges credentials by what Argo CD keeps in the cluster, as argocd-server does
// (Argo CD 3.5 util/settings and util/session; held against a recording of 3.5.1). It asks nobody:
// what is known to a running Argo CD alone, such as a session that was signed out, is not judged. No
// error quotes a credential.
package settings

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The objects in which Argo CD keeps its settings (Argo CD 3.5 common/common.go and
// util/settings/settings.go).
const (
	ConfigMap = "argocd-cm"
	Secret    = "argocd-secret"
	// TLSSecret holds a certificate in the place of the one in Secret; it need not exist.
	TLSSecret = "argocd-server-tls"
	// SigningKey is the key of Secret with which every token is signed.
	SigningKey = "server.secretkey"
)

const (
	admin   = "admin"
	login   = "login"
	apiKey  = "apiKey"
	cert    = "tls.crt"
	certKey = "tls.key"
)

// Settings are the data of these objects.
type Settings struct {
	// Config is that of argocd-cm; nil where it is not known: then every account is taken to
	// exist, enabled and with all capabilities.
	Config map[string]string
	// Secret is that of argocd-secret.
	Secret map[string][]byte
	// TLS is that of argocd-server-tls, nil where there is none.
	TLS map[string][]byte
}

// Known returns the data of an object that is there, which are never nil.
func Known[V any](data map[string]V) map[string]V {
	if data == nil {
		return map[string]V{}
	}
	return data
}

// URL says what is wrong with the address of Argo CD in argocd-cm, "" if nothing is, and whether that is
// fatal. Without a scheme Argo CD only logs it, and single sign-on fails.
func URL(config map[string]string) (fault string, isFatal bool) {
	text := config["url"]
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return notURL().Error(), true
	case text != "" && u.Scheme != "http" && u.Scheme != "https":
		return fmt.Sprintf("key \"url\" of ConfigMap %q does not begin with http:// or https://", ConfigMap), false
	}
	return "", false
}

func notURL() *Refusal { return unreadable("ConfigMap", ConfigMap, "url", "is not a URL") }

// account is a local account, put together from both objects.
type account struct {
	enabled      bool
	capabilities []string
	ids          []string  // of its API keys
	changed      time.Time // of its password; zero: never
	hash         []byte
}

// Fatal returns what makes Argo CD refuse every account, nil if nothing does. An invalid
// admin.passwordMtime or admin.enabled and the tokens of other accounts are not fatal (recorded on
// 3.5.1).
func (s Settings) Fatal() *Refusal {
	if r := s.general(); r != nil {
		return r
	}
	_, r := s.accounts()
	return r
}

// general returns what keeps Argo CD from loading its settings at all. A certificate is read only
// where both its parts are there, and the one in argocd-secret only without TLSSecret.
func (s Settings) general() *Refusal {
	if _, isFatal := URL(s.Config); isFatal {
		return notURL()
	}
	if _, ok := s.Secret[SigningKey]; !ok {
		return unreadable("Secret", Secret, SigningKey, "is missing")
	}
	name, pair := Secret, s.Secret
	if s.TLS != nil {
		name, pair = TLSSecret, s.TLS
	}
	if pair[cert] == nil || pair[certKey] == nil {
		return nil
	}
	if _, err := tls.X509KeyPair(pair[cert], pair[certKey]); err != nil {
		return unreadable("Secret", name, cert, "is not a certificate with its key in "+strconv.Quote(certKey))
	}
	return nil
}

// accounts reads all accounts (util/settings/accounts.go). One value that cannot be read takes all of
// them away; which values these are differs between admin and the others.
func (s Settings) accounts() (map[string]*account, *Refusal) {
	all := map[string]*account{admin: {enabled: true, capabilities: []string{login}}}
	if enabled, err := strconv.ParseBool(s.Config["admin.enabled"]); err == nil {
		all[admin].enabled = enabled
	}
	for _, key := range slices.Sorted(maps.Keys(s.Config)) {
		parts := strings.Split(key, ".")
		if parts[0] != "accounts" || len(parts) < 2 || len(parts) > 3 {
			continue
		}
		a := all[parts[1]]
		if a == nil {
			a = &account{enabled: true}
			all[parts[1]] = a
		}
		switch what := strings.Join(parts[2:], ""); {
		case len(parts) == 2 || what == "":
			for word := range strings.SplitSeq(s.Config[key], ",") {
				a.capabilities = append(a.capabilities, strings.TrimSpace(word))
			}
		case what == "enabled":
			enabled, err := strconv.ParseBool(s.Config[key])
			if err != nil {
				return nil, unreadable("ConfigMap", ConfigMap, key, "is not a boolean")
			}
			a.enabled = enabled
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if r := s.remembered(name, all[name]); r != nil {
			return nil, r
		}
	}
	return all, nil
}

// account returns one of them, nil where it does not exist.
func (s Settings) account(name string) (*account, *Refusal) {
	all, r := s.accounts()
	if r != nil || s.Config != nil {
		return all[name], r
	}
	a := &account{enabled: true, capabilities: []string{login, apiKey}}
	return a, s.remembered(name, a)
}

// remembered adds what argocd-secret holds about an account.
func (s Settings) remembered(name string, a *account) *Refusal {
	key := func(what string) string {
		if name == admin {
			return name + "." + what
		}
		return "accounts." + name + "." + what
	}
	a.hash = s.Secret[key("password")]
	if text, ok := s.Secret[key("passwordMtime")]; ok {
		var err error
		if a.changed, err = time.Parse(time.RFC3339, string(text)); err != nil && name != admin {
			return unreadable("Secret", Secret, key("passwordMtime"), "is not a time")
		}
	}
	var listed []struct {
		ID string `json:"id"`
	}
	if text := s.Secret[key("tokens")]; len(text) > 0 && json.Unmarshal(text, &listed) != nil && name == admin {
		return unreadable("Secret", Secret, key("tokens"), "is not a list of tokens")
	}
	for _, t := range listed { // of a list with a mistake, Argo CD keeps what it could read
		a.ids = append(a.ids, t.ID)
	}
	return nil
}
