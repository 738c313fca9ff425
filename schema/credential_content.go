package schema

import (
	"strings"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/schema/token"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// content judges what a plaintext credential looks like inside. Only the one that
// the block's type makes count is looked at: the other is reported as unused.
func (r *run) content(b block) {
	name := ""
	switch mode := b.get(fieldType); {
	case b.text(fieldType) == string(ModeToken), b.meansToken():
		name = fieldToken
	case b.text(fieldType) == string(ModePassword), mode.IsUnset():
		name = fieldPassword
	default:
		return // an invalid type, which has its own error
	}
	if name == fieldPassword {
		r.username(b)
	}
	v := b.get(name)
	if v == nil || v.Kind != values.String || v.IsUnset() || r.opts.Rendered && NewSecret(v.Str()).IsMarker() || isSealed(v.Str()) {
		return
	}
	c := credential{field: b.fields[name], path: b.where(b.fields[name].written), name: name, text: v.Str()}
	// The first cause hides the others: a placeholder is no token either.
	if r.placeholder(c) || r.padded(c) || name == fieldPassword {
		return
	}
	t, err := token.Parse(c.text)
	if err != nil {
		r.malformed(c, err)
		return
	}
	switch t.Kind {
	case token.Session:
		r.sessionToken(c, t)
	case token.Project:
		r.projectToken(c)
	case token.SSO:
		r.ssoToken(c)
	case token.APIKey:
		if !r.opts.Now.IsZero() && t.NotBefore.After(r.opts.Now) {
			r.notYetValid(c, t)
			return
		}
		r.expiry(c, t)
	}
}

// credential is a token or password that stands in the values.
type credential struct {
	field field
	path  string
	name  string // fieldToken or fieldPassword
	text  string
}

func hasSpace(s string) bool { return strings.ContainsFunc(s, unicode.IsSpace) }
