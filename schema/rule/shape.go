package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const (
	unknownField = "unknown-field"
	invalidValue = "invalid-value"
)

// shapeRules are the rules on the form of the block, which the JSON schema describes.
func shapeRules() []Rule {
	return []Rule{
		{ID: unknownField, Severity: diag.Error, Keys: true, Block: unknownFields},
		{ID: WrongType, Severity: diag.Error, Runtime: wrongTypes, Block: wrongFields},
		{ID: "missing-field", Severity: diag.Error, Class: Absence, After: []string{misspelledKey, unknownField}, Block: missingFields},
		{ID: invalidValue, Severity: diag.Error, Fixable: true, Block: invalidTypes},
		{ID: "invalid-name", Severity: diag.Error, Fixable: true, Block: invalidNames},
	}
}

// form is what keeps a part of a block from having its shape.
type form uint8

const (
	unknown  form = iota // fields that no chart knows
	sealed               // another tool fills it in later
	replaced             // a placeholder, which something may replace
	mistyped
	badType // of the block
	badName
)

// misshape is one part of a block that does not have its shape.
type misshape struct {
	form  form
	value *values.Value
	at    []string // field names below the block
	path  string
	what  string // it is, for messages
	want  string // instead, where it is mistyped
}

// misshapes says what the JSON schema's findings about a block mean, one for each place: a
// value can fail several keywords.
func misshapes(b block.Block, found []Structural) []misshape {
	var all []misshape
	done := map[string]bool{}
	for _, s := range found {
		if place := strings.Join(s.At, "\x00"); !done[place] {
			done[place] = true
			all = append(all, misshapeOf(b, s))
		}
	}
	return all
}

func misshapeOf(b block.Block, s Structural) misshape {
	m := misshape{value: b.Value.At(s.At...), at: s.At, path: b.Where(s.At...), what: "the block"}
	name := ""
	if n := len(s.At); n > 0 {
		name = s.At[n-1]
		m.what = fmt.Sprintf("%q", name)
	}
	mistype := func(want string) misshape {
		m.form, m.want = mistyped, want
		return m
	}
	switch text := m.value.Str(); {
	case s.Keyword == "additionalProperties":
		m.form = unknown
	case block.IsSealed(text):
		m.form = sealed
	case block.IsVariable(text) || block.PlaceholderForm(text) != "" && strings.ContainsAny(text[:1], "<%_"):
		m.form = replaced
	case name == "":
		return mistype("a mapping with the field \"type\" and a credential")
	case len(s.At) == 1 && block.IsRef(name):
		return mistype("a mapping {name: …, key: …}")
	case name == block.RefOptional:
		return mistype("true or false")
	case m.value.Kind != values.String:
		return mistype("a string")
	case s.At[0] == block.Type:
		m.form = badType
	default:
		m.form = badName
	}
	return m
}

// misshapen returns what of the block has a form.
func (p *Pass) misshapen(f form) []misshape {
	return slices.DeleteFunc(slices.Clone(p.shapes), func(m misshape) bool { return m.form != f })
}

// stranger is a field of the block, or of a reference in it, that no chart knows.
type stranger struct {
	value         *values.Value
	path, written string
	known         []string // the names that it could have
	right         string   // the one of them that it is a slip for, "" if none
}

func (p *Pass) strangers(b block.Block) []stranger {
	var all []stranger
	for _, m := range p.misshapen(unknown) {
		known := block.Fields()
		if len(m.at) > 0 {
			known = block.RefFields()
		}
		for _, name := range m.value.Order {
			if f := m.value.Field(name); f != nil && !slices.Contains(known, name) {
				all = append(all, stranger{f, b.Where(slices.Concat(m.at, []string{name})...), name, known, block.Nearest(name, known)})
			}
		}
	}
	return all
}

