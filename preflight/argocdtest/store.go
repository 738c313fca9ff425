package argocdtest

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// Store keeps what Argo CD keeps in the cluster: the data of ConfigMap argocd-cm and
// of Secret argocd-secret, in which server.secretkey signs the tokens. A server makes
// one call at a time.
type Store interface {
	// Config returns both, nil where there is no such object. The server changes
	// neither.
	Config(ctx context.Context) (cm map[string]string, secret map[string][]byte, err error)
	// SaveSecret sets a key of the Secret, or removes it where the value is nil.
	SaveSecret(ctx context.Context, key string, value []byte) error
}

// Settings are what Argo CD keeps in other objects. Without them there are none.
type Settings struct {
	RBAC      map[string]string  // data of ConfigMap argocd-rbac-cm, nil where there is none
	Projects  map[string]Project // AppProjects, by their names
	ServerTLS map[string][]byte  // data of Secret argocd-server-tls, nil where there is none
}

// Project is an AppProject: its roles by their names.
type Project map[string]Role

// Role is a role of an AppProject.
type Role struct {
	Policies []string `json:"policies"`
	Tokens   []Key    `json:"tokens"`
}

// Key is an API key as argocd-secret and AppProjects list it.
type Key struct {
	ID  string `json:"id"`
	IAT int64  `json:"iat"`
	Exp int64  `json:"exp,omitempty"`
}

// SettingsStore is a Store that has more than Config returns.
type SettingsStore interface {
	Settings(ctx context.Context) (Settings, error)
}

// ConfigSaver is a Store whose argocd-cm is written: Argo CD writes it whenever an API
// key is made or revoked ("apiKey, login" becomes "apiKey,login"). "" removes a key.
type ConfigSaver interface {
	SaveConfig(ctx context.Context, key, value string) error
}

// Memory is a Store in memory, also of Settings. Change it while no call is being made.
type Memory struct {
	CM      map[string]string
	Secret  map[string][]byte
	Settled Settings
}

// secretKeyName is the key of argocd-secret that signs.
const secretKeyName = "server.secretkey"

// NewMemory returns a Store without any account but admin, who has no password.
func NewMemory() *Memory {
	return &Memory{CM: map[string]string{}, Secret: map[string][]byte{secretKeyName: []byte(rand.Text())}}
}

// Config implements Store.
func (m *Memory) Config(context.Context) (map[string]string, map[string][]byte, error) {
	return m.CM, m.Secret, nil
}

// Settings implements SettingsStore.
func (m *Memory) Settings(context.Context) (Settings, error) { return m.Settled, nil }

// SaveSecret implements Store.
func (m *Memory) SaveSecret(_ context.Context, key string, value []byte) error {
	if value == nil {
		delete(m.Secret, key)
		return nil
	}
	m.Secret[key] = value
	return nil
}

// SaveConfig implements ConfigSaver.
func (m *Memory) SaveConfig(_ context.Context, key, value string) error {
	if value == "" {
		delete(m.CM, key)
		return nil
	}
	m.CM[key] = value
	return nil
}

// SetAccount writes an account into argocd-cm: its capabilities, such as "apiKey, login".
func (m *Memory) SetAccount(name, capabilities string) { m.CM["accounts."+name] = capabilities }

// SetPassword gives an account a password.
func (m *Memory) SetPassword(name, password string, changed time.Time) {
	maps.Copy(m.Secret, PasswordData(name, password, changed))
}

// PasswordData returns the keys of argocd-secret for a password.
func PasswordData(account, password string, changed time.Time) map[string][]byte {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		panic("argocdtest: the password is too long for bcrypt")
	}
	return map[string][]byte{
		secretKey(account, "password"):      hash,
		secretKey(account, "passwordMtime"): []byte(changed.UTC().Format(time.RFC3339)),
	}
}

// kept is what a Store held when a call came.
type kept struct {
	cm     map[string]string
	secret map[string][]byte
	Settings
	err error // of the Store
}

func (s *Server) load(ctx context.Context) (k kept, err error) {
	if k.cm, k.secret, err = s.opts.Store.Config(ctx); err != nil {
		return k, err
	}
	if more, ok := s.opts.Store.(SettingsStore); ok {
		k.Settings, err = more.Settings(ctx)
	}
	return k, err
}

// objects says which of the two objects is missing, as those who read accounts find it.
func (k kept) objects() error {
	switch {
	case k.err != nil:
		return k.err
	case k.secret == nil:
		return refuse(notFound, `secret "argocd-secret" not found`)
	case k.cm == nil:
		return refuse(notFound, `configmap "argocd-cm" not found`)
	}
	return nil
}

// settings says why Argo CD cannot read its settings, without which it does nothing for
// anybody (util/settings/settings.go, GetSettings).
func (k kept) settings() error {
	switch {
	case k.err != nil:
		return k.err
	case k.cm == nil:
		return refuse(notFound, `error retrieving argocd-cm: configmap "argocd-cm" not found`)
	case k.secret == nil:
		return refuse(notFound, `error retrieving argocd-secret: secret "argocd-secret" not found`)
	}
	// Without a scheme it is only warned of (validateExternalURL).
	if _, err := url.Parse(k.cm["url"]); err != nil {
		return fmt.Errorf("failed to parse URL: %w", err)
	}
	if _, ok := k.secret[secretKeyName]; !ok {
		return errors.New("server.secretkey is missing")
	}
	name, pair := "argocd-secret", k.secret
	if k.ServerTLS != nil {
		name, pair = "argocd-server-tls", k.ServerTLS
	}
	if certificate, key := pair["tls.crt"], pair["tls.key"]; certificate != nil && key != nil {
		if _, err := tls.X509KeyPair(certificate, key); err != nil {
			return fmt.Errorf("could not read from secret argocd/%s: %w", name, err)
		}
	}
	return nil
}
