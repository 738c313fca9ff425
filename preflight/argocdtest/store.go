package argocdtest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// Store keeps what Argo CD keeps in the cluster: the data of ConfigMap argocd-cm and
// of Secret argocd-secret. It is used by several goroutines.
type Store interface {
	Config(ctx context.Context) (cm map[string]string, secret map[string][]byte, err error)
	SaveSecret(ctx context.Context, key string, value []byte) error
}

// Memory is a Store in memory.
type Memory struct {
	mu     sync.Mutex
	CM     map[string]string
	Secret map[string][]byte
}

// NewMemory returns a Store without any account but admin.
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
	m.Secret[key] = value
	return nil
}

// SetAccount writes an account: its capabilities, such as "apiKey, login".
func (m *Memory) SetAccount(name, capabilities string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.CM["accounts."+name] = capabilities
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

func secretKey(account, what string) string {
	if account == "admin" {
		return "admin." + what
	}
	return "accounts." + account + "." + what
}

// listed is an API key as argocd-secret has it.
type listed struct {
	ID  string `json:"id"`
	IAT int64  `json:"iat"`
	Exp int64  `json:"exp,omitempty"`
}

// account is a local account as Argo CD sees it.
type account struct {
	name         string
	enabled      bool
	capabilities []string
	hash         []byte
	changed      time.Time
	tokens       []listed
}

func (a *account) can(capability string) bool { return slices.Contains(a.capabilities, capability) }

func (a *account) index(id string) int {
	return slices.IndexFunc(a.tokens, func(t listed) bool { return t.ID == id })
}

// accounts reads all accounts. One accounts.NAME.enabled that is no boolean breaks
// all of them (util/settings/accounts.go).
func accounts(cm map[string]string, secret map[string][]byte) (map[string]*account, error) {
	all := map[string]*account{"admin": {name: "admin", enabled: true, capabilities: []string{"login"}}}
	if on, err := strconv.ParseBool(cm["admin.enabled"]); err == nil {
		all["admin"].enabled = on
	}
	for _, key := range slices.Sorted(maps.Keys(cm)) {
		rest, ok := strings.CutPrefix(key, "accounts.")
		name, suffix, _ := strings.Cut(rest, ".")
		if !ok || strings.Contains(suffix, ".") {
			continue
		}
		a := all[name]
		if a == nil {
			a = &account{name: name, enabled: true}
			all[name] = a
		}
		switch suffix {
		case "":
			for word := range strings.SplitSeq(cm[key], ",") {
				if word = strings.TrimSpace(word); (word == "login" || word == "apiKey") && !a.can(word) {
					a.capabilities = append(a.capabilities, word)
				}
			}
		case "enabled":
			on, err := strconv.ParseBool(cm[key])
			if err != nil {
				return nil, err
			}
			a.enabled = on
		}
	}
	for name, a := range all {
		a.hash = secret[secretKey(name, "password")]
		if text := secret[secretKey(name, "passwordMtime")]; len(text) > 0 {
			changed, err := time.Parse(time.RFC3339, string(text))
			if err != nil {
				return nil, err
			}
			a.changed = changed
		}
		if text := secret[secretKey(name, "tokens")]; len(text) > 0 {
			if err := json.Unmarshal(text, &a.tokens); err != nil {
				return nil, fmt.Errorf("tokens of %s: %w", name, err)
			}
		}
	}
	return all, nil
}
