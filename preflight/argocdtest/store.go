package argocdtest

import (
	"context"
	"maps"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// Store keeps what Argo CD keeps in the cluster: the data of ConfigMap argocd-cm and
// of Secret argocd-secret. It is used by several goroutines.
type Store interface {
	// Config returns both. The server changes neither.
	Config(ctx context.Context) (cm map[string]string, secret map[string][]byte, err error)
	// SaveSecret sets a key of the Secret, or removes it where the value is nil.
	SaveSecret(ctx context.Context, key string, value []byte) error
}

// Memory is a Store in memory. Its fields are for the time before a server uses it.
type Memory struct {
	mu     sync.Mutex
	CM     map[string]string
	Secret map[string][]byte
}

// NewMemory returns a Store without any account but admin, who has no password.
func NewMemory() *Memory {
	return &Memory{CM: map[string]string{}, Secret: map[string][]byte{}}
}

// Config implements Store.
func (m *Memory) Config(context.Context) (map[string]string, map[string][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.CM), maps.Clone(m.Secret), nil
}

// SaveSecret implements Store.
func (m *Memory) SaveSecret(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if value == nil {
		delete(m.Secret, key)
		return nil
	}
	m.Secret[key] = value
	return nil
}

// SetConfig writes a key of argocd-cm: "accounts.ci.enabled", "false".
func (m *Memory) SetConfig(key, value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.CM[key] = value
}

// SetAccount writes an account: its capabilities, such as "apiKey, login".
func (m *Memory) SetAccount(name, capabilities string) {
	m.SetConfig("accounts."+name, capabilities)
}

// SetPassword gives an account a password.
func (m *Memory) SetPassword(name, password string, changed time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
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
