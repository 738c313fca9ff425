// Package field holds the rules on a block's fields and what is in them, and on values beside
// it that get in its way.
package field

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const (
	unknownField = "unknown-field"
	invalidValue = "invalid-value"
)

// Rules returns the rules on blocks themselves, in the order of the documentation.
func Rules() []rule.Rule {
	return slices.Concat(shapeRules(), credentialRules(), contentRules(), valuesRules())
}

// shapeRules are the rules on the form of the block, which the JSON schema describes.
func shapeRules() []rule.Rule {
	return []rule.Rule{
		{ID: unknownField, Severity: diag.Error, Keys: true, Block: unknownFields},
		{ID: rule.WrongType, Severity: diag.Error, Runtime: wrongTypes, Block: wrongFields},
		{ID: "missing-field", Severity: diag.Error, Class: rule.Absence, After: []string{rule.MisspelledKey, unknownField}, Block: missingFields},
		{ID: invalidValue, Severity: diag.Error, Fixable: true, Block: invalidTypes},
		{ID: "invalid-name", Severity: diag.Error, Fixable: true, Block: invalidNames},
	}
}

// misshapen returns what of the block in question has a form.
func misshapen(p *rule.Pass, f block.Form) []block.Misshape {
	return slices.DeleteFunc(slices.Clone(p.Shapes), func(m block.Misshape) bool { return m.Form != f })
}

func unknownFields(p *rule.Pass, b block.Block) {
	for _, s := range b.Strangers(p.Shapes) {
		if s.Right == "" { // a slip has a rule of its own
			p.Report(s.Value.KeySpan(), s.Path,
				fmt.Sprintf("unknown field %s, the chart ignores it; known are %s", mask.Quote(s.Written), strings.Join(s.Known, ", ")), outdented(b, s.Written))
		}
	}
}

// outdented is the hint for a field of a reference that stands beside the reference
// instead of in it, because it is not indented; "" if it is not that.
func outdented(b block.Block, name string) string {
	for _, ref := range []string{block.TokenRef, block.PasswordRef, block.UsernameRef} {
		if f, given := b.Fields[ref]; given && block.IsRefField(name) && f.Value.Kind == values.Null {
			return fmt.Sprintf("indent it: it belongs into %q", f.Written)
		}
	}
	return ""
}

// wrongTypes reports what is no mapping on the way to the block, and a switch of the chart's
// own Argo CD that is no boolean: Helm takes any text for true.
func wrongTypes(p *rule.Pass) {
	for _, path := range auth.BlockPaths() {
		for i, name := range path[:len(path)-1] {
			if v := p.Values.Root.At(path[:i+1]...); name == block.ExternalArgoCD && v != nil && v.Kind != values.Null && v.Kind != values.Map {
				wrongType(p, v, strings.Join(path[:i+1], "."), fmt.Sprintf("%q", name), "a mapping with the field \"auth\"")
			}
		}
	}
	if v := bundled(p); v != nil && v.Kind != values.Bool {
		wrongType(p, v, "argo-cd.enabled", "\"enabled\"", "true or false")
	}
}

func wrongFields(p *rule.Pass, _ block.Block) {
	for _, m := range misshapen(p, block.Mistyped) {
		wrongType(p, m.Value, m.Path, m.What, m.Want)
	}
}

func wrongType(p *rule.Pass, v *values.Value, path, what, want string) {
	hint := ""
	if want == "a string" && (v.Kind == values.Number || v.Kind == values.Bool) {
		isFlag := strings.HasPrefix(v.Body.File(), "--set")
		switch {
		case isFlag && p.Options.Parameters:
			hint = "forceString: true takes the value for a string"
		case isFlag:
			hint = "--set-string takes every value for a string"
		default:
			hint = "put the value in quotes"
		}
	}
	if want == "true or false" && block.WordForBool(v.Str()) != "" {
		p.Masks.Vouch(v, v.Body)
	}
	at := v.Body
	if at.End <= at.Start {
		at = v.KeySpan()
	}
	p.Report(at, path, fmt.Sprintf("%s is %s, it must be %s", what, v.Kind, want), hint)
}

