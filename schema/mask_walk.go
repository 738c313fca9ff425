package schema

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// role is what a value is there for, as far as the keys above it say.
type role uint8

const (
	roleOther    role = iota // its own key and its looks tell whether it is a credential
	roleAround               // beside the block, where a field of it may have got lost
	roleField                // a field of an auth block
	roleRefField             // a field of a reference in an auth block
	roleBelow                // right below a key that speaks of a credential
	roleSecret               // a credential, with all below
)

// place is where a value stands: below which key, and in what.
type place struct {
	key  string
	role role
	// around is what the value stands in, for values that have no place themselves, as
	// the items of a list that a flag sets.
	around values.Span
}

// walk finds out of every key and scalar at and below v whether it may be shown.
func (m *Masks) walk(v *values.Value, at place) {
	if v == nil {
		return
	}
	if !v.Body.IsZero() {
		at.around = v.Body
	}
	switch v.Kind {
	case values.Map:
		m.walkMap(v, place{role: below(v, at), around: at.around})
	case values.List:
		m.walkList(v, at)
	default:
		m.scalar(v, at)
	}
	m.walk(v.Overrides, at)
}

func (m *Masks) walkMap(v *values.Value, at place) {
	if at.role == roleSecret && len(v.Fields) > 0 {
		m.hideSpan(at.around)
	}
	// {name: X_TOKEN, value: …} is how Kubernetes writes an environment variable.
	isVariable := speaksOfSecrets(v.Field(refName).Str())
	field := func(name string, f *values.Value, key values.Span) {
		at := at.field(name)
		if isVariable && name == "value" {
			at.role = roleSecret
		}
		m.name(f, name, key, at)
		m.walk(f, at)
	}
	for _, name := range v.Order {
		field(name, v.Field(name), v.Field(name).Key)
	}
	for _, d := range v.Duplicates {
		field(d.Name, d.First, d.FirstKey)
	}
}

// field returns the place of a field. One with dots in its name may be a whole path.
func (p place) field(name string) place {
	p.key = name
	i := strings.LastIndexByte(name, '.')
	if i < 0 || p.role == roleSecret {
		return p
	}
	switch above := lastStep(name[:i]); {
	case isAuth(above):
		p.key, p.role = name[i+1:], roleField
	case isRef(above):
		p.key, p.role = name[i+1:], roleRefField
	}
	return p
}

