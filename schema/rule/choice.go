package rule

import (
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
)

// Choice is which of a Runtime's blocks counts.
type Choice struct {
	Declared *block.Block  // nil where nobody has given one that says something
	Rivals   []block.Block // that declare something other than the vendor's default, in Helm's order
}

// choose finds the block in force among those that say anything, and reads what it
// declares. One that says only what the chart's defaults say yields: merged values always
// hold the defaults of the chart's own place. What a credential looks like has no part in it.
func (p *Pass) choose() {
	said := slices.DeleteFunc(slices.Clone(p.Blocks), func(b block.Block) bool { return !b.Says(nil) })
	declaring := slices.DeleteFunc(slices.Clone(said), func(b block.Block) bool { return !p.declares(b) })
	s := &p.runtime.Settings
	s.Auth, p.Choice = auth.Default(), Choice{}
	if len(said) == 0 {
		return
	}
	if len(declaring) > 0 {
		said = declaring
	}
	slices.SortStableFunc(said, func(a, b block.Block) int {
		switch {
		case p.IsBehind(a.Value, b.Value):
			return 1
		case p.IsBehind(b.Value, a.Value):
			return -1
		}
		return 0
	})
	others := slices.DeleteFunc(slices.Clone(said), func(b block.Block) bool { return b.Auth().Equal(auth.Default()) })
	if len(others) > 0 && !p.broken {
		said = others
	}
	inForce := said[len(said)-1]
	s.Auth = inForce.Auth()
	if s.Declared = len(declaring) > 0; s.Declared {
		s.Implied = s.Auth.IsDefault() && p.isImplied(inForce)
		p.runtime.Place, p.runtime.Block = strings.Join(inForce.Path, "."), mask.Path(p.At(inForce.Where()))
		p.Choice.Declared = &inForce
	}
	p.Choice.Rivals = others
}

// isImplied reports whether a block that means the chart's default credential does not say so:
// it names none, or a token that its type does not read and no password.
func (p *Pass) isImplied(b block.Block) bool {
	password := b.Get(block.PasswordRef)
	named := func(field string) bool { return !password.Field(field).IsUnset() && p.IsGiven(password.Field(field)) }
	return !b.NamesCredential(p.IsGiven) || (b.IsSet(block.Token) || b.IsSet(block.TokenRef)) && !named(block.RefName) && !named(block.RefKey)
}

// declares reports whether a block that says something declares a credential. What the
// chart's own values say does so only where it is another one than the vendor's: its
// default is there in every release, whether anybody meant it or not.
func (p *Pass) declares(b block.Block) bool {
	return b.Says(p.IsGiven) || !b.Auth().Equal(auth.Default())
}

// Declared returns the block that counts and the credential that the chart takes from it; ok
// is false where no block declares one.
func (p *Pass) Declared() (b block.Block, a auth.Auth, ok bool) {
	if p.Choice.Declared == nil {
		return b, a, false
	}
	return *p.Choice.Declared, p.runtime.Settings.EffectiveAuth(p.Options.ChartVersion), true
}
