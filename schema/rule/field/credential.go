package field

import (
	"fmt"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/schema/auth"
	"github.com/helm-runtime-auth/runtime-auth/schema/block"
	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/rule"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const noCredential = "no-credential"

// credentialRules are the rules on the block's fields together, which say what credential
// it declares: block.Block.Auth.
func credentialRules() []rule.Rule {
	return []rule.Rule{
		{ID: noCredential, Severity: diag.Error, Class: rule.Absence, After: []string{rule.MisspelledKey, unknownField, invalidValue}, Block: missingCredential},
		{ID: "two-credentials", Severity: diag.Error, After: []string{invalidValue}, Block: twoCredentials},
		{ID: "implied-type", Severity: diag.Error, Class: rule.Absence, Block: impliedType},
		{ID: "unused-credential", Severity: diag.Warning, Class: rule.Advice, Block: unusedCredential},
		{ID: "unset-leftover", Severity: diag.Info, Class: rule.Advice, Fixable: true, Block: unsetLeftover},
		{ID: "ignored-field", Severity: diag.Warning, Class: rule.Advice, Block: ignoredFields},
		{ID: "inherited-default", Severity: diag.Info, Class: rule.Absence, Block: inheritedDefault},
		{ID: "plaintext-credential", Severity: diag.Warning, Class: rule.Advice, Runtime: plaintextIgnored, Block: plaintext, File: plaintextIgnored},
		{ID: "reserved-secret", Severity: diag.Error, After: []string{invalidValue}, Block: reservedSecret},
	}
}

func missingCredential(p *rule.Pass, b block.Block) {
	if !b.HasNone() {
		return
	}
	mode := b.Mode()
	plain, ref := block.CredentialFields(mode)
	at, path := b.Value.KeySpan(), b.Where()
	message := fmt.Sprintf("type is %q, but neither %q nor %q is set", mode, plain, ref)
	if mode == auth.ModePassword {
		f := b.Fields[ref]
		at, path = f.Value.KeySpan(), b.Where(f.Written)
		message = fmt.Sprintf("this %q replaces the chart's default by nothing, and %q is not set", ref, plain)
	}
	p.Report(at, path, message, fmt.Sprintf("name the Secret that holds it: %s: {name: …, key: …}", ref))
}

func twoCredentials(p *rule.Pass, b block.Block) {
	if !b.HasTwo() {
		return
	}
	plain, ref := block.CredentialFields(b.Mode())
	first, second := b.Fields[plain], b.Fields[ref]
	if p.IsBehind(first.Value, second.Value) {
		first, second = second, first
	}
	d := p.Report(second.Value.KeySpan(), b.Where(second.Written),
		fmt.Sprintf("both %q and %q are given, and charts disagree on which one counts", first.Written, second.Written),
		"remove one of them")
	d.Related = rule.Related(first.Value.KeySpan(), "the other credential")
}

// impliedType reports a token without `type: token`: the chart's default type is
// password, so it ignores the token and signs in with the admin password.
func impliedType(p *rule.Pass, b block.Block) {
	if b.Value.Kind != values.Map || !b.MeansToken() {
		return
	}
	if b.Overruled != nil {
		p.Report(b.Overruled.KeySpan(), b.Where(block.Type),
			fmt.Sprintf("Helm lays the chart's default type %q over this one: the umbrella chart's own values have a part of %q", auth.ModePassword, values.GlobalKey),
			"give the block below \"global\" of the umbrella chart's values")
		return
	}
	f := b.Fields[block.Token]
	if !b.IsSet(block.Token) {
		f = b.Fields[block.TokenRef]
	}
	p.Report(f.Value.KeySpan(), b.Where(f.Written),
		fmt.Sprintf("%q is given but not %q, so the chart takes type %q and ignores the token", f.Written, block.Type, auth.ModePassword),
		"add \"type: token\" to the block")
}

// otherFields returns the fields in which the mode that the block does not have takes the
// credential; ok is false where it is not known.
func otherFields(b block.Block) (plain, ref string, ok bool) {
	other := auth.ModeToken
	if b.Mode() == auth.ModeToken {
		other = auth.ModePassword
	}
	plain, ref = block.CredentialFields(other)
	return plain, ref, b.Mode() != ""
}

// unusedCredential warns of credentials that the type does not read.
func unusedCredential(p *rule.Pass, b block.Block) {
	plain, ref, ok := otherFields(b)
	for _, name := range []string{plain, ref} {
		if !ok || !b.IsSet(name) || name == block.PasswordRef && !b.Ref(name).IsOwnPassword() {
			continue
		}
		f := b.Fields[name]
		p.Report(f.Value.KeySpan(), b.Where(f.Written),
			fmt.Sprintf("%q is not used with type %q", f.Written, b.Mode()),
			"remove it, or change \"type\"")
	}
}

// unsetLeftover tells of the other type's reference where it was emptied instead of
// removed. Three forms that mean unset too are none of it: what the chart's own default block
// says, which people paste as a whole; null, by which a values file takes away what
// an earlier one gives; and empty plaintext fields, for the same reason: a password
// might come back with them gone.
func unsetLeftover(p *rule.Pass, b block.Block) {
	_, name, ok := otherFields(b)
	f, given := b.Fields[name]
	if !ok || !given || b.Text(block.Type) != string(b.Mode()) || f.Written != name || !b.Ref(name).IsUnset() || overrides(f.Value) {
		return
	}
	if name == block.TokenRef && f.Value.Kind == values.Map {
		return // the chart's defaults: {} or, in 0.18.0, {name: "", key: ""}
	}
	d := p.Report(f.Value.KeySpan(), b.Where(name), fmt.Sprintf("%q is empty, and not read with type %q", name, b.Mode()), "remove it")
	s, why := p.Entry(f.Value.KeySpan())
	if why != "" {
		rule.Mend(d, nil, why)
		return
	}
	edits, why := s.Remove()
	rule.Mend(d, edits, why)
}

// overrides reports whether v or a field of it is null, or replaces what an earlier
// file or flag gives.
func overrides(v *values.Value) bool {
	if v.Kind == values.Null || v.Overrides != nil {
		return true
	}
	for _, f := range v.Fields {
		if overrides(f) {
			return true
		}
	}
	return false
}

// ignoredFields reports what the given chart does not read.
func ignoredFields(p *rule.Pass, b block.Block) {
	ignoredUsername(p, b)
	v := p.Options.ChartVersion
	f, ok := b.Fields[block.UsernameRef]
	if v == nil || v.ReadsBlockUsername() || !ok || !b.IsSet(block.UsernameRef) {
		return
	}
	hint := "give \"username\", or install with the post-renderer, which wires it"
	if b.Text(block.Username) != "" {
		hint = "remove it, or install with the post-renderer, which wires it"
	}
	p.Report(f.Value.KeySpan(), b.Where(f.Written),
		fmt.Sprintf("chart %s ignores %q: only charts up to 0.24.3 read it", v, f.Written),
		hint)
}

// ignoredUsername reports a username that charts from 0.24.4 on do not read, because they
// prefer another one that is set too. What the chart's own values set is no news.
func ignoredUsername(p *rule.Pass, b block.Block) {
	v := p.Options.ChartVersion
	preferred := p.Values.Root.At(block.AppProxyUsername()...)
	if b.Text(block.Type) == string(auth.ModeToken) || !b.IsSet(block.Username) || preferred.IsUnset() || v != nil && v.ReadsBlockUsername() {
		return
	}
	f := b.Fields[block.Username]
	same := preferred.Str() == b.Text(block.Username)
	if p.Options.Rendered || same || p.Values.IsDefault(preferred) || p.Values.IsDefault(f.Value) {
		return
	}
	path := strings.Join(block.AppProxyUsername(), ".")
	d := p.Report(f.Value.KeySpan(), b.Where(f.Written),
		fmt.Sprintf("charts from 0.24.4 on ignore %q: they prefer %s", f.Written, mask.Path(p.At(path))),
		"remove one of them")
	d.Related = rule.Related(preferred.KeySpan(), "the username that counts")
}

// inheritedDefault tells what the chart fills in where a passwordSecretKeyRef gives
// only one of its two fields (Helm merges it into the chart's default).
func inheritedDefault(p *rule.Pass, b block.Block) {
	whole, ok := b.Reads(block.PasswordRef)
	if !ok {
		return
	}
	f, ref := b.Fields[block.PasswordRef], b.Ref(block.PasswordRef)
	written := block.RightNames(f.Value, block.RefFields())
	hasName := ref.HasName() && p.IsGiven(written[block.RefName].Value)
	hasKey := ref.HasKey() && p.IsGiven(written[block.RefKey].Value)
	if hasName == hasKey {
		return
	}
	field, value := block.RefName, whole.Name
	if hasName {
		field, value = block.RefKey, whole.Key
	}
	p.Report(f.Value.KeySpan(), b.Where(f.Written, field),
		fmt.Sprintf("%q gives no %q, so the chart's default %q is used", f.Written, field, value),
		fmt.Sprintf("write %q down if that is what you mean", field))
}

// plaintext warns of credentials that stand in the values themselves.
func plaintext(p *rule.Pass, b block.Block) {
	for _, name := range []string{block.Token, block.Password} {
		// One of the wrong type, or a placeholder, has its own finding.
		if s := b.Get(name).Str(); s == "" || block.IsSealed(s) || block.PlaceholderForm(s) != "" {
			continue
		}
		f := b.Fields[name]
		p.Report(f.Value.Body, b.Where(f.Written),
			fmt.Sprintf("the %s is given in plaintext: Helm stores it in the release, and the chart prints it into a ConfigMap", name),
			fmt.Sprintf("put it into a Secret and name that with %sSecretKeyRef", name))
	}
}

// plaintextIgnored does so in blocks that stand where no chart reads them.
func plaintextIgnored(p *rule.Pass) {
	for _, b := range p.Ignored {
		plaintext(p, b)
	}
}

// reservedSecret refuses references to Secrets that hold something else: the Runtime's
// own token, and what app-proxy writes itself in password mode.
func reservedSecret(p *rule.Pass, b block.Block) {
	for _, name := range []string{block.TokenRef, block.PasswordRef, block.UsernameRef} {
		ref, ok := b.Reads(name)
		f, given := b.Fields[name]
		if !ok || !given {
			continue
		}
		why := ""
		switch {
		case ref.Name == auth.RuntimeSecretName:
			why = "holds the Runtime's own token for Codefresh, not a credential of Argo CD"
		case name != block.TokenRef && ref.Same(auth.SecretRef{Name: auth.AppProxySecretName, Key: auth.AppProxySecretKey}):
			why = "is written by app-proxy itself, which puts an Argo CD token there"
		default:
			continue
		}
		at := f.Value
		if n := block.RightNames(f.Value, block.RefFields())[block.RefName].Value; n != nil {
			at = n
		}
		p.Report(at.Body, b.Where(f.Written, block.RefName),
			fmt.Sprintf("Secret %q %s", ref.Name, why),
			"keep the credential in a Secret of its own")
	}
}