func lastStep(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func (m *Masks) walkList(v *values.Value, at place) {
	switch {
	case at.role == roleField, at.role == roleRefField, isSecretBody(v, at.key):
		at.role = roleSecret
	case isBlockName(at.key):
		at.role = roleSecret // a list in place of the block
	}
	if at.role == roleSecret && len(v.Items) > 0 {
		m.hideSpan(at.around)
	}
	for _, item := range v.Items {
		m.walk(item, at)
	}
}

// below returns the role of what stands in a mapping.
func below(v *values.Value, at place) role {
	switch at.role {
	case roleSecret, roleRefField:
		return roleSecret
	case roleField:
		if isRef(at.key) || isRef(nearest(at.key, fieldNames())) {
			return roleRefField
		}
		return roleSecret
	}
	switch {
	case isAuth(at.key), isDistinct(v) && !mayLack(at.key):
		return roleField
	case isBlockName(at.key), mayLack(at.key):
		return roleAround
	case isSecretBody(v, at.key):
		return roleSecret
	case speaksOfSecrets(at.key):
		return roleBelow
	}
	return roleOther
}

// mayLack reports whether of the mapping below a key, the root's being "", entries may
// not have been read (see wanted), so that nothing can be told from what it has.
func mayLack(key string) bool { return key == "" || wantedAtRoot(key) == values.Descend }

// isSecretBody reports whether what stands below a key is a credential, though it is a
// mapping or a list: there is a key too many above it, or braces around it.
func isSecretBody(v *values.Value, key string) bool {
	if isAuthVariable(key) {
		return !isVariableSource(v)
	}
	return speaksOfSecrets(key) && (isSlipOrSame(key, fieldToken) || isSlipOrSame(key, fieldPassword))
}

// isVariableSource reports whether a variable is given as {valueFrom: {secretKeyRef:
// {name: …, key: …}}}, or by a key of a ConfigMap.
func isVariableSource(v *values.Value) bool {
	for _, allowed := range [][]string{{"valueFrom"}, {"secretKeyRef", "configMapKeyRef"}} {
		if v.Kind != values.Map || len(v.Order) != 1 || len(v.Duplicates) > 0 || !slices.Contains(allowed, v.Order[0]) {
			return false
		}
		v = v.Field(v.Order[0])
	}
	if v.Kind != values.Map || len(v.Duplicates) > 0 {
		return false
	}
	for _, name := range v.Order {
		if !isRefField(name) || !showable(v.Field(name).Str()) {
			return false
		}
	}
	return true
}

// isBlockName reports whether the block, or the mapping around it, has this name or
// was meant to have it.
func isBlockName(key string) bool { return isAuth(key) || isSlipOrSame(lastStep(key), externalArgoCD) }

func isAuth(key string) bool { return isSlipOrSame(lastStep(key), "auth") }

func isSlipOrSame(key, known string) bool { return key == known || isSlip(key, known) }

// scalar judges a value that is no mapping or list.
func (m *Masks) scalar(v *values.Value, at place) {
	switch {
	case v.IsUnset(), isShown(v, at):
		m.show(v.Body, false)
	default:
		m.hideSpan(at.around)
		m.remember(plainText(v))
	}
}

func isShown(v *values.Value, at place) bool {
	text := plainText(v)
	switch at.role {
	case roleSecret:
		return false
	case roleField:
		return at.key == fieldType && showableType(text) || at.key == fieldUsername && showable(text)
	case roleRefField:
		return showable(text) && (isRefField(at.key) || nearest(at.key, refFieldNames()) != "") || isRefLike(at.key) && !speaksOfSecrets(at.key) && showableType(text)
	case roleAround:
		if field := nearest(at.key, fieldNames()); field == fieldToken || field == fieldPassword {
			return false
		}
	case roleBelow:
		isName := isRefField(at.key) || strings.HasSuffix(fold(at.key), "name")
		return v.Kind == values.Bool || isName && showable(text)
	}
	if isBlockName(at.key) {
		return isHarmless(v)
	}
	if at.key == "enabled" && v.Kind == values.String {
		return len(text) <= len("false") && showableType(text) // of a switch only what reads like one
	}
	return !speaksOfSecrets(at.key) && !holdsSecret(text)
}

// isRefLike reports whether a field that no reference has says which Secret is meant.
func isRefLike(key string) bool {
	folded := fold(key)
	return slices.ContainsFunc([]string{"name", "namespace", "key"}, func(end string) bool { return strings.HasSuffix(folded, end) })
}

// plainText returns what a scalar says: of a number what is written.
func plainText(v *values.Value) string {
	if v.Kind == values.Number {
		return v.Body.Text()
	}
	return v.Str()
}

// name judges the key of a value.
func (m *Masks) name(v *values.Value, name string, key values.Span, at place) {
	if key.IsZero() {
		return
	}
	if at.role != roleSecret && showable(name) {
		m.show(key, v != nil && v.Kind != values.Map && !isShown(v, at))
		return
	}
	m.hideSpan(key)
	if looksSecret(name) || at.role == roleSecret || at.role == roleField || at.role == roleRefField {
		m.rememberName(name)
	}
}

// rememberName has a key looked for everywhere that was found where a credential
// belongs, unless it is a word as other keys are.
func (m *Masks) rememberName(name string) {
	if !showable(name) || strings.ContainsAny(name, "0123456789") {
		m.remember(name)
	}
}

// steps hides what stands in place of a mapping on the way to the block.
func (m *Masks) steps(root *values.Value) {
	for _, path := range [][]string{oldPath(), newPath()} {
		for i := range path {
			v := root.At(path[:i+1]...)
			if v != nil && v.Kind != values.Map && !isHarmless(v) {
				m.hide(v)
			}
		}
	}
}

// isHarmless reports whether a value in place of the block may be shown: `auth: token`.
func isHarmless(v *values.Value) bool {
	mode := Mode(v.Str())
	return v.Kind == values.Bool || mode == ModeToken || mode == ModePassword
}

// show notes that a span may be shown. hidesNext is set for a key before a credential:
// what looks like a tag or an anchor behind it may be a part of that.
func (m *Masks) show(s values.Span, hidesNext bool) {
	if !s.IsZero() && s.End > s.Start {
		m.extents(s.Source).addOpen(s.Text(), extent{stretch: stretch{s.Start, s.End}, hidesNext: hidesNext})
	}
}

func (m *Masks) hideSpan(s values.Span) {
	if !s.IsZero() {
		m.spans = append(m.spans, s)
	}
}

// hide hides a value, and wherever it is repeated.
func (m *Masks) hide(v *values.Value) {
	if !v.IsUnset() {
		m.hideSpan(v.Body)
		m.remember(plainText(v))
	}
}

// remember has a text looked for everywhere, if it is long enough, each line of it by
// itself. Words of the block's own are not: every file has them, and to hide them
// would tell that one is the password.
func (m *Masks) remember(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		word := strings.TrimSpace(line)
		isOwn := func(own string) bool { return strings.Contains(own, word) }
		if len(word) >= minWord && !slices.ContainsFunc(ownWords(), isOwn) {
			m.words = append(m.words, []byte(word))
		}
	}
}

// ownWords are the names that make up the block and its paths.
func ownWords() []string {
	return slices.Concat(fieldNames(), refFieldNames(), oldPath(), newPath())
}
