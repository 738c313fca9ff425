package schema

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/helm-runtime-auth/runtime-auth/schema/diag"
	"github.com/helm-runtime-auth/runtime-auth/schema/mask"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

const rulePlaceholder = "placeholder"

func placeholderRule() Rule {
	return Rule{
		ID: rulePlaceholder, Severity: diag.Error, Class: Content,
		Summary: "The credential is a placeholder that was never replaced.",
		Help:    "Argo CD refuses it. Put the real credential in its place, best into a Secret.",
	}
}

func (r *run) placeholder(c credential) bool {
	form := placeholderForm(c.text)
	if form == "" {
		return false
	}
	r.vouchPlaceholder(c.field.value)
	r.add(diag.Error, rulePlaceholder, c.field.value.Body, c.path,
		fmt.Sprintf("the %s is %s, not a real %s", c.name, form, c.name),
		fmt.Sprintf("store the real one in a Secret and reference it with %sSecretKeyRef", c.name))
	return true
}

// placeholderAt reports a placeholder in a field that is no credential.
func (r *run) placeholderAt(v *values.Value, path, what string) {
	shown := mask.Hidden
	if r.vouchPlaceholder(v) {
		shown = fmt.Sprintf("%q", v.Str())
	}
	r.add(diag.Error, rulePlaceholder, v.Body, path,
		fmt.Sprintf("%s is %s: %s", what, placeholderForm(v.Str()), shown),
		"replace it before Helm reads the values: Helm does not")
}

// vouchPlaceholder says that a placeholder may be shown, unless there is more in it than
// plain words and the marks around them: a default, or a command.
func (r *run) vouchPlaceholder(v *values.Value) bool {
	if inner := strings.Trim(v.Str(), " ${}()"); isVariable(v.Str()) && strings.ContainsAny(inner, " :=|'\"`") {
		return false
	}
	isMark := func(c rune) bool {
		return c != '.' && unicode.IsOneOf([]*unicode.RangeTable{unicode.P, unicode.S, unicode.Z}, c)
	}
	for word := range strings.FieldsFuncSeq(v.Str(), isMark) {
		if !mask.Plain(strings.Trim(word, ".")) {
			return false
		}
	}
	r.masks.vouch(v, v.Body)
	return true
}

// placeholderForm names the form of placeholder that s has, "" if it has none. The
// forms are those that documents, templates and shells use.
func placeholderForm(s string) string {
	s = strings.TrimSpace(s)
	switch {
	case enclosed(s, "<", ">"):
		return "a placeholder in angle brackets"
	case enclosed(s, "{{", "}}"):
		return "a template expression, which Helm does not evaluate in values"
	case isVariable(s), enclosed(s, "%", "%"), enclosed(s, "__", "__"):
		return "a variable that nothing has replaced"
	case len(s) >= 3 && strings.Trim(s, s[:1]) == "" && strings.ContainsAny(s[:1], "xX*.-_?#"):
		return "a filler"
	case enclosed(s, "[", "]") && isPlaceholderWord(fold(strings.Trim(s, "[]"))):
		return "what a credential was replaced by when it was printed"
	case s == "…" || isPlaceholderWord(fold(s)):
		return "a placeholder"
	}
	return ""
}

// enclosed reports whether s stands between the two marks with something in it.
func enclosed(s, open, shut string) bool {
	inner, ok := strings.CutPrefix(s, open)
	inner, ok2 := strings.CutSuffix(inner, shut)
	return ok && ok2 && inner != "" && !strings.ContainsAny(inner, "\n")
}

// isVariable reports whether s is all a variable or a template expression, which Helm
// replaces in no values: ${NAME}, $(NAME), $NAME or {{ NAME }}.
func isVariable(s string) bool {
	s = strings.TrimSpace(s)
	if name, ok := strings.CutPrefix(s, "$"); ok && len(name) >= 3 && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" {
		return true
	}
	return enclosed(s, "${", "}") || enclosed(s, "$(", ")") || enclosed(s, "{{", "}}")
}

// isPlaceholderWord looks at a text without its case, spaces, dashes and underscores.
func isPlaceholderWord(s string) bool {
	switch s {
	case "changeme", "changeit", "changethis", "replaceme", "replacethis", "fillme", "fillin", "fillmein", "todo", "tbd", "fixme",
		"placeholder", "redacted", "removed", "dummy", "insertme", "none", "null", "undefined":
		return true
	}
	for _, start := range []string{"your", "my", "the", "insert", "enter", "put", "paste", "replacewith", "replace", "addyour"} {
		rest, ok := strings.CutPrefix(s, start)
		rest = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(rest, "your"), "argocd"), "argo")
		rest = strings.TrimPrefix(rest, "api")
		for _, what := range []string{"token", "tokenhere", "tokenvalue", "password", "passwordhere", "passwordvalue", "secret", "secrethere", "apikey", "apikeyhere", "key", "keyhere"} {
			if ok && rest == what {
				return true
			}
		}
	}
	return false
}
