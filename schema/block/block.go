// Package block finds auth blocks in values and reads them: a rule sees them instead of raw
// values.
package block

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Block is an auth block at one of its places.
type Block struct {
	Path  []string
	Value *values.Value
	// Fields are the block's fields by their right names. A field whose name is
	// misspelt counts as given; the refs likewise.
	Fields map[string]Field
	// Overruled is a type that was given and that Helm lays the chart's own over, as it does
	// where an umbrella chart has a part of what all its charts share.
	Overruled *values.Value
	refs      map[string]Ref // by name; of what is given
}

// Field is one field of the block, with its name as written.
type Field struct {
	Written string
	Value   *values.Value
}

// New returns the block that v, which stands at path, is.
func New(path []string, v *values.Value) Block {
	b := Block{Path: path, Value: v, Fields: RightNames(v, Fields()), refs: map[string]Ref{}}
	for name, f := range b.Fields {
		if IsRef(name) {
			b.refs[name] = newRef(f.Value)
		}
	}
	return b
}

// RightNames returns the fields of v by the known name that each has or was meant to have.
func RightNames(v *values.Value, known []string) map[string]Field {
	fields := map[string]Field{}
	if v == nil || v.Kind != values.Map {
		return fields
	}
	for _, name := range known {
		if f := v.Field(name); f != nil {
			fields[name] = Field{Written: name, Value: f}
		}
	}
	for _, written := range v.Order {
		if slices.Contains(known, written) {
			continue
		}
		right := Nearest(written, known)
		if _, taken := fields[right]; right != "" && !taken {
			fields[right] = Field{Written: written, Value: v.Field(written)}
		}
	}
	return fields
}

// Get returns the value of a field, nil if it is not given.
func (b Block) Get(name string) *values.Value { return b.Fields[name].Value }

// Text returns the field's string, "" if it is unset. A value of the wrong type,
// which has its own error, counts as given: it is not missing as well.
func (b Block) Text(name string) string {
	if v := b.Get(name); !v.IsUnset() && v.Kind != values.String {
		return wrongType
	}
	return b.Get(name).Str()
}

// wrongType stands for a text that is there but of another type.
const wrongType = "?"

// Where returns the values path of a field, or of the block itself where none is named.
func (b Block) Where(names ...string) string {
	return strings.Join(slices.Concat(b.Path, names), ".")
}

// IsSet reports whether the field is given and means something to the chart.
func (b Block) IsSet(name string) bool {
	if IsRef(name) {
		return !b.Ref(name).IsUnset()
	}
	return b.Text(name) != ""
}

// NamesCredential reports whether the block says by those of its values that count where
// the credential is from: a type alone says that it is the chart's default.
func (b Block) NamesCredential(counts func(*values.Value) bool) bool {
	names := []*values.Value{b.Get(Type), b.Get(Token), b.Get(Password)}
	for _, ref := range []string{TokenRef, PasswordRef} {
		v := b.Get(ref)
		names = append(names, v.Field(RefName), v.Field(RefKey))
		if v != nil && v.Kind != values.Map {
			names = append(names, v)
		}
	}
	return slices.ContainsFunc(names, func(v *values.Value) bool { return !v.IsUnset() && counts(v) })
}

// Says reports whether the block says anything by those of its values that count, all if
// that is nil: a field that is set, one that replaces the chart's default by nothing, or
// one that no chart knows. An empty block, or one whose fields are all unset, says nothing.
func (b Block) Says(counts func(*values.Value) bool) bool {
	if counts == nil {
		counts = func(*values.Value) bool { return true }
	}
	if b.Value.Kind != values.Map {
		return counts(b.Value)
	}
	for name, v := range b.Value.Fields {
		if !IsField(name) || v.Kind != values.Map && !v.IsUnset() || v.Kind != values.Map && name == PasswordRef && b.Ref(name).ReplacesDefault() {
			if counts(v) {
				return true
			}
			continue
		}
		for _, f := range v.Fields {
			if (!f.IsUnset() || name == PasswordRef && isBlank(given(f))) && counts(f) {
				return true
			}
		}
	}
	return false
}

