package argocdtest

import (
	"context"
	"maps"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// Store keeps what Argo CD keeps in the cluster: the data of ConfigMap argocd-cm and
// of Secret argocd-secret. A server makes one call at a time.
type Store interface {
	// Config returns both. The server changes neither.
	Config(ctx context.Context) (cm map[string]string, secret map[string][]byte, err error)
	// SaveSecret sets a key of the Secret, or removes it where the value is nil.
	SaveSecret(ctx context.Context, key string, value []byte) error
}

// Memory is a Store in memory. Change it while no call is being made.
type Memory struct {
	CM     map[string]string
	Secret map[string][]byte
}

// NewMemory returns a Store without any account but admin, who has no password.
func NewMemory() *Memory {
	return &Memory{CM: map[string]string{}, Secret: map[string][]byte{}}
}

// Config implements Store.
func (m *Memory) Config(context.Context) (map[string]string, map[string][]byte, error) {
	return m.CM, m.Secret, nil
}

// SaveSecret implements Store.
func (m *Memory) SaveSecret(_ context.Context, key string, value []byte) error {
	if value == nil {
		delete(m.Secret, key)
		return nil
	}
	m.Secret[key] = value
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
