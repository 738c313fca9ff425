package block

import (
	"strings"
	"time"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/token"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Looks is what a credential is, or is in place of one. The first that fits hides the
// others: a placeholder is no token either.
type Looks uint8

const (
	LikeNothing Looks = iota // to be said
	LikePlaceholder
	LikePadded
	LikeNoToken
	LikeSession
	LikeProject
	LikeSSO
	LikeExpiring
	LikeExpired
	LikeEarly
)

// Content is the credential of a block that stands in the values.
type Content struct {
	Name  string // of the field that the type makes count, "" where it is not known
	Field Field
	Path  string
	Text  string // "" where there is none to judge

	Looks      Looks
	What, Hint string // where it is padded
	Token      token.Token
	Err        error // of parsing it
}

// Content looks at the credential that the type makes count: the other is reported as
// unused. now is the time against which a token's expiry is held, zero for none; rendered says
// that the values come out of manifests, in which the marker stands for a credential.
func (b Block) Content(now time.Time, rendered bool) Content {
	c := Content{}
	switch mode := b.Get(Type); {
	case b.Text(Type) == string(auth.ModeToken), b.MeansToken():
		c.Name = Token
	case b.Text(Type) == string(auth.ModePassword), mode.IsUnset():
		c.Name = Password
	default:
		return c // an invalid type, which has its own error
	}
	v := b.Get(c.Name)
	if v == nil || v.Kind != values.String || v.IsUnset() || rendered && auth.NewSecret(v.Str()).IsMarker() || IsSealed(v.Str()) {
		return c
	}
	c.Field, c.Text = b.Fields[c.Name], v.Str()
	c.Path = b.Where(c.Field.Written)
	if PlaceholderForm(c.Text) != "" {
		c.Looks = LikePlaceholder
	} else if c.What, c.Hint = padding(c); c.What != "" {
		c.Looks = LikePadded
	} else if c.Name == Token {
		c.Token, c.Err = token.Parse(c.Text)
		c.Looks = tokenLooks(c, now)
	}
	return c
}

// tokenLooks judges a token. Without a clock, none has expired. One that was never meant
// for a Runtime, or is not for now, is that first: nobody need look for the rest of it.
func tokenLooks(c Content, now time.Time) Looks {
	looks := claimsLook(c, now)
	if c.Err != nil && (looks == LikeNothing || looks == LikeExpiring) {
		return LikeNoToken
	}
	return looks
}

func claimsLook(c Content, now time.Time) Looks {
	switch c.Token.Kind {
	case token.Session:
		return LikeSession
	case token.Project:
		return LikeProject
	case token.SSO:
		return LikeSSO
	case token.APIKey:
		switch {
		case !now.IsZero() && c.Token.NotBefore.After(now):
			return LikeEarly
		case c.Token.Expires.IsZero():
		case !now.IsZero() && !c.Token.Expires.After(now):
			return LikeExpired
		default:
			return LikeExpiring
		}
	}
	return LikeNothing
}

// padding says what is around or in the credential that does not belong to it, ""
// if there is nothing, and how to get rid of it.
func padding(c Content) (what, hint string) {
	trimmed := strings.TrimSpace(c.Text)
	isToken := c.Name == Token
	switch {
	case strings.TrimRight(c.Text, "\r\n") != c.Text:
		return "ends with a line break", "write it on one line in quotes; a block scalar (|) ends with a line break unless it is written |-, and so does a file given with --set-file"
	case trimmed == "":
		return "is blank", "give it, or remove the field"
	case trimmed != c.Text:
		return "has white space around it", "remove it"
	case isToken && len(c.Text) >= len("bearer ") && strings.EqualFold(c.Text[:len("bearer ")], "bearer "):
		return "begins with the word Bearer", "give the token alone"
	case isToken && strings.ContainsFunc(c.Text, unicode.IsSpace):
		return "has white space in it", "a token is one unbroken line; it was probably wrapped when it was copied"
	case isToken && wrapped(c.Text) != "":
		return "has " + wrapped(c.Text) + " around it", "remove them, the token itself is whole"
	case isToken && token.IsEncodedAgain(c.Text):
		return "is encoded in base64 once too often", "the values take it as it is: decode it once (base64 -d)"
	}
	return "", ""
}

// wrapped says what stands around a text that is a token without it: what quotes, a
// terminal or a web page leave behind when somebody copies one.
func wrapped(s string) string {
	const quotes, invisible = "\"'`“”‘’„,;%", "\ufeff\u200b\u200c\u200d\u2060"
	inner := strings.Trim(s, quotes+invisible)
	if _, err := token.Parse(inner); inner == s || err != nil {
		return ""
	}
	if strings.ContainsAny(s, invisible) {
		return "invisible characters"
	}
	return "quotes or other signs"
}