// MeansToken reports whether the block has no type and nothing but a token.
func (b Block) MeansToken() bool {
	return b.Get(Type).IsUnset() && (b.IsSet(Token) || b.IsSet(TokenRef)) &&
		b.Text(Password) == "" && !b.Ref(PasswordRef).IsOwnPassword()
}

// Mode returns the mode that counts, "" where the block does not tell: it is no mapping,
// its type is invalid or filled in later, or was left out beside a token.
func (b Block) Mode() auth.Mode {
	mode := b.Get(Type)
	switch {
	case b.Value.Kind != values.Map, IsSealed(mode.Str()), mode.IsUnset() && b.MeansToken():
		return ""
	case mode.IsUnset():
		return auth.ModePassword
	case IsMode(mode):
		return auth.Mode(mode.Str())
	}
	return ""
}

// CredentialFields returns the fields in which a mode takes the credential: the text itself, and
// the reference.
func CredentialFields(m auth.Mode) (plain, ref string) {
	if m == auth.ModeToken {
		return Token, TokenRef
	}
	return Password, PasswordRef
}

// HasTwo reports whether both fields in which the mode takes the credential give one.
func (b Block) HasTwo() bool {
	plain, name := CredentialFields(b.Mode())
	ref := b.Ref(name)
	return b.Text(plain) != "" && (b.Mode() == auth.ModeToken && !ref.IsUnset() || b.Mode() == auth.ModePassword && ref.IsOwnPassword())
}

// HasNone reports whether the mode is known and the block gives no credential for it.
func (b Block) HasNone() bool {
	plain, name := CredentialFields(b.Mode())
	ref := b.Ref(name)
	return b.Text(plain) == "" && (b.Mode() == auth.ModeToken && ref.IsUnset() || b.Mode() == auth.ModePassword && ref.ReplacesDefault())
}

// Missing returns what a reference lacks that the mode reads, RefName and RefKey or one of
// them: a passwordSecretKeyRef takes from the chart's default what is left out.
func (b Block) Missing(name string) []string {
	r := b.Ref(name)
	switch plain, ref := CredentialFields(b.Mode()); {
	case name == UsernameRef && b.Mode() == auth.ModePassword && !r.IsUnset():
	case name != ref || b.Mode() == "" || b.Text(plain) != "" || b.HasNone():
		return nil
	case name == PasswordRef:
		return r.halfBlank()
	}
	return r.missing()
}

// Reads returns the reference from which the mode takes the credential, or the username
// where name is UsernameRef, as it counts; ok is false where it takes it from none.
func (b Block) Reads(name string) (s auth.SecretRef, ok bool) {
	r := b.Ref(name)
	plain, ref := CredentialFields(b.Mode())
	switch {
	case b.Mode() == "" || len(b.Missing(name)) > 0:
		return s, false
	case name == UsernameRef:
		return r.secretRef(), b.Mode() == auth.ModePassword && !r.IsUnset()
	case name != ref || b.Text(plain) != "" || b.HasNone():
		return s, false
	case name == PasswordRef:
		return r.inherited(), true
	}
	return r.secretRef(), true
}

// Auth returns the credential that the block declares. Where a rule has an Error about the
// block it means nothing.
func (b Block) Auth() auth.Auth {
	mode := b.Mode()
	a := auth.Auth{Mode: mode}
	plain, name := CredentialFields(mode)
	ref, hasRef := b.Reads(name)
	switch {
	case mode == auth.ModePassword:
		a.Username = b.Text(Username)
		if a.Username == "" {
			a.Username = auth.DefaultUsername
		}
		if u, ok := b.Reads(UsernameRef); ok {
			a.UsernameRef = &u
		}
	case mode == "" || b.HasTwo() || b.Text(plain) == "" && !hasRef:
		return auth.Auth{}
	}
	switch {
	case hasRef:
		a.Ref = ref
	case !b.HasTwo() && b.Text(plain) != "":
		a.Plaintext = auth.NewSecret(b.Text(plain))
	}
	return a
}