func unknownFields(p *Pass, b block.Block) {
	for _, s := range p.strangers(b) {
		if s.right == "" { // a slip has a rule of its own
			p.report(s.value.KeySpan(), s.path,
				fmt.Sprintf("unknown field %s, the chart ignores it; known are %s", mask.Quote(s.written), strings.Join(s.known, ", ")), outdented(b, s.written))
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
func wrongTypes(p *Pass) {
	for _, path := range block.Paths() {
		for i, name := range path[:len(path)-1] {
			if v := p.values.Root.At(path[:i+1]...); name == block.ExternalArgoCD && v != nil && v.Kind != values.Null && v.Kind != values.Map {
				p.wrongType(v, strings.Join(path[:i+1], "."), fmt.Sprintf("%q", name), "a mapping with the field \"auth\"")
			}
		}
	}
	if v := p.bundled(); v != nil && v.Kind != values.Bool {
		p.wrongType(v, "argo-cd.enabled", "\"enabled\"", "true or false")
	}
}

func wrongFields(p *Pass, _ block.Block) {
	for _, m := range p.misshapen(mistyped) {
		p.wrongType(m.value, m.path, m.what, m.want)
	}
}

func (p *Pass) wrongType(v *values.Value, path, what, want string) {
	hint := ""
	if want == "a string" && (v.Kind == values.Number || v.Kind == values.Bool) {
		isFlag := strings.HasPrefix(v.Body.File(), "--set")
		switch {
		case isFlag && p.opts.Parameters:
			hint = "forceString: true takes the value for a string"
		case isFlag:
			hint = "--set-string takes every value for a string"
		default:
			hint = "put the value in quotes"
		}
	}
	if want == "true or false" && block.WordForBool(v.Str()) != "" {
		p.masks.Vouch(v, v.Body)
	}
	at := v.Body
	if at.End <= at.Start {
		at = v.KeySpan()
	}
	p.report(at, path, fmt.Sprintf("%s is %s, it must be %s", what, v.Kind, want), hint)
}

func missingFields(p *Pass, b block.Block) {
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
		p.report(f.Value.KeySpan(), b.Where(f.Written, missing[0]),
			fmt.Sprintf("%q lacks %s%s", f.Written, strings.Join(quoted, " and "), why),
			"give both the name of the Secret and the key inside it")
	}
}

func invalidTypes(p *Pass, _ block.Block) {
	modes := []string{string(auth.ModeToken), string(auth.ModePassword)}
	for _, m := range p.misshapen(badType) {
		text, hint := strings.TrimSpace(m.value.Str()), ""
		if mode := block.Nearest(text, modes); mode != "" {
			hint = fmt.Sprintf("did you mean %q?", mode)
		} else if slices.Contains(modes, text) {
			hint = fmt.Sprintf("remove the white space around %q", text)
		}
		shown := mask.Hidden
		if mask.IsTypeWord(m.value.Str()) {
			shown = mask.Quote(m.value.Str())
		}
		d := p.report(m.value.Body, m.path, fmt.Sprintf("unknown type %s, it must be %q or %q", shown, auth.ModeToken, auth.ModePassword), hint)
		// Case and white space leave no doubt of what was meant; letters that are off do.
		if mode := strings.ToLower(text); slices.Contains(modes, mode) {
			p.retext(d, m.value, mode)
		}
	}
}

func invalidNames(p *Pass, b block.Block) {
	for _, m := range p.misshapen(badName) {
		p.invalidName(m.value, m.path, m.at[len(m.at)-1])
	}
	for _, name := range []string{block.TokenRef, block.PasswordRef, block.UsernameRef} {
		p.pasted(b, name)
	}
}

func (p *Pass) invalidName(v *values.Value, path, field string) {
	what, want := "the name of a Secret", `lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit`
	if field == block.RefKey {
		what, want = "a key of a Secret", `letters, digits, "-", "_" and ".", not beginning with two dots`
	}
	shown, trimmed := mask.Quote(v.Str()), strings.TrimSpace(v.Str())
	if shown != mask.Hidden {
		p.masks.Vouch(v, v.Body)
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
	d := p.report(v.Body, path, fmt.Sprintf("%s cannot be %s: use %s", shown, what, want), hint)
	isValid := field == block.RefName && block.ValidName(trimmed) || field == block.RefKey && block.ValidKey(trimmed)
	if trimmed != "" && isValid {
		p.retext(d, v, trimmed)
	}
}

// pasted reports a token in the place of a name or key: Kubernetes would take it, and the
// credential would be readable in every manifest.
func (p *Pass) pasted(b block.Block, name string) {
	fields := block.RightNames(b.Get(name), block.RefFields())
	for _, field := range []string{block.RefName, block.RefKey} {
		v := fields[field].Value
		if s := v.Str(); v != nil && holdsToken(s) && !block.IsSealed(s) && (field == block.RefKey && block.ValidKey(s) || field == block.RefName && block.ValidName(s)) {
			p.report(v.Body, b.Where(b.Fields[name].Written, fields[field].Written),
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
