package envedit

import (
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/helm-runtime-auth/runtime-auth/schema/yamldoc"
)

// setFields changes the scalars of an entry that has the right shape. It reports
// whether it could.
func (w *writer) setFields(f fields, e *Edit) bool {
	if f.ref == nil {
		w.setText(f.value, *e.value)
		return true
	}
	if !w.setOptional(f, e.ref.Optional) {
		return false
	}
	w.setText(f.name, e.ref.Name)
	w.setText(f.key, e.ref.Key)
	return true
}

// setText writes new text over a scalar, in the scalar's own quotes if it has some.
func (w *writer) setText(n *yaml.Node, s string) {
	if old, ok := yamldoc.String(n); ok && old == s {
		return
	}
	switch {
	case n.Style&yaml.SingleQuotedStyle != 0 && isPrintable(s):
		w.replace(n, "'"+strings.ReplaceAll(s, "'", "''")+"'")
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		w.replace(n, yamldoc.Quote(s))
	default:
		w.replace(n, yamldoc.PlainOrQuoted(s))
	}
}

// isPrintable reports whether nothing in s needs an escape but the quotes.
func isPrintable(s string) bool {
	unquoted := strings.NewReplacer(`"`, "", `\`, "").Replace(s)
	return yamldoc.Quote(unquoted) == `"`+unquoted+`"`
}

// setOptional adds, changes or takes away a reference's optional. It reports
// whether it could.
func (w *writer) setOptional(f fields, want *bool) bool {
	switch {
	case want == nil && f.opt == nil:
	case want != nil && f.opt != nil:
		if f.opt.Value != boolean(*want).Value || f.opt.ShortTag() != "!!bool" {
			w.replace(f.opt, boolean(*want).Value)
		}
	case want == nil:
		key := w.start(f.optKey)
		if _, clean := w.indent(key); !clean {
			return false
		}
		w.lines(w.text.LineStart(key), w.text.LineEnd(w.end(f.opt)), nil, "")
	default:
		last := f.ref.Content[len(f.ref.Content)-2]
		indent, clean := w.indent(w.start(last))
		if !clean {
			return false
		}
		at := w.text.LineEnd(w.end(f.ref))
		w.lines(at, at, []string{indent + "optional: " + boolean(*want).Value}, w.eolAt(w.start(last)))
	}
	return true
}
