package wiring

import (
	"fmt"
	"strconv"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
)

// Env is one environment variable that the credential decides.
type Env struct {
	Name   string   `json:"name"`
	State  EnvState `json:"state"`
	Before Source   `json:"before,omitzero"`
	After  Source   `json:"after,omitzero"`
}

// Source is where a variable takes its value from, as far as that may be shown: what may
// be a credential is Hidden, or "…" in the place of a name. The zero Source stands for a
// variable that is not there.
type Source struct {
	Kind      SourceKind
	Name, Key string // of a key in a Secret or a ConfigMap
	Value     string // of a value of its own, "" where that is Hidden
	Hidden    bool
}

// SourceKind tells sources apart.
type SourceKind string

// The kinds of sources, in the words of Source.String.
const (
	SecretSource    SourceKind = "secret"
	ConfigMapSource SourceKind = "configMap"
	ValueSource     SourceKind = "value"
	OtherSource     SourceKind = "something else"
)

// String returns `secret NAME/KEY`, `configMap NAME/KEY`, `value "TEXT"`, `value
// [redacted]` or `something else`, and "" for the zero Source.
func (s Source) String() string {
	switch s.Kind {
	case SecretSource, ConfigMapSource:
		return fmt.Sprintf("%s %s/%s", s.Kind, s.Name, s.Key)
	case ValueSource:
		return "value " + s.Quoted()
	}
	return string(s.Kind)
}

// Quoted returns the variable's own value in quotes, or what stands in its place.
func (s Source) Quoted() string {
	if s.Hidden {
		return auth.Redacted
	}
	return strconv.Quote(s.Value)
}

// MarshalText returns the text of String.
func (s Source) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// EnvState says what was done about a variable.
type EnvState string

// The states of a variable.
const (
	AlreadyRight EnvState = "already-right" // not touched
	Set          EnvState = "set"           // it was not there
	Replaced     EnvState = "replaced"      // it was there and said something else
	Removed      EnvState = "removed"       // it has no place beside the credential
)