func missingFields(p *rule.Pass, b block.Block) {
	for _, name := range []string{block.TokenRef, block.PasswordRef, block.UsernameRef} {
		missing := b.Missing(name)
		if len(missing) == 0 {
			continue
		}
		f := b.Fields[name]
		quoted := make([]string, len(missing))
		for i, field := range missing {
			quoted[i] = fmt.Sprintf("%q", field)
		}
		why := ""
		if name != block.PasswordRef {
			why = ", and the chart has no default for it"
		}
		p.Report(f.Value.KeySpan(), b.Where(f.Written, missing[0]),
			fmt.Sprintf("%q lacks %s%s", f.Written, strings.Join(quoted, " and "), why),
			"give both the name of the Secret and the key inside it")
	}
}

func invalidTypes(p *rule.Pass, _ block.Block) {
	modes := []string{string(auth.ModeToken), string(auth.ModePassword)}
	for _, m := range misshapen(p, block.BadType) {
		text, hint := strings.TrimSpace(m.Value.Str()), ""
		if mode := block.Nearest(text, modes); mode != "" {
			hint = fmt.Sprintf("did you mean %q?", mode)
		} else if slices.Contains(modes, text) {
			hint = fmt.Sprintf("remove the white space around %q", text)
		}
		shown := mask.Hidden
		if mask.IsTypeWord(m.Value.Str()) {
			shown = mask.Quote(m.Value.Str())
		}
		d := p.Report(m.Value.Body, m.Path, fmt.Sprintf("unknown type %s, it must be %q or %q", shown, auth.ModeToken, auth.ModePassword), hint)
		// Case and white space leave no doubt of what was meant; letters that are off do.
		if mode := strings.ToLower(text); slices.Contains(modes, mode) {
			p.Retext(d, m.Value, mode)
		}
	}
}

func invalidNames(p *rule.Pass, b block.Block) {
	for _, m := range misshapen(p, block.BadName) {
		invalidName(p, m.Value, m.Path, m.At[len(m.At)-1])
	}
	for _, name := range []string{block.TokenRef, block.PasswordRef, block.UsernameRef} {
		pasted(p, b, name)
	}
}

func invalidName(p *rule.Pass, v *values.Value, path, field string) {
	what, want := "the name of a Secret", `lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit`
	if field == block.RefKey {
		what, want = "a key of a Secret", `letters, digits, "-", "_" and ".", not beginning with two dots`
	}
	shown, trimmed := mask.Quote(v.Str()), strings.TrimSpace(v.Str())
	if shown != mask.Hidden {
		p.Masks.Vouch(v, v.Body)
	}
	hint := ""
	switch {
	case trimmed != v.Str():
		hint = "remove the white space around it"
	case len(v.Str()) > block.MaxName:
		hint = fmt.Sprintf("at most %d characters", block.MaxName)
	case shown == mask.Hidden:
		hint = "this looks like the credential itself; here goes the " + field + " of the Secret that holds it"
	}
	d := p.Report(v.Body, path, fmt.Sprintf("%s cannot be %s: use %s", shown, what, want), hint)
	isValid := field == block.RefName && block.ValidName(trimmed) || field == block.RefKey && block.ValidKey(trimmed)
	if trimmed != "" && isValid {
		p.Retext(d, v, trimmed)
	}
}

// pasted reports a token in the place of a name or key: Kubernetes would take it, and the
// credential would be readable in every manifest.
func pasted(p *rule.Pass, b block.Block, name string) {
	fields := block.RightNames(b.Get(name), block.RefFields())
	for _, field := range []string{block.RefName, block.RefKey} {
		v := fields[field].Value
		if s := v.Str(); v != nil && holdsToken(s) && !block.IsSealed(s) && (field == block.RefKey && block.ValidKey(s) || field == block.RefName && block.ValidName(s)) {
			p.Report(v.Body, b.Where(b.Fields[name].Written, fields[field].Written),
				fmt.Sprintf("this looks like the credential itself; %q is the %s of the Secret that holds it", field, field),
				"store it in a Secret and reference that; a token that was committed or installed like this should be revoked")
		}
	}
}

// holdsToken reports whether there is the beginning of a JSON Web Token in s.
func holdsToken(s string) bool {
	for {
		i := strings.Index(s, "eyJ")
		if i < 0 {
			return false
		}
		s = s[i+len("eyJ"):]
		run := strings.IndexFunc(s, func(c rune) bool { return c != '_' && c != '-' && (c > 'z' || !block.IsAlphanumeric(byte(c))) })
		if run >= 8 || run < 0 && len(s) >= 8 {
			return true
		}
	}
}
